// Package calibrate holds the false alerts that targets state against those
// that came: for each series, for the classes of each tenant, and in all.
//
// A series is watched in the hours in which its limits counted. In each of them
// its R states 1 h / R false episodes. Observed are the alerts that opened in
// them by a vote that the target is for. Stretches of which somebody said that
// something was wrong are left out of both: R is about normal behaviour.
package calibrate

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

const (
	hour = time.Hour
	week = 7 * 24 * hour
)

// Watched are the hours in which a series' limits counted, with its R in them.
type Watched []stretch

type stretch struct {
	from, to kizashi.Time
	r        kizashi.Duration
}

// Add takes the next hour of the series, later than those before.
func (w *Watched) Add(at kizashi.Time, r kizashi.Duration) {
	if n := len(*w); n > 0 && (*w)[n-1].to == at && (*w)[n-1].r == r {
		(*w)[n-1].to = at.Add(hour)
		return
	}
	*w = append(*w, stretch{at, at.Add(hour), r})
}

// Mark is a stretch in which something was wrong; both ends belong to it.
type Mark struct{ From, To kizashi.Time }

// Input is what is known of one series.
type Input struct {
	Meta     kizashi.Meta
	Settings kizashi.Settings // in force at the end
	Watched  Watched
	Record   *kizashi.Record // the last one; nil = none
	Alerts   []kizashi.Alert
	Marks    []Mark
	Ended    bool // no sample is expected any more: it has a past, and no present rate
}

// Rate is what was stated and what was observed.
type Rate struct {
	Weeks    float64     `json:"weeks"`    // watched, all series together
	Stated   float64     `json:"stated"`   // false episodes that R states over them
	Observed int         `json:"observed"` // that came
	Ratio    kizashi.Num `json:"ratio"`    // observed over stated
	Low      kizashi.Num `json:"low"`      // 95 % interval of the ratio, by the chance of so few
	High     kizashi.Num `json:"high"`
	Marked   int         `json:"marked,omitempty"` // alerts in stretches that were marked: not counted
}

// Series is the rate of one series.
type Series struct {
	Series    kizashi.SeriesID  `json:"series"`
	Name      string            `json:"name"`
	Tenant    string            `json:"tenant,omitempty"`
	Class     string            `json:"class"`
	R         kizashi.Duration  `json:"r"`
	Division  *kizashi.Division `json:"division,omitempty"` // that R follows from
	Supported kizashi.Num       `json:"supported_s"`        // the longest R that its history supports, in s; null = it has no limits yet
	Ended     bool              `json:"ended,omitempty"`
	TooLong   bool              `json:"unsupported"` // R is longer than that
	Rate
}

// Total is the rate of the series of a tenant and class, or of all. What it says
// of a week is about the series that have not ended.
type Total struct {
	Tenant      string      `json:"tenant,omitempty"`
	Class       string      `json:"class,omitempty"`
	Series      int         `json:"series"`      // that have not ended
	Unsupported int         `json:"unsupported"` // of them
	Warming     int         `json:"warming"`     // of them: without limits yet
	Asked       kizashi.Num `json:"asked"`       // by the tenant, a week over the series that share it; null = nothing
	Implied     float64     `json:"implied"`     // a week, by each series' R at the end
	Least       float64     `json:"least"`       // a week, the fewest that the history supports
	Weekly      kizashi.Num `json:"weekly"`      // observed a week over all its series
	Rate
}

// Report is all of it.
type Report struct {
	Series  []Series `json:"series"` // by tenant, class and name
	Classes []Total  `json:"classes"`
	All     Total    `json:"all"`
}

