package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// The story: two weeks of three instances are there when the service starts;
// then eight hours pass, or a day in `make soak`, with two incidents on one
// instance.
var (
	begin = time.Date(2026, 6, 15, 0, 0, 30, 0, time.UTC)
	step  = 10 * time.Minute
	steps = map[bool]int{false: 48, true: 160}[soak()]
)

const period = 5 * time.Minute

// value is the instance's CPU at a moment.
func value(instance int, at time.Time) float64 {
	if instance == 0 {
		for _, from := range []time.Duration{time.Hour, 5 * time.Hour} {
			if d := at.Sub(begin.Truncate(period).Add(from)); d >= 0 && d < 40*time.Minute {
				return 97
			}
		}
	}
	return 40 + 15*math.Sin(2*math.Pi*float64(at.Unix()%86400)/86400+float64(instance)) + 1.5*noise(uint64(at.Unix())<<8+uint64(instance))
}

// noise is Gaussian, and the same for the same n: neighbours are mixed well
// before they seed.
func noise(n uint64) float64 {
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return rand.New(rand.NewPCG(n, n^n>>31)).NormFloat64()
}

// world is all that lies outside the service.
type world struct {
	t        *testing.T
	dir      string
	clock    string
	now      atomic.Int64 // seconds of the epoch
	receiver *receiver
	env      []string // of the service, beside the clock
	lanes    []string // the sinks that take every alert on its own, as the outbox names them
	threaded []string // lanes that tell alerts together
	config   string
	kills    int
	stops    []time.Duration // what each SIGTERM took
	over     map[string]bool // alerts that every lane was told the end of: they need not be asked for again
	notes    []string        // ids of the notes that the last dump left out
}

