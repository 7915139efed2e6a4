package kizashi

// AlertState is where an alert stands in its life.
type AlertState string

const (
	Pending  AlertState = "pending"
	Firing   AlertState = "firing"
	Resolved AlertState = "resolved"
)

// Alert is one episode of one series.
type Alert struct {
	ID       string     `json:"id"` // AlertID of series, side and opening sample; kept by a re-open
	Series   SeriesID   `json:"series"`
	Tenant   string     `json:"tenant"`
	Group    string     `json:"group"`
	Labels   Labels     `json:"labels"`
	Side     Side       `json:"side"`
	Class    string     `json:"class"`
	State    AlertState `json:"state"`
	Opened   Time       `json:"opened"`   // At of the sample that opened it
	From     Time       `json:"from"`     // At of the first sample of the present stretch
	To       Time       `json:"to"`       // End of the last sample on which a vote stood
	Changed  Time       `json:"changed"`  // the tick of its last change of state
	Seq      int        `json:"seq"`      // changes of state so far; grows by one with each
	Reopened int        `json:"reopened"` // how often it came back within the gap
	Revised  bool       `json:"revised,omitempty"`
	Opening  Moment     `json:"opening"`
	Peak     Moment     `json:"peak"`
	Models   []string   `json:"models"` // whose votes stood, sorted
	Justify  string     `json:"justification"`
	Ended    Claim      `json:"ended,omitempty"` // why it was resolved
	Facts    []Evidence `json:"facts,omitempty"` // beside its justification: what became known later, and all of an alert about Kizashi itself
}

// Moment is a sample with what was said of it.
type Moment struct {
	At      Time    `json:"at"`
	Value   Num     `json:"value"` // None = a silence
	Verdict Verdict `json:"verdict"`
}

// Claim names a kind of fact. Each has a sentence in English and in Japanese
// in alert/explain; there is none without both.
type Claim string

