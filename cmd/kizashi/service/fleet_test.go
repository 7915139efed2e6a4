package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// fleet is a tenant's series as files, and when each is known first.
type fleet struct {
	dir     string
	mapping *replay.Mapping
	metas   []kizashi.Meta
	samples [][]kizashi.Sample
}

const day = 24 * time.Hour

// firstDay is the day on which the tenant's first series firstDay.
var firstDay = kizashi.TimeOf(time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC))

// fleetOf makes normal series of 5 minutes; from[i] is the day on which the i-th
// begins.
func fleetOf(t *testing.T, from []int, days int) *fleet {
	t.Helper()
	f := &fleet{dir: t.TempDir()}
	mapping := []string{"files:"}
	for i, d := range from {
		start := firstDay.Add(time.Duration(d) * day)
		noise, err := gen.NewNoise("gauss", uint64(i+1), gen.Options{Start: start, Period: 5 * time.Minute, Zone: "UTC"})
		if err != nil {
			t.Fatal(err)
		}
		vs := make([]float64, (days-d)*288)
		noise.Fill(vs)
		var b strings.Builder
		b.WriteString("timestamp,value\n")
		for k := range vs {
			fmt.Fprintf(&b, "%s,%.4f\n", start.Add(time.Duration(k)*5*time.Minute), 300+20*vs[k])
		}
		name := fmt.Sprintf("s%03d.csv", i)
		write(t, filepath.Join(f.dir, name), b.String())
		mapping = append(mapping, fmt.Sprintf(`  - {match: %s, tenant: acme, account: "123456789012", region: us-east-1, namespace: AWS/EC2, metric: CPUUtilization, dimensions: {InstanceId: i-%03d}, statistic: Average, period: 5m, settle: 3m, group: g%d}`, name, i, i%5))
	}
	file := filepath.Join(t.TempDir(), "mapping.yaml")
	write(t, file, strings.Join(mapping, "\n"))
	var err error
	if f.mapping, err = replay.LoadMapping(file); err != nil {
		t.Fatal(err)
	}
	f.read(t)
	return f
}

func (f *fleet) input() replay.Options {
	return replay.Options{Paths: []string{f.dir}, Mapping: f.mapping}
}

// read takes metas and samples as a replay has them.
func (f *fleet) read(t *testing.T) {
	t.Helper()
	src, err := replay.New(f.input())
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	at := map[kizashi.SeriesID]int{}
	for _, file := range src.Series() {
		for _, m := range file.Metas {
			at[m.Series] = len(f.metas)
			f.metas, f.samples = append(f.metas, m), append(f.samples, nil)
		}
	}
	if err := src.Open(nil); err != nil {
		t.Fatal(err)
	}
	for {
		b, err := src.Next(t.Context())
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range b.Samples {
			f.samples[at[s.Series]] = append(f.samples[at[s.Series]], s)
		}
	}
}

// running is a service that is fed a day at a time.
type running struct {
	*Service
	at  *time.Time
	pos uint64
	day int
	had map[kizashi.SeriesID]bool
}

const fleetRules = `detect: {rules: [{class: act}]}`

func runningOf(t *testing.T, weekly float64, rules string) *running {
	t.Helper()
	o, at := fleetOptions(t, weekly, rules)
	return start(t, o, at, nil)
}

// fleetOptions are those of a service whose clock stands at the first day.
func fleetOptions(t *testing.T, weekly float64, rules string) (Options, *time.Time) {
	t.Helper()
	o := options(t)
	b, err := os.ReadFile(o.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "{name: acme,", fmt.Sprintf("{name: acme, false_notifications_per_week: %v,", weekly), 1)
	write(t, o.Config.File, text+rules+"\n")
	if o.Config, err = config.Load(o.Config.File); err != nil {
		t.Fatal(err)
	}
	at := firstDay.UTC()
	o.Now = func() time.Time { return at }
	return o, &at
}

func start(t *testing.T, o Options, at *time.Time, before *running) *running {
	t.Helper()
	r := &running{Service: open(t, o), at: at, had: map[kizashi.SeriesID]bool{}}
	if err := r.recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.commands.Open(r.pipeline.Positions()); err != nil {
		t.Fatal(err)
	}
	if before != nil {
		r.pos, r.day = before.pos, before.day
		for id := range before.had {
			r.had[id] = true
		}
	}
	return r
}

var minutely = kizashi.Partition{Tenant: "acme", Account: "123456789012", Region: "us-east-1", Kind: kizashi.Metrics, Period: 5 * time.Minute, Settle: 3 * time.Minute}

