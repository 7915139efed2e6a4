package scenario

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar/daysfile"
	"github.com/kizashi-ops/kizashi/gen"
)

// series is one series of the story, and how far it was delivered.
type series struct {
	name    string
	meta    kizashi.Meta
	part    kizashi.Partition
	sd      float64
	samples []kizashi.Sample // in the order in which they come
	reached []kizashi.Time   // for each sample, the latest end so far: when it comes
	next    int
	joined  bool
	coming  []known
	revised []kizashi.Revision
	like    kizashi.SeriesID   // whose baseline it starts with
	fill    *kizashi.Partition // its back-fill
	fillTo  kizashi.Time       // which delivers what is before this
	after   kizashi.Time       // and not before this
}

const firstDay = "2026-09-07" // a Monday

// load makes a series of a family: mean + sd times its noise, cut at the
// bounds, and rounded to whole numbers if whole is given.
func (s *Story) load(c *call) (string, error) {
	name, zone := c.text("name", "x"), c.text("zone", "UTC")
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return "", err
	}
	from := c.text("from", firstDay)
	first, err := time.ParseInLocation("2006-01-02", from, loc)
	if err != nil {
		if first, err = time.ParseInLocation("2006-01-02T15:04", from, loc); err != nil {
			return "", fmt.Errorf("from=%s: want a date, or a date and a time", from)
		}
	}
	if s.loc == nil {
		s.loc, s.start = loc, kizashi.TimeOf(first)
	}
	step := c.span("step", 0)
	period := c.span("period", 0)
	if step == 0 {
		step = period
	}
	o := gen.Options{Start: kizashi.TimeOf(first), Period: step, Zone: zone}
	noise, err := gen.NewNoise(c.text("family", "gauss"), uint64(c.number("seed", 1)), o)
	if err != nil {
		return "", err
	}
	identity := kizashi.LabelsOf(map[string]string{"name": name})
	x := &series{name: name, sd: c.number("sd", 1)}
	x.meta = kizashi.Meta{Tenant: c.text("tenant", "acme"), Identity: identity, Labels: c.labels(name), Group: c.text("group", "shop"),
		Unit: c.text("unit", ""), Statistic: c.text("stat", ""), Period: kizashi.Duration(period),
		Settle: kizashi.Duration(c.span("settle", 0)), Lower: c.num("lower"), Upper: c.num("upper"), Zone: zone}
	x.meta.Series = kizashi.IDOf(x.meta.Tenant, identity)
	x.part = kizashi.Partition{Tenant: x.meta.Tenant, Account: c.text("account", ""), Region: c.text("region", ""),
		Kind: kizashi.Metrics, Period: period, Settle: time.Duration(x.meta.Settle), Poll: c.span("poll", 0)}
	if like, ok := c.get("like"); ok {
		for _, y := range s.series {
			if y.name == like {
				x.like = y.meta.Series
			}
		}
		if x.like == 0 {
			return "", fmt.Errorf("like=%s: no such series was loaded", like)
		}
		s.edges = append(s.edges, o.Start, o.Start.Add(time.Minute))
	}
	x.fillIn(noise, o.Start, step, c)
	s.series = append(s.series, x)
	return fmt.Sprintf("%s: %d samples", name, len(x.samples)), nil
}

func (c *call) labels(name string) kizashi.Labels {
	m := map[string]string{"name": name}
	if v, ok := c.get("labels"); ok {
		for _, pair := range strings.Split(v, ",") {
			k, v, ok := strings.Cut(strings.TrimSpace(pair), ":")
			if !ok {
				c.fail("labels", pair, "name:value, ...")
			}
			m[k] = v
		}
	}
	return kizashi.LabelsOf(m)
}

func (x *series) fillIn(noise *gen.Noise, start kizashi.Time, step time.Duration, c *call) {
	days, mean := c.number("days", 14), c.number("mean", 0)
	_, whole := c.get("whole")
	values := make([]float64, int(days*24*float64(time.Hour)/float64(step)))
	noise.Fill(values)
	for i, v := range values {
		x.samples = append(x.samples, kizashi.Sample{Series: x.meta.Series, At: start.Add(time.Duration(i) * step),
			Period: time.Duration(x.meta.Period), Value: x.fit(mean+x.sd*v, whole)})
	}
}

// fit keeps a value inside the bounds, with few decimals.
func (x *series) fit(v float64, whole bool) float64 {
	if lo := float64(x.meta.Lower); v < lo {
		v = lo
	}
	if hi := float64(x.meta.Upper); v > hi {
		v = hi
	}
	if whole {
		return math.RoundToEven(v)
	}
	return math.RoundToEven(v*1e4) / 1e4
}

