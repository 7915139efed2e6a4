package service

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
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
	return start(t, o, &at, nil)
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
	err := filepath.WalkDir(from, func(p string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, p)
		if err != nil || d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
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

// days are the first days of series: so many on this, so many on that one.
func days(from ...int) (out []int) {
	for i := 0; i+1 < len(from); i += 2 {
		for range from[i] {
			out = append(out, from[i+1])
		}
	}
	return out
}

// A tenant of 40 series accepts 40 false notifications a week: 7 days each. Ten
// series more come on day 7: a day after the last division it is divided anew.
// Two on day 9 do not move R by a tenth. Killed where it hurts, it gives the
// same commands and the same alerts; and so do its files with those commands.
func TestATenantsTarget(t *testing.T) {
	const last = 12
	f := fleetOf(t, days(40, 0, 10, 7, 2, 9), last)
	whole := runningOf(t, 40, fleetRules)
	for whole.day < last {
		whole.live(t, f)
	}
	want := []string{"day 0: 40 over 40: 7 days", "day 7: 40 over 50: 8.75 days"}
	if got := whole.journalled(t); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("divided\n%s\nwant\n%s", got, want)
	}
	end := firstDay.Add((last - 1) * day)
	told := whole.told(t, end)
	// 40 series for 9 days and 10 for 2, at one in 7 to 8.75 days: 53 by the target, cold tails and all.
	t.Logf("%d alerts", len(told))
	if len(told) < 12 || len(told) > 106 {
		t.Errorf("%d alerts", len(told))
	}

	for _, c := range []struct {
		when  string
		kills func(r *running)
	}{
		{"before the command was journalled", func(r *running) {
			if err := r.divide(*r.at); err != nil || len(r.commands.waiting) != 1 {
				t.Fatalf("%v, %d commands wait", err, len(r.commands.waiting))
			}
		}},
		{"after it was journalled", func(r *running) {
			if n := r.divides(t); n != 1 {
				t.Fatalf("%d commands", n)
			}
		}},
	} {
		r := runningOf(t, 40, fleetRules)
		for r.day < 7 {
			r.live(t, f)
		}
		r.declare(t, f)
		c.kills(r)
		r = r.killed(t)
		r.divides(t)
		r.samples(t, f)
		for r.day < last {
			r.live(t, f)
		}
		if got := r.journalled(t); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("killed %s: divided\n%s\nwant\n%s", c.when, got, want)
		}
		same(t, "killed "+c.when, r.told(t, end), told)
	}

	cs, err := whole.store.Ledger().Commands()
	if err != nil {
		t.Fatal(err)
	}
	o, err := backtest.Run(t.Context(), backtest.Spec{Input: f.input(), Config: whole.opt.Config.Detect, Commands: cs})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "from files", asText(t, o.Alerts, end), told)
	without, err := backtest.Run(t.Context(), backtest.Spec{Input: f.input(), Config: whole.opt.Config.Detect})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(asText(t, without.Alerts, end)); n*2 > len(told) {
		t.Errorf("files alone, at 28 days a series, give %d alerts, and the target of 7 days %d", n, len(told))
	}
}

