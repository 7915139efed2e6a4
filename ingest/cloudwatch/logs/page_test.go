package logs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/kizashi-ops/kizashi"
)

// Pages need not be in order: what is late is known when lines are delivered,
// not by what the page had before them.
func TestPagesOutOfOrder(t *testing.T) {
	s := &Source{cfg: Config{Mask: func(dst, text []byte) []byte { return append(dst, text...) }}, groups: map[kizashi.SeriesID]*group{}, mine: map[kizashi.Partition]bool{}}
	g := &group{id: 1, rule: &Rule{}, latest: kizashi.Never}
	p := &part{cursor: cursor{Self: kizashi.Partition{Kind: kizashi.Logs}}, until: 60_000, live: true}
	s.groups[g.id], g.part = g, p
	r := &round{part: p, to: 180_000}
	page := func(ats ...int64) {
		t.Helper()
		out := &cloudwatchlogs.FilterLogEventsOutput{}
		for _, at := range ats {
			out.Events = append(out.Events, types.FilteredLogEvent{Timestamp: &at, EventId: aws.String(fmt.Sprint(at)), Message: aws.String(fmt.Sprint(at / 1000))})
		}
		if _, err := s.take(r, &turn{g: g}, out); err != nil {
			t.Fatal(err)
		}
	}
	page(130_000, 70_000, 59_000)
	page(90_000, 140_000)
	s.deliver(r)
	page(150_000, 135_000, 145_000)
	s.cut(r, r.to, true)
	var got []string
	for _, b := range s.queue {
		for _, l := range b.Lines {
			text := l.Text
			if l.Late {
				text += " late"
			}
			got = append(got, text)
		}
	}
	if got, want := strings.Join(got, ", "), "59 late, 70, 90, 130, 140, 135 late, 145, 150"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