// Of computes the report. counts says of a model whether its votes are what R is
// for.
func Of(inputs []Input, counts func(model string) bool) Report {
	out := Report{Series: []Series{}, Classes: []Total{}}
	for i := range inputs {
		out.Series = append(out.Series, inputs[i].rate(counts))
	}
	slices.SortStableFunc(out.Series, func(a, b Series) int {
		return cmp.Or(cmp.Compare(a.Tenant, b.Tenant), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Name, b.Name))
	})
	for i := range out.Series {
		s := &out.Series[i]
		n := len(out.Classes)
		if n == 0 || out.Classes[n-1].Tenant != s.Tenant || out.Classes[n-1].Class != s.Class {
			out.Classes = append(out.Classes, Total{Tenant: s.Tenant, Class: s.Class, Asked: kizashi.None()})
			n++
		}
		out.Classes[n-1].add(s)
		out.All.add(s)
	}
	out.All.Asked = kizashi.None()
	for i := range out.Classes {
		out.Classes[i].close()
	}
	out.All.close()
	return out
}

func (in *Input) rate(counts func(string) bool) Series {
	s := Series{Series: in.Meta.Series, Name: in.Meta.Name(), Tenant: in.Meta.Tenant, Class: in.Settings.Class, R: in.Settings.R,
		Division: in.Settings.Division, Supported: kizashi.None(), Ended: in.Ended}
	if in.Record != nil {
		if most := alert.SupportedBy(in.Record, &in.Settings); most > 0 {
			s.Supported = kizashi.Num(most)
			s.TooLong = time.Duration(in.Settings.R).Seconds() > most
		}
	}
	for _, w := range in.Watched {
		for at := w.from; at < w.to; at = at.Add(hour) {
			if in.marked(at, at.Add(hour)-1) {
				continue
			}
			s.Weeks += float64(hour) / float64(week)
			s.Stated += float64(hour) / float64(w.r)
		}
	}
	for i := range in.Alerts {
		a := &in.Alerts[i]
		if a.State == kizashi.Pending || !slices.ContainsFunc(a.Models, counts) || !in.watched(a.Opened) {
			continue
		}
		if in.marked(a.Opened, a.To) {
			s.Marked++
			continue
		}
		s.Observed++
	}
	s.close()
	return s
}

// marked says whether a stretch touches a mark.
func (in *Input) marked(from, to kizashi.Time) bool {
	return slices.ContainsFunc(in.Marks, func(m Mark) bool { return from <= m.To && to >= m.From })
}

func (in *Input) watched(at kizashi.Time) bool {
	return slices.ContainsFunc(in.Watched, func(w stretch) bool { return at >= w.from && at < w.to })
}

// close computes the ratio and its interval.
func (r *Rate) close() {
	r.Ratio, r.Low, r.High = kizashi.None(), kizashi.None(), kizashi.None()
	if r.Stated > 0 {
		low, high := poisson(r.Observed)
		r.Ratio, r.Low, r.High = kizashi.Num(float64(r.Observed)/r.Stated), kizashi.Num(low/r.Stated), kizashi.Num(high/r.Stated)
	}
}

// poisson is the 95 % interval of the mean of which n is one draw: Byar's
// approximation (Breslow and Day 1987, "Statistical Methods in Cancer Research
// II", p. 69), within 1 % of the exact one from n = 2 on, 4 % below.
func poisson(n int) (low, high float64) {
	cube := func(n, z float64) float64 {
		c := 1 - 1/(9*n) + z/(3*math.Sqrt(n))
		return n * c * c * c
	}
	if n > 0 {
		low = cube(float64(n), -1.96)
	}
	return low, cube(float64(n)+1, 1.96)
}

func (t *Total) add(s *Series) {
	t.Weeks += s.Weeks
	t.Stated += s.Stated
	t.Observed += s.Observed
	t.Marked += s.Marked
	if s.Ended {
		return
	}
	t.Series++
	t.Implied += float64(week) / float64(s.R)
	switch {
	case !s.Supported.Ok():
		t.Warming++
	default:
		t.Least += week.Seconds() / float64(s.Supported)
	}
	if s.TooLong {
		t.Unsupported++
	}
	if s.Division != nil {
		t.Asked = kizashi.Num(s.Division.Weekly)
	}
}

func (t *Total) close() {
	t.Rate.close()
	if t.Weekly = kizashi.None(); t.Weeks > 0 {
		t.Weekly = kizashi.Num(float64(t.Observed) / t.Weeks * float64(t.Series-t.Warming))
	}
}
