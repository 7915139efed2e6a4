package models

import "encoding/binary"

func appendUint64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }

func uint64At(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }
