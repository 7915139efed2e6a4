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