const (
	// Why an alert stands.
	ClaimBand    Claim = "band"     // M of N samples beyond the hour's limit
	ClaimSpike   Claim = "spike"    // one sample beyond what follows from those just before
	ClaimStatic  Claim = "static"   // a limit that a person set
	ClaimRate    Claim = "rate"     // a change within a while that a person asked to be told of
	ClaimGuard   Claim = "guard"    // a hard limit
	ClaimSilence Claim = "silence"  // no sample for longer than the series' own rhythm allows
	ClaimNovelty Claim = "novelty"  // a course of levels never taken: on Count of Of days
	ClaimContext Claim = "context"  // levels that these hours never had: Value hours, on Count of Of days
	ClaimExtreme Claim = "extreme"  // far outside all it has shown: Value decades wider
	ClaimSibling Claim = "sibling"  // its last samples are unlike three quarters of the others of its kind
	ClaimLevel   Claim = "level"    // half an hour lies off its usual further than half hours do
	ClaimDrift   Claim = "drift"    // six hours do
	ClaimVary    Claim = "variance" // it fluctuates more, or less, than it usually does
	ClaimStuck   Claim = "stuck"    // one value for longer than the series is used to
	ClaimEarly   Claim = "early"    // before limits count: M of N samples lie Value ranges beyond all Of samples so far
	ClaimRoutine Claim = "routine"  // what comes at this time of the day has not

	// Of log lines: Value is the statistic in Unit, High its limit, Count lines over
	// [From, To), and Of how many patterns stand out at that moment.
	ClaimLogNew     Claim = "log_new"     // a pattern that was never written before
	ClaimLogRare    Claim = "log_rare"    // a pattern of few days is back after a week
	ClaimLogMany    Claim = "log_many"    // more new patterns within an hour than usual
	ClaimLogSurge   Claim = "log_surge"   // more lines than this hour of the week explains
	ClaimLogDrop    Claim = "log_drop"    // fewer lines
	ClaimLogAbsent  Claim = "log_absent"  // due by its own rhythm, and does not come
	ClaimLogShare   Claim = "log_share"   // more of a whole's lines are of one kind than usual
	ClaimLogRatio   Claim = "log_ratio"   // of two patterns that keep step one is short: Count lines
	ClaimLogDue     Claim = "log_due"     // a missing line was due by From, and is told Value seconds later at the latest, and the time until lines are read
	ClaimLogDay     Claim = "log_day"     // the day is of the kind Text: Count earlier ones are known, and Low to High lines an hour are usual, Value on other days
	ClaimLogRenamed Claim = "log_renamed" // the pattern with the first id of Text has the second one since From; its counts stay under the first
	ClaimLogMoved   Claim = "log_moved"   // what was counted under the first id of Text goes on under the second since From
	ClaimLogLoose   Claim = "log_loose"   // Count of Of lines of a log group are alone in their pattern, or in none: it does not cluster; Count 0 = it does again
	ClaimLogSaid    Claim = "log_said"    // what a person said of [From, To) changed Count hours, shares or waits that were learned
	ClaimLogValue   Claim = "log_value"   // a slot with few values has a new one

	ClaimInside Claim = "inside" // evidence votes only: the value lies inside its band

	ClaimForecast Claim = "forecast" // a trend will come to a limit: its statistic against 1, the dates are in the ground

	ClaimRevision Claim = "revision" // a value that its source corrected lies beyond the limit of its hour
	ClaimBlind    Claim = "blind"    // Kizashi itself cannot see an account: From, Text = what was answered
	ClaimUnseen   Claim = "unseen"   // what it cannot see for that: Text
	ClaimRegions  Claim = "regions"  // where, of a cause that concerns an account: Count regions, Text = their names

	// What Kizashi has to say of its own work.
	ClaimAway      Claim = "away"       // it saw nothing over [From, To): Count alerts opened and ended, Of others fire still; Text = the account, "" = all
	ClaimEpisode   Claim = "episode"    // one of them, over [From, To): Value in Unit at its peak, Text = its id and the series' name
	ClaimFirstLook Claim = "first_look" // the history over [From, To) is learned: Count series, Of alerts that it would have raised, Text = where the report is
	ClaimTooSlow   Claim = "too_slow"   // the detector Text took Value s a sample over Count of them, High is allowed: it is switched off since From
	ClaimSaid      Claim = "said"       // it was a note, and has stood long enough

	// What the limit rests on.
	ClaimWindow     Claim = "window"     // the learning window: From, To, Count used, Of expected
	ClaimMissing    Claim = "missing"    // Count samples that never came
	ClaimHeld       Claim = "held"       // Count samples held out over [From, To), Why
	ClaimSeason     Claim = "season"     // Text = the season chosen, Zone
	ClaimComparable Claim = "comparable" // Count moments: Low, Value = median, High
	ClaimRange      Claim = "range"      // the limit at this hour of the day, last 14 days: Low, High
	ClaimTarget     Claim = "target"     // R asked for; Low, High = interval of what it will be, in seconds
	ClaimShared     Claim = "shared"     // R is a part of the tenant's target: Value false notifications a week over Count series
	ClaimFired      Claim = "fired"      // Count crossings of this rule over the window
	ClaimNearby     Claim = "nearby"     // a static limit of Value: Count episodes over the window
	ClaimDetection  Claim = "detection"  // Low = shortest, High = longest time to detection, seconds
	ClaimTransform  Claim = "transform"  // Text = the scale on which residuals were taken
	ClaimAdapts     Claim = "adapts"     // the past loses half its weight in Value s, as the settings have it
	ClaimLattice    Claim = "lattice"    // counts: the limit is the next attainable value
	ClaimRegular    Claim = "regular"    // it goes up, or down, at this time of the day: on Count of Of days, from about From to To, Value = its jitter in s, Text = "workdays" where only those count
	ClaimBound      Claim = "bound"      // the limit was cut at a bound or a guard rail: Value

	// Reservations.
	ClaimExtrapolated Claim = "extrapolated" // the target reaches beyond the history
	ClaimUnsupported  Claim = "unsupported"  // R, High, is longer than the history supports: Value is the longest that it does, in seconds
	ClaimPrior        Claim = "prior"        // the tail rests on the prior: Count clusters of its own
	ClaimYoung        Claim = "young"        // the tail knows few days: the limit is set for Value times the target
	ClaimFewMoments   Claim = "few_moments"  // fewer comparable moments than the season wants
	ClaimInherited    Claim = "inherited"    // the baseline is a copy of that of Text, since From: Count observed hours of its own
	ClaimRevised      Claim = "revised"      // the value of From was corrected by its source later: Low = as seen, Value = as corrected

	// Why there is no judgement, and what happened to the baseline.
	ClaimWarming   Claim = "warming"    // Count of Of hours learned
	ClaimVolume    Claim = "volume"     // Value of Text happened over [From, To); Low is asked for at the least
	ClaimEffect    Claim = "effect"     // the value lies Value beyond the expected; Low is asked for at the least
	ClaimFirst     Claim = "first"      // the series is in its first week: the value lies outside Low to High, all that was seen before its hour
	ClaimLate      Claim = "late"       // no sample has come since the hours Text opened, at From; the first may be Value late
	ClaimDay       Claim = "day"        // the day is of the kind Text: Count earlier ones are known, and Low to High times what they were is usual
	ClaimGap       Claim = "gap"        // not enough samples for M of N
	ClaimExcluded  Claim = "excluded"   // a command excludes the stretch: Why
	ClaimExpected  Claim = "expected"   // [From, To) is expected to be Low to High times what is usual: Text = the reason
	ClaimConfirmed Claim = "confirmed"  // a person said that the alert of the stretch was right
	ClaimUnusable  Claim = "unusable"   // its magnitude is beyond what can be computed with (MaxValue)
	ClaimOff       Claim = "off"        // judged by no detector, by configuration
	ClaimMoved     Claim = "moved"      // baseline moved: Low = before, High = after
	ClaimRelearn   Claim = "relearned"  // a slot held on 3 days was learned again
	ClaimRecurs    Claim = "recurs"     // on Count days something was far beyond the limit of Text: it counts as usual from now on
	ClaimPattern   Claim = "pattern"    // a person decided of a pattern of log lines: Text = what, and its id
	ClaimNoPattern Claim = "no_pattern" // what a person decided of a pattern could not be done: Text = why
	ClaimForgot    Claim = "forgot"     // what did not come since From is not expected any more
	ClaimRebuilt   Claim = "rebuilt"    // learned again from Count stored samples over [From, To], as the state on disk was an older program's, or, Text = lost, could not be read
	ClaimChosen    Claim = "chosen"     // a season was chosen: Text
	ClaimReturned  Claim = "returned"   // a series that had ended delivers again, or is expected to: From
	ClaimInformed  Claim = "informed"   // Count hour averages over [From, To): Text = taken, short, unlike

	// Why an alert ended.
	ClaimTerminated  Claim = "terminated"  // the Ending of its series: from From on no sample is expected
	ClaimStopped     Claim = "stopped"     //
	ClaimDisappeared Claim = "disappeared" //
	ClaimLeftOut     Claim = "left out"    //
	ClaimMerged      Claim = "merged"      // its pattern of log lines is part of another one by now
	ClaimUnread      Claim = "unread"      // a log group cannot be read: no line is no zero
	ClaimCorrected   Claim = "corrected"   // no value of it crosses its limit as corrected by the source
	ClaimStateLost   Claim = "state lost"  // what Kizashi knew of it could not be read after a restart
	ClaimBack        Claim = "back"        // Count samples without a vote
	ClaimSight       Claim = "sight"       // Kizashi can see the account again
	ClaimOther       Claim = "other"       // Kizashi cannot see it still, but for another cause
	ClaimClosed      Claim = "closed"      // what could not be seen is not watched any more
)

