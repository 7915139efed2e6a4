package baseline

import "github.com/kizashi-ops/kizashi"

// learned is the state in its documented form (docs/method.md, "state"): all
// of fixed size, so that it is written in binary as it stands, and named in
// JSON, so that a checkpoint can be read by whoever repeats the recursions.
// What has no name in JSON belongs to the hour in progress and is zero
// between hours.
type learned struct {
	Hour      kizashi.Time       `json:"-"`        // the hour in progress; Never before the first sample
	First     kizashi.Time       `json:"first"`    // the first hour
	Since     kizashi.Time       `json:"since"`    // last restart of scale and tails
	Restarts  int32              `json:"restarts"` //
	Log       bool               `json:"log"`      // the transform is log1p
	Lattice   bool               `json:"lattice"`  // all samples so far were whole numbers
	Season    int32              `json:"season"`   // 0 none, 1 daily, 2 weekly
	Hours     int64              `json:"hours"`    // observed so far
	Samples   int64              `json:"samples"`  // learned so far
	M         int32              `json:"m"`        // of the band's rule; 0 = not fixed yet
	N         int32              `json:"n"`
	Period    int64              `json:"period"` // running median gap, ns
	Gaps      [gapsKept]int64    `json:"gaps"`   // ns
	GapAt     int32              `json:"gap_at"`
	LastAt    kizashi.Time       `json:"last_at"`
	Level     [seasons]float64   `json:"level"`
	Day       [daySlots]float32  `json:"day"`
	DayN      [daySlots]uint8    `json:"day_n"`
	Week      [weekHours]float32 `json:"week"`
	WeekN     [weekHours]uint8   `json:"week_n"`
	Error     [seasons]float64   `json:"error"`    // decayed sums of |residual|, where daily could be compared
	ErrorN    float64            `json:"error_n"`  //
	Error2    [seasons]float64   `json:"error2"`   // the same where weekly could be compared too
	Error2N   float64            `json:"error2_n"` //
	PairHours [seasons]int32     `json:"pair_hours"`
	Abs       [daySlots]float32  `json:"abs"`     // mean |residual| by slot of the day
	AbsN      [daySlots]float32  `json:"abs_n"`   // samples in it
	Ratio     [7]float32         `json:"ratio"`   // of a weekday's |residual| to those; 0 = 1, Sunday first
	RatioN    [7]float32         `json:"ratio_n"` // hours in it
	AllAbs    float64            `json:"all_abs"`
	AllN      float64            `json:"all_n"`
	SpikeAbs  float64            `json:"spike_abs"` // mean |residual| of the moving mean
	SpikeN    float64            `json:"spike_n"`
	Tails     [tails]Tail        `json:"tails"`
	Again     [tails]float32     `json:"again"`     // decayed days on which a statistic was far
	AgainDay  [tails]int32       `json:"again_day"` // the last of them, since 1970 in UTC
	Recurs    [tails]bool        `json:"recurs"`    // what is far is taken into the tail
	Streak    int32              `json:"streak"`    // hours mostly held, + up, - down
	Moves     int32              `json:"-"`         // levels adopted so far
	StreakSum float64            `json:"streak_sum"`
	StreakN   float64            `json:"streak_n"`
	HeldDays  [daySlots]uint8    `json:"held_days"` // days running on which a slot was held
	HeldLast  [daySlots]uint16   `json:"held_last"` // the last such day, counted from 1970
	RunMean   float64            `json:"run_mean"`
	RunN      int32              `json:"run_n"`
	RunHeld   int32              `json:"run_held"`
	RunAt     kizashi.Time       `json:"run_at"`   // of the last sample it learned
	RunFrom   kizashi.Time       `json:"run_from"` // of the sample it started with
	Starts    [2]kizashi.Time    `json:"starts"`   // of the checkpoint before last and of the last
	Informed  informed           `json:"informed,omitzero"`
	Hashes    [2][32]byte        `json:"-"`
	Parts     [slots]part        `json:"-"`
	Excluded  int32              `json:"-"` // samples of the hour that a command excludes
	surprise
}

// part is a quarter of the hour in progress.
type part struct {
	Slot   int32 // of the day, in wall time
	Week   int32 // hour of the week, in wall time
	Center [seasons]float64
	Scale  float64
	// Of all samples that no command excludes.
	N         float64
	Sum       float64
	Err       [seasons]float64 // sums of |residual|
	Square    float64          // sum of the squared residuals of the season in force
	HeldUp    float64
	HeldDown  float64
	Expected  kizashi.Num
	SpikeN    float64
	SpikeAbs  float64
	LearnN    float64 // of those that were not held out
	LearnSum  float64
	LearnAbs  float64
	OtherN    float64 // of a special day: of those that were not held out
	OtherSum  float64
	Known     bool // daily has seen this slot before
	KnownWeek bool
}
