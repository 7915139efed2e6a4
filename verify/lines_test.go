package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/logs"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/verify"
)

// lineWorld is what a log group left behind in which each kind of incident happened,
// two days apart, from the third week on.
type lineWorld struct {
	alerts         []kizashi.Alert // as they opened
	justifications map[string]kizashi.Justification
	samples        *verify.Samples
	commands       []kizashi.Command
	settings       kizashi.Settings
	hash           string
}

var theLines = sync.OnceValues(readLines)

func lineIncidents() (odd []gen.LogIncident, end kizashi.Time) {
	for i, k := range gen.LogKinds() {
		from := gen.LogStart.Add(time.Duration(14+2*i)*24*time.Hour + time.Duration(37*i)*time.Minute)
		if k.Kind == gen.LogNightly {
			from = gen.LogStart.Add(time.Duration(14+2*i)*24*time.Hour + 17*time.Hour + 9*time.Minute)
		}
		odd = append(odd, gen.LogIncident{Kind: k.Kind, From: from, To: from.Add(k.Lasts)})
	}
	return odd, odd[len(odd)-1].To.Add(24 * time.Hour)
}

func readLines() (*lineWorld, error) {
	odd, end := lineIncidents()
	g := gen.NewLogGroup("/shop/app", 3, 500, odd...)
	id := kizashi.LabelsOf(map[string]string{"account": "123456789012", "log_group": g.Name})
	meta := kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id, Group: "shop", Zone: g.Zone.String(), Lower: kizashi.None(), Upper: kizashi.None(), Settle: kizashi.Duration(2 * time.Minute)}
	w := &lineWorld{justifications: map[string]kizashi.Justification{}, samples: verify.NewSamples()}
	memory := pipeline.NewMemory()
	days := kizashi.Duration(7 * 24 * time.Hour)
	p, err := pipeline.New(pipeline.Config{Detect: detect.Config{Rules: []detect.Rule{{R: &days}}}, Shards: 1}, models.All(), memory)
	if err != nil {
		return nil, err
	}
	at := gen.LogStart.Add(10 * 24 * time.Hour)
	w.commands = []kizashi.Command{{Op: kizashi.Exclude, At: at, From: at, To: at.Add(2 * time.Hour), Series: meta.Series, Reason: "load test"},
		{Op: kizashi.Expect, At: at, From: at, To: end, Low: 1, High: 3}}
	b := kizashi.Batch{Partition: kizashi.Partition{Tenant: "acme", Kind: kizashi.Logs, Settle: 2 * time.Minute}, Declare: []kizashi.Declaration{{From: gen.LogStart, Meta: meta}}}
	seen := map[string]bool{}
	c := kizashi.Partition{Tenant: "acme", Kind: kizashi.Commands}
	if err := p.Step(kizashi.Batch{Partition: c, Pos: 1, Until: end, Commands: w.commands, Roster: []kizashi.RosterEntry{
		{Op: kizashi.Join, Partition: c, At: gen.LogStart}, {Op: kizashi.Join, Partition: b.Partition, At: gen.LogStart}}}, &pipeline.Result{}); err != nil {
		return nil, err
	}
	for at := gen.LogStart; at < end; at = at.Add(time.Hour) {
		b.Pos, b.Until, b.Lines = b.Pos+1, at.Add(time.Hour), nil
		for m := at; m < b.Until; m = m.Add(time.Minute) {
			for _, l := range g.Minute(m) {
				l.Series = meta.Series
				b.Lines = append(b.Lines, l)
			}
		}
		var r pipeline.Result
		if err := p.Step(b, &r); err != nil {
			return nil, err
		}
		if err := memory.Keep(&r); err != nil {
			return nil, err
		}
		for _, j := range r.Judgements {
			w.samples.Add([]kizashi.Sample{{Series: j.Series, At: j.At, Period: time.Minute, Value: j.Value}})
		}
		for _, j := range r.Justifications {
			h, err := kizashi.HashOf(j)
			if err != nil {
				return nil, err
			}
			w.justifications[h] = j
		}
		for _, a := range r.Alerts {
			if !seen[a.ID] && a.Justify != "" {
				seen[a.ID] = true
				w.alerts = append(w.alerts, a)
			}
		}
		b.Declare = nil
	}
	used, hash := p.Engine().Config()
	w.hash = hash
	w.settings, _, err = used.Resolve(&meta)
	return w, err
}

func lineStory(t *testing.T) *lineWorld {
	t.Helper()
	w, err := theLines()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *lineWorld) config() verify.Config {
	return verify.Config{Settings: &w.settings, Hash: w.hash, Data: &verify.Data{Samples: w.samples.Between, Commands: w.commands}}
}

