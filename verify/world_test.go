package verify_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/verify"
)

// story is one series, what happens to it, and how it is judged.
type story struct {
	name     string
	seed     uint64
	family   string
	period   time.Duration
	unknown  bool // the period is not declared, as in files
	zone     string
	from     string // local midnight does not matter: a day of UTC
	weeks    int
	mean     float64
	sigma    float64
	whole    bool
	lower    kizashi.Num
	upper    kizashi.Num
	rule     detect.Rule
	special  string // days that are special, as a calendar's rule
	kin      int    // so many series like it are in its group; all share a load that moves more than they do
	counted  bool   // a series beside it counts requests: 30 to 32 each period
	happens  []happening
	commands func(start kizashi.Time) []kizashi.Command
	past     float64 // hour at which 20 weeks of hour averages before the start inform it; 0 = never
	own      []detect.Row
	want     []string // votes that must stand in some alert: "band up"
}

// happening changes samples from an hour after the start on, by sigmas; lost
// samples never come.
type happening struct {
	hour   float64
	length time.Duration
	by     float64
	spread float64 // about the mean, so many times as wide; 0 = as ever
	still  bool    // all as the first
	lost   bool
	leak   float64 // sigmas a day, from there on
}

// world is what a run left behind.
type world struct {
	start          kizashi.Time
	meta           kizashi.Meta
	alerts         []kizashi.Alert
	justifications map[string]kizashi.Justification
	samples        *verify.Samples
	records        []kizashi.Record
	checkpoints    []kizashi.Checkpoint
	commands       []kizashi.Command
	settings       kizashi.Settings
	hash           string
	kinds          *detect.Kinds
	own            []detect.Row
}

func (s story) samples(t *testing.T, m *kizashi.Meta) (kizashi.Time, []kizashi.Sample) {
	t.Helper()
	day, err := time.Parse(time.DateOnly, s.from)
	if err != nil {
		t.Fatal(err)
	}
	start := kizashi.TimeOf(day)
	n, err := gen.Family(s.family, 7+s.seed, gen.Options{Start: start, Period: s.period, Weeks: s.weeks, Zone: s.zone})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range s.happens {
		if at := start.Add(time.Duration(h.hour * float64(time.Hour))); h.by != 0 {
			n.Shift(h.by, h.length, at)
		} else {
			h.on(n, int(at.Sub(start)/s.period), int(h.length/s.period))
		}
	}
	ss := n.Samples(m.Series)
	for _, h := range s.happens {
		if at := start.Add(time.Duration(h.hour * float64(time.Hour))); h.lost {
			ss = gen.Drop(ss, at, at.Add(h.length))
		}
	}
	load := s.load(t, start)
	for i := range ss {
		v := s.mean + s.sigma*ss[i].Value
		if load != nil {
			v += s.sigma * load[ss[i].At]
		}
		if s.whole {
			v = float64(int(v))
		}
		ss[i].Value = v
		if s.unknown {
			ss[i].Period = 0
		}
	}
	return start, ss
}

// on changes count samples from one on, in place.
func (h happening) on(n *gen.Normal, from, count int) {
	for i := from; i < from+count; i++ {
		switch {
		case h.leak != 0:
			n.Values[i] += h.leak * float64(i-from) * float64(n.At(1).Sub(n.At(0))) / float64(24*time.Hour)
		case h.still:
			n.Values[i] = n.Values[from]
		case h.spread != 0:
			mean := n.Mean(n.At(i))
			n.Values[i] = mean + h.spread*(n.Values[i]-mean)
		}
	}
}

func (s story) meta() kizashi.Meta {
	identity := kizashi.LabelsOf(map[string]string{"name": s.name})
	m := kizashi.Meta{Series: kizashi.IDOf("acme", identity), Tenant: "acme", Identity: identity, Labels: identity, Group: "shop",
		Unit: "ms", Statistic: "p99", Period: kizashi.Duration(s.period), Settle: kizashi.Duration(3 * time.Minute),
		Lower: s.lower, Upper: s.upper, Zone: s.zone}
	if s.kin > 0 {
		m.Labels = kizashi.LabelsOf(map[string]string{"name": s.name, "metric": "CPUUtilization"})
	}
	if s.unknown {
		m.Period = 0
	}
	if m.Lower == 0 && m.Upper == 0 {
		m.Lower, m.Upper = kizashi.None(), kizashi.None()
	}
	return m
}

// run takes the story through the pipeline.
func (s story) run(t *testing.T) *world {
	t.Helper()
	w := &world{meta: s.meta(), own: s.own, justifications: map[string]kizashi.Justification{}, samples: verify.NewSamples()}
	start, ss := s.samples(t, &w.meta)
	w.start = start
	p := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Duration(w.meta.Period), Settle: 3 * time.Minute}
	streams := []gen.Stream{{Meta: w.meta, Samples: ss}}
	if s.counted {
		streams = append(streams, s.counter(ss))
	}
	streams = append(streams, s.others(t, start)...)
	batches, err := gen.Batches(p, streams, gen.Spans(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if s.commands != nil {
		w.commands = s.commands(start)
		c := kizashi.Partition{Tenant: "acme", Kind: kizashi.Commands}
		end := ss[len(ss)-1].At.Add(time.Hour)
		batches = append([]kizashi.Batch{{Partition: c, Pos: 1, Until: end, Commands: w.commands, Roster: []kizashi.RosterEntry{
			{Op: kizashi.Join, Partition: c, At: start}, {Op: kizashi.Join, Partition: p, At: start}}}}, batches...)
	}
	if s.past > 0 {
		batches = slices.Insert(batches, 1, s.coarse(t, w))
	}
	cfg := detect.Config{Rules: []detect.Rule{s.rule}}
	if s.special != "" {
		cfg.Calendars = []detect.Calendar{{Name: "own", Special: []detect.Special{{Name: "paying out", Rule: s.special}}}}
	}
	w.step(t, pipeline.Config{Detect: cfg, Shards: 1}, batches)
	return w
}

// counter counts the requests of which the story's series is a ratio.
func (s story) counter(of []kizashi.Sample) gen.Stream {
	m := s.meta()
	m.Labels = kizashi.LabelsOf(map[string]string{"name": "requests", "metric": "RequestCount"})
	m.Identity, m.Series, m.Unit = m.Labels, kizashi.IDOf("acme", m.Labels), "Count"
	var ss []kizashi.Sample
	for i := range of {
		v := of[i]
		v.Series, v.Value = m.Series, float64(30+i%3)
		ss = append(ss, v)
	}
	return gen.Stream{Meta: m, Samples: ss}
}

// load is what the series and its kin share: slow noise, three times as strong as
// what each has of its own.
func (s story) load(t *testing.T, start kizashi.Time) map[kizashi.Time]float64 {
	t.Helper()
	if s.kin == 0 {
		return nil
	}
	out := map[kizashi.Time]float64{}
	for _, v := range s.noise(t, "ar", 1000, start).Samples(1) {
		out[v.At] = 3 * v.Value
	}
	return out
}

func (s story) noise(t *testing.T, family string, seed uint64, start kizashi.Time) *gen.Normal {
	t.Helper()
	n, err := gen.Family(family, seed, gen.Options{Start: start, Period: s.period, Weeks: s.weeks, Zone: s.zone})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// others are the kin, each with noise of its own.
func (s story) others(t *testing.T, start kizashi.Time) []gen.Stream {
	t.Helper()
	load := s.load(t, start)
	var out []gen.Stream
	for k := range s.kin {
		m := s.meta()
		m.Labels = kizashi.LabelsOf(map[string]string{"name": s.name, "metric": "CPUUtilization", "instance": strconv.Itoa(k)})
		m.Identity, m.Series = m.Labels, kizashi.IDOf("acme", m.Labels)
		ss := s.noise(t, s.family, 2000+uint64(k), start).Samples(m.Series)
		for i := range ss {
			ss[i].Value = s.mean + s.sigma*(ss[i].Value+load[ss[i].At])
		}
		out = append(out, gen.Stream{Meta: m, Samples: ss})
	}
	return out
}

// coarse is the history before the start: hour averages of the family's own.
func (s story) coarse(t *testing.T, w *world) kizashi.Batch {
	t.Helper()
	p := kizashi.Partition{Tenant: "acme", Kind: kizashi.Metrics, Period: time.Hour, Backfill: kizashi.BackfillCoarse}
	b := kizashi.Batch{Partition: p, Pos: 1, Until: w.start, Declare: []kizashi.Declaration{{From: kizashi.Never, Meta: w.meta}}, Roster: []kizashi.RosterEntry{
		{Op: kizashi.Join, Partition: p, At: w.start}, {Op: kizashi.Inform, Partition: p, At: w.start + kizashi.Time(s.past)*hours}}}
	const weeks = 20
	from := w.start.Add(-weeks * 7 * 24 * time.Hour)
	n, err := gen.Family(s.family, 107+s.seed, gen.Options{Start: from, Period: 5 * time.Minute, Weeks: weeks, Zone: s.zone})
	if err != nil {
		t.Fatal(err)
	}
	for h := 0; h < len(n.Values); h += 12 {
		sum := 0.
		for _, v := range n.Values[h : h+12] {
			sum += s.mean + s.sigma*v
		}
		b.Samples = append(b.Samples, kizashi.Sample{Series: w.meta.Series, At: from.Add(time.Duration(h) * 5 * time.Minute), Period: time.Hour, Value: sum / 12})
	}
	return b
}

func (w *world) step(t *testing.T, cfg pipeline.Config, batches []kizashi.Batch) {
	t.Helper()
	memory := pipeline.NewMemory()
	p, err := pipeline.New(cfg, append(models.All(), w.own...), memory)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		var r pipeline.Result
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		if err := memory.Keep(&r); err != nil {
			t.Fatal(err)
		}
		if !b.Partition.Coarse() {
			w.samples.Add(b.Samples)
		}
		w.records = append(w.records, slices.DeleteFunc(r.Records, func(r kizashi.Record) bool { return r.Series != w.meta.Series })...)
		w.checkpoints = append(w.checkpoints, slices.DeleteFunc(r.Checkpoints, func(c kizashi.Checkpoint) bool { return c.Series != w.meta.Series })...)
		w.alerts = append(w.alerts, slices.DeleteFunc(r.Alerts, func(a kizashi.Alert) bool { return a.Series != w.meta.Series })...)
		for _, j := range r.Justifications {
			h, err := kizashi.HashOf(j)
			if err != nil {
				t.Fatal(err)
			}
			w.justifications[h] = j
		}
	}
	used, hash := p.Engine().Config()
	w.hash = hash
	if w.settings, _, err = used.Resolve(&w.meta); err != nil {
		t.Fatal(err)
	}
	if w.kinds, _, err = used.Compile(&w.settings); err != nil {
		t.Fatal(err)
	}
}

// config is what verify is given: all that is stored.
func (w *world) config(a kizashi.Alert) verify.Config {
	set := w.settingsAt(a.Opened)
	data := &verify.Data{Samples: w.samples.Between, Checkpoints: w.checkpoints, Commands: w.commands, Settings: w.settingsAt}
	if w.kinds != nil {
		data.Kind = func(_ kizashi.Time, day int) string { return w.kinds.Of(day) }
	}
	return verify.Config{Settings: &set, Hash: w.hash, Data: data}
}

// settingsAt are the settings in force at an instant.
func (w *world) settingsAt(t kizashi.Time) kizashi.Settings {
	set := w.settings
	for _, c := range w.commands {
		if c.Op == kizashi.Target && c.At <= t {
			set.R = kizashi.Duration(c.Value * float64(time.Second))
			set.Division, _ = c.Divides() // it was taken before
		}
	}
	return set
}

// stored are the records as they were when they were made.
func (w *world) stored(_ kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	var out []kizashi.Record
	for _, r := range w.records {
		if r.Hour < to && r.Hour.Add(time.Hour) > from {
			out = append(out, r)
		}
	}
	return out, nil
}

// opened are the alerts as they first came, each with its justification.
func (w *world) opened(t *testing.T) []kizashi.Alert {
	t.Helper()
	var out []kizashi.Alert
	seen := map[string]bool{}
	for _, a := range w.alerts {
		if seen[a.ID] {
			continue
		}
		seen[a.ID] = true
		if _, ok := w.justifications[a.Justify]; !ok {
			t.Fatalf("alert %s: no justification under %s", a.ID, a.Justify)
		}
		out = append(out, a)
	}
	return out
}

// startOf is the one checkpoint that a record refers to.
func (w *world) startOf(j kizashi.Justification) []kizashi.Checkpoint {
	for _, cp := range w.checkpoints {
		if j.Record != nil && cp.Hash == j.Record.Start.Hash {
			return []kizashi.Checkpoint{cp}
		}
	}
	return nil
}