func (r *running) step(t *testing.T, b kizashi.Batch) {
	t.Helper()
	if err := r.taken([]kizashi.Batch{b}); err != nil {
		t.Fatal(err)
	}
	var res pipeline.Result
	if err := r.pipeline.Step(b, &res); err != nil {
		t.Fatal(err)
	}
	if err := r.stepped(&res); err != nil {
		t.Fatal(err)
	}
}

// clock lets the command partition come to the present, with what waits.
func (r *running) clock(t *testing.T) {
	t.Helper()
	b, err := r.commands.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r.step(t, b)
}

// declare makes those series known that firstDay on the day that comes.
func (r *running) declare(t *testing.T, f *fleet) {
	t.Helper()
	from := firstDay.Add(time.Duration(r.day) * day)
	r.pos++
	b := kizashi.Batch{Partition: minutely, Pos: r.pos, Until: from}
	if r.day == 0 {
		b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: minutely, At: from}}
	}
	for i, m := range f.metas {
		if !r.had[m.Series] && f.samples[i][0].At <= from {
			r.had[m.Series] = true
			b.Declare = append(b.Declare, kizashi.Declaration{From: f.samples[i][0].At, Meta: m})
		}
	}
	r.step(t, b)
}

// live runs a day: series become known, the runner divides, samples come.
func (r *running) live(t *testing.T, f *fleet) {
	t.Helper()
	if r.day == 0 {
		r.clock(t)
	}
	r.declare(t, f)
	r.divides(t)
	r.samples(t, f)
}

// divides does what the runner does between batches, and journals what comes of
// it.
func (r *running) divides(t *testing.T) (n int) {
	t.Helper()
	if err := r.divide(*r.at); err != nil {
		t.Fatal(err)
	}
	if n = len(r.commands.waiting); n > 0 {
		r.clock(t)
	}
	return n
}

func (r *running) samples(t *testing.T, f *fleet) {
	t.Helper()
	from := firstDay.Add(time.Duration(r.day) * day)
	r.day++
	to := from.Add(day)
	*r.at = to.UTC()
	r.clock(t)
	r.pos++
	b := kizashi.Batch{Partition: minutely, Pos: r.pos, Until: to}
	for i := range f.samples {
		for _, s := range f.samples[i] {
			if s.At >= from && s.At < to {
				b.Samples = append(b.Samples, s)
			}
		}
	}
	r.step(t, b)
}

// told are all alerts with all that was told of them, as JSON.
func (r *running) told(t *testing.T, before kizashi.Time) map[string]string {
	t.Helper()
	if err := r.store.Flush(); err != nil {
		t.Fatal(err)
	}
	as, err := r.store.Ledger().Alerts(ledger.Filter{From: kizashi.Never, To: kizashi.Forever})
	if err != nil {
		t.Fatal(err)
	}
	return asText(t, as, before)
}

func asText(t *testing.T, as []kizashi.Alert, before kizashi.Time) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, a := range as {
		if a.Opened >= before {
			continue
		}
		b, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		out[a.ID] = string(b)
	}
	return out
}

func same(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for id := range want {
		if got[id] != want[id] {
			t.Errorf("%s: alert %s\n%s\nwant\n%s", what, id, got[id], want[id])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d alerts, want %d", what, len(got), len(want))
	}
}

// targets tells the divisions that were journalled.
func (r *running) journalled(t *testing.T) (out []string) {
	t.Helper()
	if err := r.store.Flush(); err != nil {
		t.Fatal(err)
	}
	cs, err := r.store.Ledger().Commands()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cs {
		if d, err := c.Divides(); err != nil {
			t.Fatal(err)
		} else if d != nil {
			out = append(out, fmt.Sprintf("day %d: %v over %d: %v days", int(c.At.Sub(firstDay)/day), d.Weekly, d.Series, c.Value/86400))
		}
	}
	return out
}

// killed is the service that comes back from what a kill leaves of its data
// directory right now.
func (r *running) killed(t *testing.T) *running {
	t.Helper()
	from, to := r.opt.Config.Storage.Path, filepath.Join(t.TempDir(), "data")
	err := duplicate(from, to)
	for range 10 { // what is stored was being put elsewhere just then
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		time.Sleep(100 * time.Millisecond)
		err = errors.Join(os.RemoveAll(to), duplicate(from, to))
	}
	if err != nil {
		t.Fatal(err)
	}
	o := r.opt
	if o.Config, err = config.Load(o.Config.File); err != nil {
		t.Fatal(err)
	}
	o.Config.Storage.Path = to
	return start(t, o, r.at, r)
}

// duplicate copies a directory, and fails where a file goes meanwhile.
func duplicate(from, to string) error {
	return filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, p)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
}
