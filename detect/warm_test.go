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

// A detector that the state does not know learns from the stored samples: its votes
// are those of one that was there all along. One that the table has no more is
// passed over.
func TestAddedModelWarmsUp(t *testing.T) {
	before := func(name string) (rows []detect.Row) {
		for _, r := range models.All() {
			if r.Name != name {
				rows = append(rows, r)
			}
		}
		return rows
	}
	for _, name := range []string{"level", "drift", "variance", "context", "extreme"} {
		t.Run(name, func(t *testing.T) {
			run := func(rows []detect.Row, loaded []detect.Row) (string, *detect.Judged) {
				l := &loop{t: t, meta: metaOf("p99")}
				past := func(_ kizashi.SeriesID, upTo kizashi.Time) (out []kizashi.Sample, err error) {
					for _, s := range l.stored {
						if s.At <= upTo {
							out = append(out, s)
						}
					}
					return out, nil
				}
				var err error
				if l.e, err = detect.NewEngine(detect.Config{}, rows, 1, past); err != nil {
					t.Fatal(err)
				}
				if err := l.e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
					t.Fatal(err)
				}
				l.judge(l.samples(0, 300)...)
				raw := []byte(l.state())
				if l.e, err = detect.NewEngine(detect.Config{}, loaded, 1, past); err != nil {
					t.Fatal(err)
				}
				if rest, err := l.e.Decode(bytes.Clone(raw)); err != nil || len(rest) > 0 {
					t.Fatalf("%d bytes left, %v", len(rest), err)
				}
				a := l.e.Ask(l.meta.Series, hours(302))
				l.judge(l.samples(300, 302)...)
				var said strings.Builder
				for _, v := range a.Moment.Verdict.Votes {
					if v.Model == name {
						fmt.Fprintln(&said, v.Side, v.Stat)
					}
				}
				return said.String(), &l.out
			}
			want, _ := run(models.All(), models.All())
			got, out := run(before(name), models.All())
			if want == "" || got != want {
				t.Errorf("warmed up it says\n%swant\n%s", got, want)
			}
			if len(out.Checkpoints) > 0 {
				t.Errorf("%d checkpoints of a baseline that is nobody's", len(out.Checkpoints))
			}
			if got, _ := run(models.All(), before(name)); got != "" {
				t.Errorf("it is gone, and says %s", got)
			}
		})
	}
}
