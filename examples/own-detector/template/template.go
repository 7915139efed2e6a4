// Package template is a detector to copy: the least that keeps the contract. It
// votes when a value is more than ten times the highest one so far. Rename it, and
// put what you look for into Judge and what you remember into state;
// docs/own-detectors.md says what each part has to do.
package template

import (
	"encoding/binary"
	"errors"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

const (
	ground = 1000 // samples before the first vote
	times  = 10   // the highest value so far
)

// Row is the detector's place in the table.
func Row() detect.Row {
	return detect.Row{
		Name: "example-template", Kind: kizashi.EvidenceVote, Model: model{}, Outside: true,
		About:  "a value many times higher than any before", // one line
		Source: "ours",                                      // a paper, a page, or ours
		Long:   "Stands when a value is more than ten times the highest so far. No opinion in the first 1000 samples.",
		Words: kizashi.Words{
			English:  "{value} is {stat} the highest value before it; {limit} are the most that passes.",
			Japanese: "{value}は過去最大値の{stat}(限度{limit})。",
		},
	}
}

type model struct{}

// New returns a state that has seen no sample.
func (model) New(*kizashi.Meta, *kizashi.Settings) detect.State { return &state{} }

// state is what is remembered of one series. Keep it small, and of a fixed size:
// there may be 100,000 of it.
type state struct {
	Count int32
	High  float64
}

// Judge looks at the sample and changes nothing. false = no opinion.
func (s *state) Judge(c *detect.Case, v *kizashi.Vote) bool {
	if s.Count < ground || !(s.High > 0) {
		return false
	}
	v.Side, v.Stat, v.Limit, v.Unit = kizashi.Up, c.Sample.Value/s.High, times, "times"
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	v.Crossed = v.Stat > v.Limit
	return v.Stat < math.MaxFloat64
}

// Learn takes the sample in, after it was judged. What would stand is not learned.
func (s *state) Learn(c *detect.Case, held bool) {
	if held || !c.Learns() || s.Count >= ground && c.Sample.Value > times*s.High {
		return
	}
	s.Count = min(s.Count+1, ground)
	s.High = max(s.High, c.Sample.Value)
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

// Decode reads what AppendBinary wrote, and refuses what it cannot have written.
func (s *state) Decode(b []byte) ([]byte, error) {
	n, err := binary.Decode(b, binary.LittleEndian, s)
	if err != nil {
		return nil, err
	}
	if s.Count < 0 || !(s.High >= 0) || s.High > kizashi.MaxValue {
		return nil, errors.New("state holds an impossible number")
	}
	return b[n:], nil
}