// only leaves one sink in the configuration: the one whose name begins so.
func (w *world) only(sink string) {
	b, err := os.ReadFile(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	var keep []string
	for _, l := range strings.Split(string(b), "\n") {
		if drop := strings.Contains(l, "urls:") && sink != "alertmanager" || strings.Contains(l, "topic:") && sink != "sns"; !drop {
			keep = append(keep, l)
		}
	}
	w.write(w.config, strings.Join(keep, "\n"))
	w.lanes = slices.DeleteFunc(w.lanes, func(l string) bool { return !strings.HasPrefix(l, sink) })
}

func (w *world) write(path, text string) {
	w.t.Helper()
	if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil { // a reader sees one or the other
		w.t.Fatal(err)
	}
}

func (w *world) time() time.Time { return time.Unix(w.now.Load(), 0).UTC() }

func (w *world) set(now time.Time) {
	w.now.Store(now.Unix())
	w.write(w.clock, now.Format(time.RFC3339))
}

// settled says that the service has judged all there is at this time, and
// that every sink was told of every alert.
func (w *world) settled(s *service) bool { return w.unsettled(s) == "" }

// unsettled says what is missing.
func (w *world) unsettled(s *service) string {
	for series, want := range map[string]time.Time{
		`kizashi_read_until_timestamp_seconds{account="123456789012",kind="metrics",period="5m0s",region="ap-northeast-1",tenant="acme"}`: w.time().Truncate(period),
		`kizashi_read_until_timestamp_seconds{account="",kind="commands",period="0s",region="",tenant=""}`:                                w.time(),
	} {
		if until, ok := s.gauge(series); !ok || until < float64(want.Unix()) {
			return fmt.Sprintf("%s is %s at %s", series, time.Unix(int64(until), 0).UTC(), w.time())
		}
	}
	if n, ok := s.gauge("kizashi_batches_in_hand"); !ok || n > 0 {
		return fmt.Sprintf("%v batches are in hand", n)
	}
	for _, a := range s.alerts() {
		if w.over[fmt.Sprint(a.ID, a.Seq, w.lanes)] {
			continue
		}
		d, ok := s.detail(a.ID)
		if !ok || a.Seq != d.Alert.Seq {
			return "alert " + a.ID + " has just changed"
		}
		if a.State == kizashi.Pending || a.State == kizashi.Resolved && a.To.UTC().Before(begin.Add(-2*time.Hour)) {
			continue // of what the back-fill finds nobody hears
		}
		for _, lane := range w.lanes {
			if d.Told[lane].Done.Seq != a.Seq {
				return fmt.Sprintf("alert %s, %s: %v is not told of %d %s", a.ID, lane, d.Told, a.Seq, a.State)
			}
		}
		if a.State == kizashi.Resolved {
			w.over[fmt.Sprint(a.ID, a.Seq, w.lanes)] = true
		}
	}
	return w.untold()
}

// untold says which thread is due in a lane that tells alerts together.
func (w *world) untold() (missing string) {
	if len(w.threaded) == 0 {
		return ""
	}
	w.read(func(r *store.Reader) error {
		for _, lane := range w.threaded {
			es, err := r.Ledger().Entries(context.Background(), lane, w.time())
			if err != nil {
				return err
			}
			for _, e := range es {
				if e.Told.Done != e.Thread.Turn() {
					missing = fmt.Sprintf("%s, thread %s: %+v is not told of %d %s", lane, e.Thread.ID, e.Told, e.Thread.Seq, e.Thread.State)
				}
			}
		}
		return nil
	})
	return missing
}

// plan says when the service is killed. The zero plan never does it.
type plan struct {
	at     []string                // steps: each start kills itself at the next one, while there are some
	random map[int][]time.Duration // by step of the story: kill -9 so long after it has begun
	gently bool                    // by SIGTERM, and not by kill -9
}

// play runs the story; who is killed is started again.
func (w *world) play(p plan) {
	w.t.Helper()
	run := func() *service {
		env := append([]string{"KIZASHI_CLOCK=" + w.clock}, w.env...)
		if len(p.at) > 0 {
			env, p.at = append(env, "KIZASHI_KILL_AT="+p.at[0]), p.at[1:]
		}
		return start(w.t, w.config, env...)
	}
	s := run()
	for i := 0; i <= steps; i++ {
		var kill <-chan time.Time
		for end := time.Now().Add(patience); len(p.random[i]) > 0 || kill != nil || !w.settled(s); {
			if d := p.random[i]; len(d) > 0 && kill == nil {
				kill, p.random[i] = time.After(d[0]), d[1:]
			}
			select {
			case <-kill:
				kill = nil
				if !p.gently {
					s.kill()
					continue
				}
				began := time.Now()
				s.stop()
				w.stops = append(w.stops, time.Since(began))
				s = run()
			case <-s.done:
				if !strings.Contains(fmt.Sprint(s.err), "killed") {
					w.t.Fatalf("the service ended by itself: %v\n%s", s.err, s.said())
				}
				w.kills++
				s = run()
			case <-time.After(5 * time.Millisecond):
			}
			if time.Now().After(end) {
				w.t.Fatalf("step %d does not settle: %s\n%s", i, w.unsettled(s), s.said())
			}
		}
		w.set(begin.Add(time.Duration(i+1) * step))
	}
	s.await("the last step", func() bool { return w.settled(s) })
	s.stop()
}

// dump is what the store holds in the end: the ledger's dump, and the samples.
// Left out: where the command partition stands, as that counts restarts,
// declarations that were repeated at a restart, and notes about Kizashi's own
// work, which are of the moment at which it was done.
func (w *world) dump() []string {
	w.t.Helper()
	var b bytes.Buffer
	var metas []kizashi.Meta
	w.notes = nil
	w.read(func(r *store.Reader) (err error) {
		if metas, err = r.Ledger().Metas(); err != nil {
			return err
		}
		as, err := r.Ledger().Alerts(ledger.Filter{Tenant: "acme", Group: "kizashi"})
		for _, a := range as {
			w.notes = append(w.notes, a.ID)
		}
		return errors.Join(err, r.Ledger().Dump(&b))
	})
	for _, m := range metas {
		w.read(func(r *store.Reader) error {
			samples, err := r.Samples(m.Series, 0, kizashi.TimeOf(begin.Add(30*24*time.Hour)))
			for _, x := range samples {
				fmt.Fprintf(&b, "sample\t%s\t%s\t%v\n", x.Series, x.At, x.Value)
			}
			return err
		})
	}
	var out []string
	seen := map[string]bool{}
	for _, line := range strings.Split(strings.ReplaceAll(b.String(), w.receiver.url, "RECEIVER"), "\n") {
		f := strings.Split(line, "\t")
		switch {
		case slices.ContainsFunc(w.notes, func(id string) bool { return slices.Contains(f, id) }):
			continue
		case f[0] == "position" && strings.Contains(line, `"kind":"commands"`):
			continue
		case f[0] == "declaration":
			if seen[f[1]+f[3]] {
				continue
			}
			seen[f[1]+f[3]] = true
		}
		out = append(out, strings.ReplaceAll(line, strings.TrimPrefix(w.receiver.url, "http://"), "RECEIVER"))
	}
	return out
}

// read opens the data directory for reading.
func (w *world) read(f func(*store.Reader) error) {
	w.t.Helper()
	r, err := store.OpenReadOnly(filepath.Join(w.dir, "data"))
	if err == nil {
		err = errors.Join(f(r), r.Close())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