// aim of a running service: what it journals when asked.
func (r *running) aim(t *testing.T, what string, want ...string) {
	t.Helper()
	before := len(r.journalled(t))
	r.divides(t)
	if got := r.journalled(t)[before:]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (r *running) know(t *testing.T, from, to int, change func(*kizashi.Declaration)) {
	t.Helper()
	r.pos++
	b := kizashi.Batch{Partition: minutely, Pos: r.pos, Until: kizashi.TimeOf(*r.at)}
	for i := from; i < to; i++ {
		ls := kizashi.LabelsOf(map[string]string{"metric": "m", "host": fmt.Sprint(i)})
		m := kizashi.Meta{Series: kizashi.IDOf("acme", ls), Tenant: "acme", Identity: ls, Labels: ls, Group: "g", Lower: kizashi.None(), Upper: kizashi.None(), Hints: kizashi.Hints{Class: "act"}}
		d := kizashi.Declaration{From: b.Until, Meta: m}
		if change != nil {
			change(&d)
		}
		b.Declare = append(b.Declare, d)
	}
	r.step(t, b)
}

// When a target is divided, and over which series.
func TestWhenATargetIsDivided(t *testing.T) {
	r := runningOf(t, 1, `detect: {rules: [{match: ['host="7"'], false_alert_every: 3d}, {match: ['host="8"'], off: [band, spike]}]}`)
	r.clock(t)
	r.aim(t, "no series, no division")
	r.know(t, 100, 110, func(d *kizashi.Declaration) { d.Meta.Hints.Class = "check" })
	r.aim(t, "a class without series")
	r.know(t, 0, 12, nil)
	r.aim(t, "the first series; one has its own period, one no detector that counts", "day 0: 1 over 10: 70 days")
	r.aim(t, "nothing is new")
	*r.at = r.at.Add(2 * time.Minute)
	r.know(t, 20, 29, nil)
	r.aim(t, "nearly as many again wait for tomorrow")
	*r.at = r.at.Add(2 * time.Minute)
	r.know(t, 29, 30, nil)
	r.aim(t, "twice as many do not", "day 0: 1 over 20: 140 days")
	*r.at = r.at.Add(25 * time.Hour)
	r.know(t, 30, 31, nil)
	r.aim(t, "one in twenty does not matter")
	r.know(t, 0, 12, func(d *kizashi.Declaration) { d.Ended = kizashi.Terminated })
	*r.at = r.at.Add(2 * time.Minute)
	r.aim(t, "ten have ended", "day 1: 1 over 11: 77 days")
	r.know(t, 20, 31, func(d *kizashi.Declaration) { d.Ended = kizashi.Terminated })
	*r.at = r.at.Add(25 * time.Hour)
	r.aim(t, "all have ended: what was divided stands")

	set, err := r.settings(t, 25)
	if err != nil || set.R != kizashi.Duration(77*day) || set.Division == nil || set.Division.Series != 11 {
		t.Errorf("settings %+v, %v", set, err)
	}
	if set, err := r.settings(t, 7); err != nil || set.R != kizashi.Duration(3*day) || set.Division != nil {
		t.Errorf("a rule's own period: %+v, %v", set, err)
	}
}

func (r *running) settings(t *testing.T, host int) (kizashi.Settings, error) {
	ls := kizashi.LabelsOf(map[string]string{"metric": "m", "host": fmt.Sprint(host)})
	m, ok := r.pipeline.Engine().Meta(kizashi.IDOf("acme", ls))
	if !ok {
		t.Fatalf("host %d is not known", host)
	}
	set, _, err := r.pipeline.Engine().SettingsAt(&m, kizashi.TimeOf(*r.at))
	return set, err
}

// Another target needs no restart, and does not wait for a day.
func TestAnotherTargetIsDividedAtOnce(t *testing.T) {
	r := runningOf(t, 1, "")
	r.clock(t)
	r.know(t, 0, 10, nil)
	r.aim(t, "first", "day 0: 1 over 10: 70 days")
	b, err := os.ReadFile(r.opt.Config.File)
	if err != nil {
		t.Fatal(err)
	}
	write(t, r.opt.Config.File, strings.Replace(string(b), "per_week: 1,", "per_week: 0.5,", 1))
	waits, err := r.Reload()
	if err != nil || len(waits) > 0 {
		t.Fatalf("waits for a restart: %v, %v", waits, err)
	}
	*r.at = r.at.Add(11 * time.Minute)
	r.aim(t, "half as many", "day 0: 0.5 over 10: 140 days")
	again := r.killed(t)
	again.aim(t, "after a kill nothing is new")
	c, ok := again.pipeline.Engine().Divided("acme")
	if d, err := c.Divides(); !ok || err != nil || d.Weekly != 0.5 {
		t.Errorf("%+v %v", c, err)
	}
}

// R lies between a day and 250 years, whatever is asked for.
func TestTheBoundsOfR(t *testing.T) {
	for _, c := range []struct {
		weekly float64
		series int
		want   time.Duration
	}{{1, 40, 280 * day}, {1, 1, 7 * day}, {3, 1, 201600 * time.Second}, {1000, 1, day}, {0.001, 1, 7000 * day}, {1, 100_000, 250 * 365 * day}, {0.001, 100_000, 250 * 365 * day}} {
		if got := (kizashi.Division{Weekly: c.weekly, Series: c.series}).R(); time.Duration(got) != c.want {
			t.Errorf("%v over %d: %v, want %v", c.weekly, c.series, time.Duration(got), c.want)
		}
	}
	for _, text := range []string{`{"weekly": 0, "series": 4}`, `{"weekly": -1, "series": 4}`, `{"weekly": 1e9, "series": 4}`, `{"weekly": 1, "series": 0}`, `{"weekly": 1}`,
		`{"weekly": "NaN", "series": 4}`, `{"weekly": 1, "series": 4, "class": "act"}`, `[]`, `{"weekly": 1, "series": 5}`} {
		c := kizashi.Command{Op: kizashi.Target, Value: 28 * 86400, Body: json.RawMessage(text)}
		if err := c.Check(); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
}
