package kizashi

// Ground is what an evidence vote rests on, frozen when it stood: enough to
// compute its statistic and its limit again. Which fields a model uses, and by
// which formulas, is told in docs/method.md under its name.
type Ground struct {
	Model string   `json:"model"`
	Side  Side     `json:"side"`
	Stat  float64  `json:"stat"`  // as voted, in Unit
	Limit float64  `json:"limit"` //
	Unit  string   `json:"unit"`
	From  Time     `json:"from"` // the samples that Stat was taken from: From <= At < To
	To    Time     `json:"to"`
	Parts []Part   `json:"parts,omitempty"` // what Stat adds up from, oldest first
	Usual Num      `json:"usual"`           // where Stat is a distance from what is usual: that
	Scale Num      `json:"scale"`           // and the scale in which it is measured
	Past  *Past    `json:"past,omitempty"`  // where Stat or Limit counts what happened before
	Tail  *Tail    `json:"tail,omitempty"`  // where the limit is calibrated: Limit is its theta
	R     Duration `json:"r,omitempty"`     // and the target
	Share float64  `json:"share,omitempty"` // of it, where no tail says

	Ahead *Forecast `json:"ahead,omitempty"` // of a forecast: when it comes to its limit
}

// Forecast is a line through the parts' means, carried on to a limit.
type Forecast struct {
	At     Time     `json:"at"` // when it was made: of samples before
	Limit  float64  `json:"limit"`
	Within Duration `json:"within"` // of Settings
	Lead   Duration `json:"lead,omitempty"`
	Slope  float64  `json:"slope"` // the line's, in the series' unit a day
	Level  float64  `json:"level"` // and where it is at At; of a daily season the hours that come to the limit first
	Spread float64  `json:"spread"`
	R      float64  `json:"r"`     // how much of one point's distance from the line is in the next one's
	Date   Time     `json:"date"`  // when the line comes to the limit
	Early  Time     `json:"early"` // of an interval of 80 %
	Late   Time     `json:"late"`  //
	Act    Time     `json:"act"`   // the last day on which the remedy is in time: Early less Lead
	Trust  float64  `json:"trust"` // the slope in standard errors
}

// Part is one of the parts of a statistic.
type Part struct {
	From  Time    `json:"from"` // samples with From <= At < To
	To    Time    `json:"to"`
	Count int     `json:"count"`
	Sum   float64 `json:"sum"`
	Text  string  `json:"text,omitempty"` // a name, where parts have one
}

// Past is a reference set: what has happened over [From, To).
type Past struct {
	From  Time `json:"from"`
	To    Time `json:"to"`
	Count int  `json:"count"` // how often what is asked for happened
	Of    int  `json:"of"`    // of so many
	Low   Num  `json:"low"`   // the least and the most of it, where that is asked for
	High  Num  `json:"high"`
}
