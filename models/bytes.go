package models

import (
	"encoding/binary"
	"errors"
)

var (
	errShort  = errors.New("state ends early")
	errNumber = errors.New("state holds an impossible number")
)

func appendUint64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

func uint64At(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// put appends a struct of fixed size.
func put(b []byte, v any) []byte {
	b, err := binary.Append(b, binary.LittleEndian, v)
	if err != nil { // a fixed-size struct cannot fail
		panic(err)
	}
	return b
}

// get reads what put wrote.
func get(b []byte, v any) ([]byte, error) {
	n, err := binary.Decode(b, binary.LittleEndian, v)
	if err != nil {
		return nil, errShort
	}
	return b[n:], nil
}
