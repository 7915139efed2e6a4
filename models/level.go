package models

import (
	"encoding/binary"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// levelModel votes when the mean of the residual scores of a span lies further
// off than such means usually do: a shift too small for the band sample by
// sample, or, over a longer span, a slow drift.
type levelModel struct {
	name string
	span span
}

var (
	level = levelModel{"level", span{Blocks: 6, Least: 5 * time.Minute, Samples: 1}}
	drift = levelModel{"drift", span{Blocks: 12, Least: 30 * time.Minute, Samples: 1}}
)

// levelClip is how far one sample counts, in scales: a single outlier is the
// spike's.
const levelClip = 5

// New returns a state that has seen no sample.
func (m levelModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &levelState{levelModel: m, own: newSpanned()}
}

type levelState struct {
	levelModel
	own spanned
}

// Begin freezes limit and scale for the hour.
func (s *levelState) Begin(c *detect.Case) { s.own.begin(c, s.span, true) }

// Judge says how far the mean lies from 0, in terms of how far such means do.
func (s *levelState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	return s.own.judge(c, s.span, clip(c.View.Z, levelClip), v)
}

// Learn takes the score in.
func (s *levelState) Learn(c *detect.Case, _ bool) {
	s.own.learn(c, s.span, clip(c.View.Z, levelClip))
}

// Explain adds nothing: what the vote rests on is in its ground.
func (s *levelState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives the blocks and the scale. Usual is 0.
func (s *levelState) Ground(c *detect.Case) *kizashi.Ground {
	g := s.own.ground(c, s.span, clip(c.View.Z, levelClip))
	if g != nil {
		g.Model = s.name
	}
	return g
}

// AppendBinary appends the state.
func (s *levelState) AppendBinary(b []byte) []byte { return appendFixed(b, &s.own) }

// Decode reads what AppendBinary wrote.
func (s *levelState) Decode(b []byte) ([]byte, error) { return decodeFixed(b, &s.own) }

func appendFixed(b []byte, state any) []byte {
	b, err := binary.Append(b, binary.LittleEndian, state)
	if err != nil { // a fixed-size struct cannot fail
		panic(err)
	}
	return b
}

func decodeFixed(b []byte, state any) ([]byte, error) {
	n, err := binary.Decode(b, binary.LittleEndian, state)
	if err != nil {
		return nil, errShort
	}
	return b[n:], nil
}
