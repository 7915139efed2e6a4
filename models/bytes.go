package models

import (
	"errors"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/wire"
)

var errNumber = errors.New("state holds an impossible number")

func appendTimes(b []byte, ts ...kizashi.Time) []byte {
	for _, t := range ts {
		b = wire.U64(b, t)
	}
	return b
}

func readTimes(r *wire.Reader, ts ...*kizashi.Time) {
	for _, t := range ts {
		*t = kizashi.Time(r.I64())
	}
}

// ended is what was not read, where all was sane.
func ended(r *wire.Reader, sane bool) ([]byte, error) {
	if err := r.Err(); err != nil {
		return nil, err
	}
	if !sane {
		return nil, errNumber
	}
	return r.Left(), nil
}