// Evidence is a fact, not a sentence. Which fields it uses follows from its
// Claim; all values are in Unit, or in the series' unit where Unit is "".
type Evidence struct {
	Claim Claim  `json:"claim"`
	Value Num    `json:"value"`
	Low   Num    `json:"low"`
	High  Num    `json:"high"`
	Count int    `json:"count,omitempty"`
	Of    int    `json:"of,omitempty"`
	From  Time   `json:"from,omitempty"`
	To    Time   `json:"to,omitempty"`
	Unit  string `json:"unit,omitempty"`
	Text  string `json:"text,omitempty"` // a name or a claim, never a sentence; free text only where a person wrote it
}

// Scored is a sample with the slot of the record that it was scored by.
type Scored struct {
	At     Time    `json:"at"`
	Value  float64 `json:"value"`
	Center float64 `json:"center"` // transformed scale
	Scale  float64 `json:"scale"`
	Score  float64 `json:"score"` // (T(value) - center) / scale
}

// Stretch is a span of time with a reason.
type Stretch struct {
	From  Time   `json:"from"`
	To    Time   `json:"to"`
	Count int    `json:"count"` // samples in it
	Why   Claim  `json:"why"`
	Text  string `json:"text,omitempty"` // the reason a person gave
}

// Expectation says that over a stretch a series is expected to do Low to High
// times what is usual; it is judged by a band about all of that.
type Expectation struct {
	From Time    `json:"from"`
	To   Time    `json:"to"` // exclusive
	Low  float64 `json:"low"`
	High float64 `json:"high"`
	Text string  `json:"text,omitempty"` // the reason a person gave
}