// configure sets the configuration before anything is replayed.
func (s *Story) configure(c *call) (string, error) {
	if s.pipe != nil {
		return "", fmt.Errorf("it was replayed already: use command reload")
	}
	d := json.NewDecoder(strings.NewReader(c.input))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.config); err != nil {
		return "", err
	}
	if _, ok := c.get("japan"); ok {
		for i := range s.config.Calendars {
			s.config.Calendars[i].Days.Holidays = daysfile.Japan()
		}
	}
	return "ok", s.config.Validate()
}

// stretches are [at, at+for) or [from, to), repeated.
func (c *call) stretches() [][2]kizashi.Time {
	from := c.at("at", kizashi.Never)
	if from == kizashi.Never {
		from = c.at("from", kizashi.Never)
	}
	to := c.at("to", kizashi.Never)
	if to == kizashi.Never {
		to = from.Add(c.span("for", time.Millisecond))
	}
	every, times := c.span("every", 0), int(c.number("times", 1))
	if from == kizashi.Never || to <= from {
		c.fail("from", "", "at= and for=, or from= and to=")
	}
	var out [][2]kizashi.Time
	for i := range times {
		out = append(out, [2]kizashi.Time{c.story.later(from, every, i), c.story.later(to, every, i)})
	}
	return out
}

// later moves t by n times every; whole days are days on the wall.
func (s *Story) later(t kizashi.Time, every time.Duration, n int) kizashi.Time {
	const day = 24 * time.Hour
	if every%day != 0 {
		return t.Add(time.Duration(n) * every)
	}
	return kizashi.TimeOf(t.UTC().In(s.loc).AddDate(0, 0, n*int(every/day)))
}

func (s *Story) shift(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	by, n := c.change(x), 0
	_, whole := c.get("whole")
	for _, f := range c.stretches() {
		for i := x.next; i < len(x.samples); i++ {
			if p := &x.samples[i]; p.At >= f[0] && p.At < f[1] {
				p.Value = x.fit(by(p.Value), whole)
				n++
			}
		}
	}
	return some(n, "samples")
}

// ramp moves a stretch evenly, by nothing at its begin and by= at its end.
func (s *Story) ramp(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	by, n := c.number("by", 0), 0
	for _, f := range c.stretches() {
		for i := x.next; i < len(x.samples); i++ {
			if p := &x.samples[i]; p.At >= f[0] && p.At < f[1] {
				p.Value = x.fit(p.Value+by*float64(p.At-f[0])/float64(f[1]-f[0]), false)
				n++
			}
		}
	}
	return some(n, "samples")
}

func (s *Story) spike(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	by, n := c.change(x), 0
	for _, f := range c.stretches() {
		i := sort.Search(len(x.samples), func(i int) bool { return x.samples[i].At >= f[0] })
		if i < len(x.samples) && i >= x.next {
			x.samples[i].Value = x.fit(by(x.samples[i].Value), false)
			n++
		}
	}
	return some(n, "samples")
}

// change reads by=: +6sigma, -40, x2, =0.
func (c *call) change(x *series) func(float64) float64 {
	v, _ := c.get("by")
	number, sigma := strings.CutSuffix(strings.TrimLeft(v, "x=+"), "sigma")
	k, err := strconv.ParseFloat(number, 64)
	if err != nil {
		c.fail("by", v, "such as +6sigma, -40, x2, =0")
	}
	if sigma {
		k *= x.sd
	}
	switch {
	case strings.HasPrefix(v, "x"):
		return func(f float64) float64 { return f * k }
	case strings.HasPrefix(v, "="):
		return func(float64) float64 { return k }
	}
	return func(f float64) float64 { return f + k }
}

func (s *Story) drop(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	before := len(x.samples)
	for _, f := range c.stretches() {
		x.samples = gen.Drop(x.samples, f[0], f[1])
	}
	return some(before-len(x.samples), "samples")
}

func (s *Story) late(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	from, to, arrive := c.at("from", kizashi.Never), c.at("to", kizashi.Never), c.at("arrive", kizashi.Never)
	x.samples = gen.Late(x.samples, from, to, arrive)
	n := 0
	for _, p := range x.samples {
		if p.Late {
			n++
		}
	}
	return some(n, "samples")
}

// some refuses a change that changed nothing: a story that injects nothing
// must not pass.
func some(n int, of string) (string, error) {
	if n <= 0 {
		return "", fmt.Errorf("it touches no sample")
	}
	return fmt.Sprintf("%d %s", n, of), nil
}
