// Package loganomalies measures what is found in generated log groups, how soon, and
// what is said beside it: one log group a seed, two weeks without an incident, then one
// of each kind on a day of its own. The false alerts of the same run, and those of a
// log group without any incident, stand beside what was found.
package loganomalies

import (
	"math/rand/v2"
	"sort"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// Setting of a measurement.
type Setting struct {
	Seeds int
	First uint64        // the first seed
	R     time.Duration // one false episode per R is asked for
	Lines float64       // an hour at noon
	Quiet time.Duration // of the log groups without an incident; 0 = none are run
}

// Default is what `go run ./bench/figures -only loganomalies` measures.
func Default() Setting {
	return Setting{Seeds: 20, First: 1, R: 7 * 24 * time.Hour, Lines: 2000, Quiet: 6 * 7 * 24 * time.Hour}
}

// Kind is what became of the incidents of a kind.
type Kind struct {
	Kind    gen.LogKind
	What    string
	Within  time.Duration // the longest time in which it must be found
	Count   int
	Found   int
	After   []time.Duration // of those found, from the incident's begin, sorted
	ByModel map[string]int  // whose vote came first
}

// Result of a measurement.
type Result struct {
	Kinds []Kind
	False Rate // beside the incidents
	Quiet Rate // of log groups without any
}

// Rate is how many false alerts there were.
type Rate struct {
	Alerts  int
	Weeks   float64 // of log groups that were judged
	ByModel map[string]int
}

// Times is the rate as a multiple of one in r.
func (r Rate) Times(asked time.Duration) float64 {
	return float64(r.Alerts) / (r.Weeks * float64(7*24*time.Hour) / float64(asked))
}

// within is how long each kind may take: as long as it lasts and one window more; what
// is missing may take as long as it is missing.
func within(k gen.LogKind, lasts time.Duration) time.Duration {
	switch k {
	case gen.LogNightly:
		return 2 * time.Hour
	case gen.LogBeat, gen.LogDrop:
		return lasts + time.Minute
	}
	return lasts + 5*time.Minute
}

// Measure runs it.
func (s Setting) Measure() Result {
	out := Result{False: Rate{ByModel: map[string]int{}}, Quiet: Rate{ByModel: map[string]int{}}}
	for _, k := range gen.LogKinds() {
		out.Kinds = append(out.Kinds, Kind{Kind: k.Kind, What: k.What, Within: within(k.Kind, k.Lasts), ByModel: map[string]int{}})
	}
	for i := range s.Seeds {
		s.seed(s.First+uint64(i), &out)
	}
	for i := range out.Kinds {
		a := out.Kinds[i].After
		sort.Slice(a, func(x, y int) bool { return a[x] < a[y] })
	}
	return out
}

func (s Setting) seed(seed uint64, out *Result) {
	odd := Incidents(seed)
	end := gen.LogStart.Add(time.Duration(15+2*len(odd)) * 24 * time.Hour)
	alerts := Run(gen.NewLogGroup("shop", seed, s.Lines, odd...), end, s.R)
	for i := range odd {
		k := &out.Kinds[i]
		k.Count++
		for _, a := range alerts {
			if a.At >= odd[i].From && a.Said <= odd[i].From.Add(k.Within) {
				k.Found++
				k.After = append(k.After, a.Said.Sub(odd[i].From))
				k.ByModel[a.Model]++
				break
			}
		}
	}
	judged := end.Sub(gen.LogStart) - logs.Silent
	out.False.add(beside(alerts, odd), judged-time.Duration(len(odd))*2*time.Hour)
	if s.Quiet > 0 {
		quiet := Run(gen.NewLogGroup("shop", seed+1000, s.Lines), gen.LogStart.Add(s.Quiet), s.R)
		out.Quiet.add(quiet, s.Quiet-logs.Silent)
	}
}

func (r *Rate) add(as []Alert, judged time.Duration) {
	r.Alerts += len(as)
	r.Weeks += judged.Hours() / 24 / 7
	for _, a := range as {
		r.ByModel[a.Model]++
	}
}

// Incidents of a seed: one of each kind, two days apart, from the third week on.
func Incidents(seed uint64) []gen.LogIncident {
	r := rand.New(rand.NewPCG(seed, 77))
	var out []gen.LogIncident
	for i, k := range gen.LogKinds() {
		day := gen.LogStart.Add(time.Duration(14+2*i) * 24 * time.Hour)
		from := day.Add(time.Duration(r.IntN(10*60)) * time.Minute) // 9:00 to 19:00 in Tokyo
		if k.Kind == gen.LogNightly {
			from = day.Add(17*time.Hour + 9*time.Minute) // 2:09 in Tokyo
		}
		out = append(out, gen.LogIncident{Kind: k.Kind, From: from, To: from.Add(k.Lasts)})
	}
	return out
}

// beside are the alerts that no incident explains: neither while it lasts nor in the
// hour after, when what it changed changes back.
func beside(as []Alert, odd []gen.LogIncident) (out []Alert) {
	for _, a := range as {
		of := false
		for _, o := range odd {
			of = of || a.Said >= o.From && a.At < o.To.Add(time.Hour)
		}
		if !of {
			out = append(out, a)
		}
	}
	return out
}

// Alert is one that opened.
type Alert struct {
	At    kizashi.Time
	Said  kizashi.Time // the end of the window that told it
	Model string
	Name  string
}

// Run counts and judges a log group up to an instant.
func Run(g *gen.LogGroup, end kizashi.Time, r time.Duration) []Alert {
	e := logs.New(pattern.Config{})
	meta := kizashi.Meta{Series: 7, Identity: kizashi.LabelsOf(map[string]string{"log_group": g.Name}), Labels: kizashi.LabelsOf(map[string]string{"log_group": g.Name}), Zone: g.Zone.String()}
	if err := e.Declare(kizashi.Declaration{Meta: meta}); err != nil {
		panic(err)
	}
	about := func(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
		return kizashi.Proof{Meta: meta, Settings: kizashi.Settings{R: kizashi.Duration(r)}}, nil
	}
	var out logs.Out
	var alerts []Alert
	stood := map[string]kizashi.Time{}
	for m := gen.LogStart; m < end; m = m.Add(time.Minute) {
		ls := g.Minute(m)
		for i := range ls {
			ls[i].Series = meta.Series
		}
		if _, err := e.Take(ls); err != nil {
			panic(err)
		}
		out.Reset()
		if err := e.Close(meta.Series, m.Add(time.Minute), about, &out); err != nil {
			panic(err)
		}
		for i := range out.Crossings {
			alerts = opened(&out.Crossings[i], stood, alerts)
		}
	}
	return alerts
}

// opened appends the alerts that a crossing opens.
func opened(c *logs.Crossing, stood map[string]kizashi.Time, out []Alert) []Alert {
	for _, v := range c.Verdict.Votes {
		k := c.Series.String() + v.Side.String()
		last, before := stood[k]
		stood[k] = c.At
		if before && c.At.Sub(last) <= time.Hour {
			continue
		}
		name := ""
		if len(c.Proof) > 0 && c.Proof[0].Log != nil {
			name = c.Proof[0].Log.Template + " " + c.Proof[0].Log.Part + " " + c.Proof[0].Log.Of
		}
		out = append(out, Alert{At: c.At, Said: c.End, Model: v.Model, Name: name})
	}
	return out
}

// Middle is the median of After; 0 where none was found.
func (k Kind) Middle() time.Duration {
	if len(k.After) == 0 {
		return 0
	}
	return k.After[len(k.After)/2]
}
