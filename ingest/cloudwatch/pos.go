package cloudwatch

import (
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/position"
)

type cursor = position.Cursor

// floorTo is the start of the period that t lies in, on the grid of days.
func floorTo(t time.Time, period time.Duration) time.Time {
	return kizashi.TimeOf(t).Floor(period).UTC()
}
