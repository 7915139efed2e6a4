// Package saturated is a detector of one's own: it finds a series that is pinned
// at its ceiling, as a pool, a queue or a link that is full. Its values are usual
// ones, so no band has a word to say; what is unusual is how long they stay there.
package saturated

import (
	"encoding/binary"
	"errors"
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

const (
	warmUp = 2 * 24 * time.Hour // before the first vote: two days show the busy hours
	least  = 30                 // samples: the shortest run at the ceiling that is told
	over   = 2                  // times the longest usual run
	within = 0.001              // of the ceiling counts as at it
	left   = 3                  // how often the series must have come off its ceiling: else it is a constant
)

// Row is the detector's place in the table.
func Row() detect.Row {
	return detect.Row{
		Name: "example-saturated", Kind: kizashi.EvidenceVote, Model: model{}, Outside: true,
		About:  "a series that stays at the highest value it ever had",
		Source: "ours",
		Long: "Counts the samples in a row within 0.1 % of the highest value so far. Stands when they are more than twice the longest usual run, and than 30. " +
			"No opinion in the first 2 days, nor of a series that has come off its ceiling fewer than 3 times.",
		Params: []detect.Param{
			{Name: "least", Value: "30 samples", About: "the shortest run that is told"},
			{Name: "over usual", Value: "2 times", About: "the longest usual run"},
		},
		Words: kizashi.Words{
			English:  "It has been at {value}, the highest value it ever had, for {stat} in a row; up to {limit} are usual.",
			Japanese: "過去最大値に張り付き({value}が連続{stat}、普段は{limit}以内)。",
		},
	}
}

type model struct{}

// New returns a state that has seen no sample.
func (model) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &state{First: kizashi.Never, High: math.Inf(-1)}
}

// state has a fixed size, so it is written as it stands.
type state struct {
	First   kizashi.Time
	High    float64 // the ceiling: the highest value so far
	Run     int32   // samples in a row at it
	Longest int32   // the longest usual run
	Left    int32   // how often a run ended
}

// run is how many samples in a row are at the ceiling, with this one.
func (s *state) run(v float64) int32 {
	if v > s.High || s.High-v > within*math.Abs(s.High) {
		return 0 // a new ceiling is none yet
	}
	return min(s.Run+1, math.MaxInt32/over)
}

func (s *state) limit() int32 { return max(least, over*s.Longest) }

// Judge counts the run.
func (s *state) Judge(c *detect.Case, v *kizashi.Vote) bool {
	if s.First == kizashi.Never || c.Sample.At.Sub(s.First) < warmUp || s.Left < left || !c.Learns() {
		return false
	}
	v.Side, v.Stat, v.Limit, v.Unit = kizashi.Up, float64(s.run(c.Sample.Value)), float64(s.limit()), "samples"
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	v.Crossed = v.Stat > v.Limit
	return true
}

// Learn takes the sample in. A run that was told is no habit.
func (s *state) Learn(c *detect.Case, _ bool) {
	if !c.Learns() {
		return
	}
	if s.First == kizashi.Never {
		s.First = c.Sample.At
	}
	run := s.run(c.Sample.Value)
	if run == 0 && s.Run > 0 {
		s.Left = min(s.Left+1, left)
		if s.Run <= s.limit() {
			s.Longest = max(s.Longest, s.Run)
		}
	}
	s.Run, s.High = run, max(s.High, c.Sample.Value)
}

// Explain adds nothing: a detector of one's own is told by its words.
func (s *state) Explain(*detect.Case) []kizashi.Evidence { return nil }

// AppendBinary appends the state.
func (s *state) AppendBinary(b []byte) []byte {
	b, err := binary.Append(b, binary.LittleEndian, s)
	if err != nil { // a struct of fixed size cannot fail
		panic(err)
	}
	return b
}

// Decode reads what AppendBinary wrote.
func (s *state) Decode(b []byte) ([]byte, error) {
	n, err := binary.Decode(b, binary.LittleEndian, s)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(s.High) || s.Run < 0 || s.Longest < 0 || s.Longest > math.MaxInt32/over {
		return nil, errors.New("state holds an impossible number")
	}
	return b[n:], nil
}
