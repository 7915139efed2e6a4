package detect

import (
	"encoding/binary"
	"errors"
	"math"
)

// What follows a moment of some rank closely is no new moment: it must rank a
// margin above all of the samples before it.
const (
	rankBlocks = 4
	rankBlock  = 25 // samples
	rankMargin = .4
)

// ranking remembers how the last samples ranked, block by block.
type ranking struct {
	loud [rankBlocks]float32 // the highest of each block
	at   uint8               // samples in the blocks, modulo all of them
}

// take ranks a moment: what it scored, or 0 where one of the last hundred
// samples, or nearly so many, scored as much.
func (r *ranking) take(score float64) float64 {
	loud := float64(max(r.loud[0], r.loud[1], r.loud[2], r.loud[3]))
	b := r.at / rankBlock
	if r.at%rankBlock == 0 {
		r.loud[b] = 0
	}
	r.loud[b] = max(r.loud[b], float32(score))
	if r.at++; r.at == rankBlocks*rankBlock {
		r.at = 0
	}
	if score > loud+rankMargin {
		return score
	}
	return 0
}

const rankSize = 4*rankBlocks + 1

func (r *ranking) appendBinary(b []byte) []byte {
	for _, f := range r.loud {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return append(b, r.at)
}

func (r *ranking) decode(b []byte) ([]byte, error) {
	if len(b) < rankSize {
		return nil, errors.New("state of the ranking ends early")
	}
	for i := range r.loud {
		r.loud[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	if r.at = b[rankSize-1]; r.at >= rankBlocks*rankBlock {
		return nil, errors.New("state of the ranking holds an impossible number")
	}
	return b[rankSize:], nil
}
