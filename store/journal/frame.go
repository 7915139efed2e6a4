package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/codec"
)

// frameVersion is the layout of every record. The checksum stands at the same
// place in every later one.
const frameVersion = 1

// headerSize is what stands before a record's payload: CRC-32C of all that
// follows it (4), version (1), kind (1), part and number of parts (2 each),
// sequence number (8). All numbers are little endian.
const headerSize = 18

// The kinds of records.
const (
	kindBatch = 1 // payload: a batch, or a part of one
	kindHead  = 2 // payload: positions; begins every segment and takes no number
	kindGap   = 3 // payload: what is known of numbers that are lost
)

// maxRecord bounds one record, so that reading one takes little memory;
// maxBatch bounds what is split over several.
const (
	maxRecord = 16 << 20
	maxBatch  = 256 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is a record as read back.
type frame struct {
	kind        byte
	part, parts uint16
	seq         uint64
	payload     []byte
}

// seal fills in the header that stands at the front of rec.
func seal(rec []byte, kind byte, part, parts uint16, seq uint64) {
	rec[4] = frameVersion
	rec[5] = kind
	binary.LittleEndian.PutUint16(rec[6:], part)
	binary.LittleEndian.PutUint16(rec[8:], parts)
	binary.LittleEndian.PutUint64(rec[10:], seq)
	binary.LittleEndian.PutUint32(rec, crc32.Checksum(rec[4:], castagnoli))
}

// errDamaged says that a record's bytes are not those that were written.
var errDamaged = errors.New("the record is damaged")

// unseal checks a record. The error is errDamaged, or codec.ErrNewer where
// the bytes are sound but of a later program. The payload is a part of rec.
func unseal(rec []byte) (frame, error) {
	if len(rec) <= headerSize || binary.LittleEndian.Uint32(rec) != crc32.Checksum(rec[4:], castagnoli) {
		return frame{}, errDamaged
	}
	if rec[4] > frameVersion {
		return frame{}, fmt.Errorf("journal record of version %d: %w", rec[4], codec.ErrNewer)
	}
	f := frame{
		kind: rec[5], part: binary.LittleEndian.Uint16(rec[6:]), parts: binary.LittleEndian.Uint16(rec[8:]),
		seq: binary.LittleEndian.Uint64(rec[10:]), payload: rec[headerSize:],
	}
	if f.kind < kindBatch || f.kind > kindGap || f.parts == 0 || f.part >= f.parts {
		return frame{}, errDamaged
	}
	return f, nil
}

// batchRecords encodes a batch as records whose headers are still to be
// sealed: one, or several where it is longer than limit.
func batchRecords(b *kizashi.Batch, limit int) ([][]byte, error) {
	rec, err := codec.Append(make([]byte, headerSize, headerSize+64+12*len(b.Samples)), b)
	if err != nil {
		return nil, err
	}
	body := rec[headerSize:]
	if len(body) > maxBatch {
		return nil, fmt.Errorf("batch %s pos %d takes %d bytes, more than %d: send it in parts", b.Partition, b.Pos, len(body), maxBatch)
	}
	room := limit - headerSize
	if len(body) <= room {
		return [][]byte{rec}, nil
	}
	var out [][]byte
	for len(body) > 0 {
		n := min(room, len(body))
		part := make([]byte, headerSize, headerSize+n)
		out = append(out, append(part, body[:n]...))
		body = body[n:]
	}
	return out, nil
}

// headRecord is the record at the front of a segment.
func headRecord(seq uint64, positions map[kizashi.Partition]uint64) []byte {
	rec := codec.AppendPositions(make([]byte, headerSize), positions)
	seal(rec, kindHead, 0, 1, seq)
	return rec
}

// gapRecord stands in a repaired segment for the records [from, to).
func gapRecord(from, to uint64) []byte {
	rec := binary.AppendUvarint(make([]byte, headerSize), to)
	seal(rec, kindGap, 0, 1, from)
	return rec
}

// gapEnd reads the payload of a gap.
func gapEnd(f frame) (uint64, error) {
	to, n := binary.Uvarint(f.payload)
	if n != len(f.payload) || to < f.seq {
		return 0, errDamaged
	}
	return to, nil
}
