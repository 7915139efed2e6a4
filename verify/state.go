package verify

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// state is what a checkpoint holds of a series (docs/method.md, section 7).
// The 32-bit numbers are those that are kept so.
type state struct {
	Hours    int          `json:"hours"`
	Samples  int64        `json:"samples"`
	M        int          `json:"m"`
	N        int          `json:"n"`
	Period   int64        `json:"period"` // ns
	Gaps     [9]int64     `json:"gaps"`   // ns
	GapAt    int          `json:"gap_at"`
	LastAt   kizashi.Time `json:"last_at"`
	First    kizashi.Time `json:"first"`
	Since    kizashi.Time `json:"since"`
	Restarts int          `json:"restarts"`
	Log      bool         `json:"log"`
	Lattice  bool         `json:"lattice"`
	Season   int          `json:"season"`

	Level     [3]float64   `json:"level"`
	Day       [96]float32  `json:"day"`
	DayN      [96]int      `json:"day_n"`
	Week      [168]float32 `json:"week"`
	WeekN     [168]int     `json:"week_n"`
	Error     [3]float64   `json:"error"`
	ErrorN    float64      `json:"error_n"`
	Error2    [3]float64   `json:"error2"`
	Error2N   float64      `json:"error2_n"`
	PairHours [3]int       `json:"pair_hours"`

	Abs      [96]float32 `json:"abs"`
	AbsN     [96]float64 `json:"abs_n"`
	Ratio    [7]float32  `json:"ratio"`
	RatioN   [7]float64  `json:"ratio_n"`
	AllAbs   float64     `json:"all_abs"`
	AllN     float64     `json:"all_n"`
	SpikeAbs float64     `json:"spike_abs"`
	SpikeN   float64     `json:"spike_n"`
	Tails    [4]excess   `json:"tails"`

	Again    [4]float32 `json:"again"`
	AgainDay [4]int     `json:"again_day"`
	Recurs   [4]bool    `json:"recurs"`

	Streak    int              `json:"streak"`
	StreakSum float64          `json:"streak_sum"`
	StreakN   float64          `json:"streak_n"`
	HeldDays  [96]int          `json:"held_days"`
	HeldLast  [96]int          `json:"held_last"`
	RunMean   float64          `json:"run_mean"`
	RunOff    float64          `json:"run_off"`
	RunN      int              `json:"run_n"`
	RunHeld   int              `json:"run_held"`
	RunAt     kizashi.Time     `json:"run_at"`
	RunFrom   kizashi.Time     `json:"run_from"`
	Recent    []kizashi.Scored `json:"recent"`
	Informed  kizashi.Informed `json:"informed"`
	Seen      *kizashi.Seen    `json:"seen"`

	Inherited *kizashi.Inherited  `json:"inherited"` // whose copy it began as
	Special   map[string]*special `json:"special"`   // days that are not like the others of their week
}

// The tails in the order in which a checkpoint has them.
const (
	bandUp = iota
	bandDown
	spikeUp
	spikeDown
)

// The seasons as a checkpoint numbers them.
const (
	noSeason = iota
	daily
	weekly
)

func seasonName(k int) kizashi.Season {
	return [...]kizashi.Season{kizashi.NoSeason, kizashi.Daily24, kizashi.Weekly}[k]
}

// decode reads a checkpoint's state, after its hash was checked.
func decode(cp *kizashi.Checkpoint) (*state, error) {
	s := &state{}
	if err := json.Unmarshal(cp.State, s); err != nil {
		return nil, fmt.Errorf("checkpoint at %s: %w", cp.At, err)
	}
	if s.Season < noSeason || s.Season > weekly {
		return nil, fmt.Errorf("checkpoint at %s: season %d is unknown", cp.At, s.Season)
	}
	return s, nil
}

// own leaves out what came in a beginning's hour before its first sample: what
// is learned anew may begin within an hour. The levels start at the first value.
func (s *state) own(samples []kizashi.Sample) []kizashi.Sample {
	if s.Hours > 0 || s.Samples > 0 || len(samples) == 0 {
		return samples
	}
	end := samples[0].At.Floor(time.Hour) + hour
	for i := 0; i < len(samples) && samples[i].At < end; i++ {
		if samples[i].Value == s.Level[noSeason] {
			return samples[i:]
		}
	}
	return samples
}

func (s *state) transform() kizashi.Transform {
	if s.Log {
		return kizashi.Log1p
	}
	return kizashi.Identity
}