// lineKinds are the models of votes about log lines.
func lineKinds() (out []string) {
	for _, r := range logs.Table {
		if !slices.Contains(out, r.Model) {
			out = append(out, r.Model)
		}
	}
	return out
}

// Every alert about log lines is accepted, from the justification alone and with the
// counts; each kind is among them.
func TestEveryAlertAboutLinesIsAccepted(t *testing.T) {
	w := lineStory(t)
	stood := map[string]int{}
	for _, a := range w.alerts {
		j := w.justifications[a.Justify]
		for _, v := range j.Opening.Verdict.Votes {
			stood[v.Model]++
		}
		cfg := w.config()
		for range 2 {
			r := verify.Check(a, j, cfg)
			for _, f := range r.Faults {
				t.Errorf("%s at %s %v, with data %v: %s", a.ID, a.Opened, a.Models, cfg.Data != nil, f)
			}
			if cfg.Data != nil && slices.Contains(r.Declared, "window") {
				t.Errorf("%s %v: counts are declared, though they are stored: %q", a.ID, a.Models, r.Declared)
			}
			cfg.Data = nil
		}
	}
	for _, k := range lineKinds() {
		if stood[k] == 0 {
			t.Errorf("no alert by %s", k)
		}
	}
	t.Logf("%d alerts: %v", len(w.alerts), stood)
}

// Whatever number of a justification of log lines is changed, even with its hash and
// the alert's own copies changed to match, verify finds it, unless it says that the
// number is declared.
func TestEveryChangedNumberOfLinesIsFound(t *testing.T) {
	w := lineStory(t)
	for _, kind := range lineKinds() {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(w.alerts, func(a kizashi.Alert) bool { return a.Opening.Verdict.Votes[0].Model == kind })
			if i < 0 {
				t.Fatal("no such alert")
			}
			a := w.alerts[i]
			j, cfg := w.justifications[a.Justify], w.config()
			r := verify.Check(a, j, cfg)
			if len(r.Faults) > 0 {
				t.Fatalf("untouched: %q", r.Faults)
			}
			paths, declared := verify.Fields(j), 0
			for _, path := range paths {
				if covered(r.Declared, path) {
					declared++
					continue
				}
				changed, err := verify.Tamper(j, path)
				if err != nil {
					t.Fatal(err)
				}
				if found(forged(t, a, changed), changed, cfg) == 0 {
					t.Errorf("%s: the change was not found", path)
				}
			}
			t.Logf("%d numeric fields, %d of them declared: %q", len(paths), declared, r.Declared)
		})
	}
}

// A count of more lines than are stored is a fault, but for those of a pattern, which
// may have been counted as another one's: that is declared.
func TestMoreLinesThanAreStoredAreAFault(t *testing.T) {
	w := lineStory(t)
	faults, declared := 0, 0
	for _, a := range w.alerts {
		j := w.justifications[a.Justify]
		g, cfg, lost := j.Grounds[0], w.config(), false
		if len(g.Parts) != 1 || g.Parts[0].Count == 0 || g.Model == "log_many" {
			continue
		}
		cfg.Data.Samples = func(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
			ss, err := w.samples.Between(id, from, to)
			ss = slices.Clone(ss)
			for i := range ss {
				if s := &ss[i]; id == j.Meta.Series && s.At >= g.From && s.At < g.To && s.Value > 0 {
					s.Value--
					lost = true
					break
				}
			}
			return ss, err
		}
		r := verify.Check(a, j, cfg)
		if !lost {
			continue // all that are counted came as another pattern's
		}
		const path = "grounds[0].parts[0].count"
		told := slices.ContainsFunc(r.Faults, func(f string) bool { return strings.HasPrefix(f, path+":") })
		pattern := j.Meta.Identity.Get("pattern") != ""
		if told == pattern || slices.Contains(r.Declared, path) != pattern {
			t.Errorf("%v of %v: faults %q, declared %q", a.Models, j.Meta.Identity, r.Faults, r.Declared)
		}
		if pattern {
			declared++
		} else {
			faults++
		}
	}
	if faults == 0 || declared == 0 {
		t.Errorf("%d faults, %d declared: want some of both", faults, declared)
	}
	t.Logf("%d faults, %d declared", faults, declared)
}

// How many patterns were new nobody counts again, and verify says so.
func TestNewPatternsAreDeclared(t *testing.T) {
	w, many := lineStory(t), 0
	for _, a := range w.alerts {
		if a.Opening.Verdict.Votes[0].Model != "log_many" {
			continue
		}
		many++
		if r := verify.Check(a, w.justifications[a.Justify], w.config()); !slices.Contains(r.Declared, "grounds[0].parts[0].count") {
			t.Errorf("%s: declared are %q", a.ID, r.Declared)
		}
	}
	if many == 0 {
		t.Error("no alert by log_many")
	}
}

// What a limit or a statistic is computed from is bound by it, declared or not.
func TestWhatAVoteOfLinesRestsOnIsBound(t *testing.T) {
	w := lineStory(t)
	for _, k := range []struct{ kind, field string }{
		{"log_surge", "usual"}, {"log_surge", "scale"}, {"log_surge", "past.high"}, {"log_share", "usual"}, {"log_drop", "scale"},
		{"log_absent", "parts[0].sum"}, {"log_absent", "past.low"}, {"log_new", "past.from"}, {"log_ratio", "usual"},
		{"log_surge", "tail.u"}, {"log_drop", "tail.lambda"},
	} {
		for _, a := range w.alerts {
			if a.Opening.Verdict.Votes[0].Model != k.kind {
				continue
			}
			changed, err := verify.Tamper(w.justifications[a.Justify], "grounds[0]."+k.field)
			if err != nil {
				t.Fatal(err)
			}
			if found(forged(t, a, changed), changed, w.config()) == 0 {
				t.Errorf("%s of %s: the change was not found", k.field, k.kind)
			}
			break
		}
	}
}

// A minute without a sample counts as 0 where the log group was read, and as unknown
// where it was not.
func TestLinesCompareWithZeros(t *testing.T) {
	w := lineStory(t)
	for _, a := range w.alerts {
		j := w.justifications[a.Justify]
		if a.Opening.Verdict.Votes[0].Model != "log_surge" || a.Opened < gen.LogStart.Add(14*24*time.Hour) {
			continue
		}
		if h := j.Window.Held; len(h) != 1 || h[0].Count != 120 || h[0].Text != "load test" {
			t.Errorf("held out: %+v", h)
		}
		if len(j.Comparable) != 14 || j.Window.Missing != 0 || j.Window.Samples != j.Window.Expected {
			t.Fatalf("%d comparable moments, window %+v", len(j.Comparable), j.Window)
		}
		for _, c := range j.Comparable {
			if c.Count != 5 || c.Low != c.High || c.High > j.Opening.Value {
				t.Errorf("a comparable moment that cannot be: %+v", c)
			}
		}
		return
	}
	t.Fatal("no surge")
}

// Every formula about log lines gives, typed into a spreadsheet with its numbers, what
// verify computed.
func TestFormulasOfLinesCanBeRedone(t *testing.T) {
	w := lineStory(t)
	done := 0
	for _, a := range w.alerts {
		for _, s := range verify.Check(a, w.justifications[a.Justify], w.config()).Steps {
			if strings.HasPrefix(s.Formula, "=") {
				redo(t, s)
				done++
			}
		}
	}
	if done < 50 {
		t.Errorf("only %d formulas", done)
	}
}

// Each step is called something in two languages.
func TestStepsOfLinesHaveNames(t *testing.T) {
	w := lineStory(t)
	for _, a := range w.alerts {
		r := verify.Check(a, w.justifications[a.Justify], w.config())
		var en, ja strings.Builder
		if err := r.Show(&en, "en"); err != nil {
			t.Fatal(err)
		}
		if err := r.Show(&ja, "ja"); err != nil {
			t.Fatal(err)
		}
		unnamed(t, en.String(), ja.String())
	}
}

// What is malformed is a fault, and ends nothing.
func TestMalformedLinesAreAFault(t *testing.T) {
	w := lineStory(t)
	for _, a := range w.alerts {
		for i, change := range []func(*kizashi.Justification){
			func(j *kizashi.Justification) { j.Grounds = nil },
			func(j *kizashi.Justification) {
				j.Grounds = []kizashi.Ground{{Model: j.Opening.Verdict.Votes[0].Model, Side: a.Side}}
			},
			func(j *kizashi.Justification) {
				g := j.Grounds[0]
				g.Parts = nil
				j.Grounds = []kizashi.Ground{g}
			},
			func(j *kizashi.Justification) {
				g := j.Grounds[0]
				g.Past = nil
				j.Grounds = []kizashi.Ground{g}
			},
			func(j *kizashi.Justification) { j.Log = nil },
			func(j *kizashi.Justification) { j.Rhythm = &kizashi.Rhythm{} },
			func(j *kizashi.Justification) { j.Opening.Verdict.Votes = nil },
		} {
			j := w.justifications[a.Justify]
			if change(&j); verify.Check(forged(t, a, j), j, w.config()).Ok() {
				t.Error(fmt.Sprint(a.Models, " change ", i, ": accepted"))
			}
		}
	}
}
