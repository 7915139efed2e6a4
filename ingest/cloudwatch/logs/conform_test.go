package logs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// The contract of every source, over two hold-backs with back-fill, a live
// stretch after it, and events that are late. What a source that is opened
// again knows of before is the journal, as far as its positions go.
func TestConformance(t *testing.T) {
	var journal []kizashi.Batch // of the first reading
	const max = 60
	source := func(t *testing.T) *world {
		w := newWorld(t, func(w *world) {
			w.cfg.Rules = []logs.Rule{{Prefix: "/b", HoldBack: minutes(10)}, {}}
			w.cfg.Journal = func(fn func(kizashi.Batch) error) error {
				for _, b := range journal {
					if err := fn(b); err != nil {
						return err
					}
				}
				return nil
			}
		})
		for i := range 240 {
			at := noon.Add(time.Duration(i-90)*30*time.Second + time.Second)
			for k, g := range []string{"/a", "/b/one", "/b/two"} {
				w.region.LogSeen(g, "s", at, fmt.Sprint(g, " ", i), at.Add(time.Duration(i*(k+3)%11)*time.Minute))
			}
		}
		return w
	}
	open := func(t *testing.T) ingest.Source {
		w := source(t)
		s, err := access.Open(t.Context(), w.acc, access.Options{Now: w.Now, Sleep: w.Sleep})
		if err != nil {
			t.Fatal(err)
		}
		w.cfg.Session = s
		src, err := logs.New(t.Context(), w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		return src
	}
	first := source(t)
	first.cfg.Journal = nil
	first.open()
	late := 0
	for len(first.journal) < max {
		for _, l := range first.next().Lines {
			if l.Late {
				late++
			}
		}
	}
	journal = first.journal
	if late < 10 {
		t.Fatalf("%d late lines: the test shows little", late)
	}
	sourcetest.Run(t, open, max)
}