// Comparable is a moment like the one judged: the same slot of another day.
type Comparable struct {
	From   Time `json:"from"`
	To     Time `json:"to"`
	Count  int  `json:"count"` // samples
	Low    Num  `json:"low"`
	Median Num  `json:"median"`
	High   Num  `json:"high"`
	Held   bool `json:"held,omitempty"` // held out of learning, not counted in the summary
}

// Nearby is what a static limit would have done over the window.
type Nearby struct {
	Limit    float64 `json:"limit"`
	Samples  int     `json:"samples"`  // beyond it
	Episodes int     `json:"episodes"` // by the same M of N, merged over 1 h
}

// Window is what the limit was learned from.
type Window struct {
	From     Time      `json:"from"`
	To       Time      `json:"to"`
	Samples  int       `json:"samples"`  // that came
	Expected int       `json:"expected"` // that the period makes one expect
	Missing  int       `json:"missing"`
	Held     []Stretch `json:"held"` // newest last
	HeldOut  int       `json:"held_out"`
}

// JustificationFormat says by which method an alert was judged. 1 is that of the
// first whole program, whose limits docs/method.md no longer describes.
const JustificationFormat = 2

// Justification is the data from which an alert's threshold can be stated
// and computed again. It is stored once, under its hash, and frozen when the
// alert opens.
type Justification struct {
	Format     int          `json:"format"` // JustificationFormat
	Alert      string       `json:"alert"`
	Meta       Meta         `json:"meta"`
	Settings   Settings     `json:"settings"`
	Config     string       `json:"config"` // hash of the configuration they were resolved from
	Opening    Moment       `json:"opening"`
	Expect     *Expectation `json:"expect,omitempty"`  // by which the opening sample was judged
	Volume     *Counted     `json:"volume,omitempty"`  // how much there was, where the settings ask for so much
	Days       []string     `json:"days,omitempty"`    // by a calendar, the kinds of its day and of the 14 before; "" = ordinary
	Record     *Record      `json:"record,omitempty"`  // of the opening sample's hour; none for a silence before the first record
	Recent     []Scored     `json:"recent"`            // the samples that the band's statistic was taken from, oldest first
	Run        *Run         `json:"run,omitempty"`     // the spike's moving expectation
	Rhythm     *Rhythm      `json:"rhythm,omitempty"`  // the silence's yardstick
	Grounds    []Ground     `json:"grounds,omitempty"` // what the evidence votes rest on
	Log        *LogFacts    `json:"log,omitempty"`     // of an alert about log lines: what it counts
	Routine    *Routine     `json:"routine,omitempty"` // what comes at this time of the day, day after day
	Own        []Own        `json:"own,omitempty"`     // detectors that are not Kizashi's, of those that stood
	Window     Window       `json:"window"`
	Comparable []Comparable `json:"comparable"` // oldest first
	LimitLow   Num          `json:"limit_low"`  // the crossed limit at this hour of the day over the last 14 days
	LimitHigh  Num          `json:"limit_high"`
	Fired      int          `json:"fired"`    // episodes of this series, this side, over the window, before this one
	Nearby     []Nearby     `json:"nearby"`   //
	Shortest   Duration     `json:"shortest"` // time to detection, settling delay included
	Longest    Duration     `json:"longest"`
	Evidence   []Evidence   `json:"evidence"` // in the order in which it is told
}

// Run is an exponentially weighted mean that follows the samples, and what it
// started from: Start is its value before the first of Values.
type Run struct {
	Alpha  float64   `json:"alpha"`
	Start  float64   `json:"start"` // transformed scale
	Times  []Time    `json:"times"`
	Values []float64 `json:"values"` // in the series' unit; the last one is the sample judged
	Center float64   `json:"center"` // its value before the sample judged, transformed scale

	Centers  []float64 `json:"centers,omitempty"` // nearest of each value but the last, transformed scale
	OffStart float64   `json:"off_start"`         // the mean of how far off them the values lay, likewise from
	Off      float64   `json:"off"`               // to before the sample judged
}

// Rhythm is how regularly a series' samples come.
type Rhythm struct {
	Last   Time     `json:"last"`            // At of the last sample
	Gap    Duration `json:"gap"`             // running median of gaps
	Usual  Duration `json:"usual"`           // the longest usual gap
	Limit  Duration `json:"limit"`           // silent for longer than this is said
	Since  Time     `json:"since"`           // from when the gaps were counted
	Count  int64    `json:"count"`           // gaps counted
	Absent Duration `json:"absent"`          // how long it had been silent when it was said
	Opened Time     `json:"opened,omitzero"` // by a schedule: since when samples are expected, none having come since before; Limit is how late the first may be
}
