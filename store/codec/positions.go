package codec

import (
	"fmt"
	"sort"

	"github.com/kizashi-ops/kizashi"
)

// positionLeast is the least bytes that a partition and its position take.
const positionLeast = partitionLeast + 1

// AppendPositions adds the encoding of the last position of each partition to
// dst, sorted, so that equal positions are equal bytes.
func AppendPositions(dst []byte, positions map[kizashi.Partition]uint64) []byte {
	parts := make([]kizashi.Partition, 0, len(positions))
	for p := range positions {
		parts = append(parts, p)
	}
	keys := make(map[kizashi.Partition]string, len(parts))
	for _, p := range parts {
		w := writer{}
		w.partition(p)
		keys[p] = string(w.b)
	}
	sort.Slice(parts, func(i, j int) bool { return keys[parts[i]] < keys[parts[j]] })
	w := writer{b: append(dst, Version)}
	w.count(len(parts))
	for _, p := range parts {
		w.b = append(w.b, keys[p]...)
		w.uint(positions[p])
	}
	return w.b
}

// DecodePositions reads what AppendPositions wrote, and nothing else.
func DecodePositions(p []byte) (map[kizashi.Partition]uint64, error) {
	r := reader{b: p}
	r.version()
	n := r.count(positionLeast)
	out := make(map[kizashi.Partition]uint64, n)
	for i := 0; i < n && r.err == nil; i++ {
		part := r.partition()
		out[part] = r.uint()
	}
	if r.err == nil && r.at != len(r.b) {
		r.fail("%d bytes behind the last position", len(r.b)-r.at)
	}
	if r.err == nil && len(out) != n {
		r.fail("a partition is named twice")
	}
	if r.err != nil {
		return nil, fmt.Errorf("decode positions: %w", r.err)
	}
	return out, nil
}
