package kizashi

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// AlertID names an alert for good: a hash of the series, the side and the
// sample that opened it. 16 hexadecimal digits.
func AlertID(series SeriesID, side Side, opened Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%016x %s %d", uint64(series), side, int64(opened)))
	return hex.EncodeToString(sum[:8])
}
