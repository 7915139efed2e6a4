package detect_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// added is a loop over a table that gets a detector later: the series has known a
// level that lasted and went, of which no sample is stored any more.
func added(t *testing.T, name string) *loop {
	t.Helper()
	l := &loop{t: t, meta: metaOf("p99")}
	without := func() (rows []detect.Row) {
		for _, r := range models.All() {
			if r.Name != name {
				rows = append(rows, r)
			}
		}
		return rows
	}
	l.onTable(t, without())
	if err := l.e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
		t.Fatal(err)
	}
	l.judge(l.samples(0, 60)...)
	high := l.samples(60, 80)
	for i := range high {
		high[i].Value += 400
	}
	l.judge(high...)
	l.judge(l.samples(80, 130)...)
	l.stored = nil
	l.judge(l.samples(130, 460)...)
	return l
}

// onTable goes on with another table, by what the state says.
func (l *loop) onTable(t *testing.T, rows []detect.Row) {
	t.Helper()
	var raw string
	if l.e != nil {
		raw = l.state()
	}
	e, err := detect.NewEngine(detect.Config{}, rows, 1, func(_ kizashi.SeriesID, upTo kizashi.Time) (out []kizashi.Sample, err error) {
		for _, s := range l.stored {
			if s.At <= upTo {
				out = append(out, s)
			}
		}
		return out, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if l.e = e; raw == "" {
		return
	}
	if rest, err := e.Decode(bytes.Clone([]byte(raw))); err != nil || len(rest) > 0 {
		t.Fatalf("%d bytes left, %v", len(rest), err)
	}
}

// says is what a detector says in the next two hours.
func (l *loop) says(name string) string {
	a := l.e.Ask(l.meta.Series, hours(462))
	l.judge(l.samples(460, 462)...)
	var said strings.Builder
	for _, v := range a.Moment.Verdict.Votes {
		if v.Model == name {
			fmt.Fprintln(&said, v.Side, v.Limit > 0)
		}
	}
	return said.String()
}

// What a detector learned from stored samples it keeps, though the baseline has
// turned more often than they show.
func TestAddedModelKeepsWhatItLearned(t *testing.T) {
	for _, name := range []string{"level", "drift", "variance", "context", "extreme"} {
		l := added(t, name)
		l.onTable(t, models.All())
		if said := l.says(name); !strings.Contains(said, "true") {
			t.Errorf("%s: two hours later it says %q", name, said)
		}
	}
}

// A snapshot that is taken before the first sample after a start still knows that
// the detector has not learned yet.
func TestColdModelStaysColdInASnapshot(t *testing.T) {
	l := added(t, "context")
	l.onTable(t, models.All())
	l.onTable(t, models.All())
	if said := l.says("context"); !strings.Contains(said, "true") {
		t.Errorf("two hours later it says %q", said)
	}
}
