package pattern

import "errors"

// AppendBinary appends the state; it is the same bytes for the same state.
func (m *Miner) AppendBinary(b []byte) ([]byte, error) { return b, errors.ErrUnsupported }

// Decode replaces the state by one that AppendBinary wrote.
func (m *Miner) Decode(b []byte) error { return errors.ErrUnsupported }
