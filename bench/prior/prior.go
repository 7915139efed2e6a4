// Package prior measures what a coarse history does to baselines: series that
// were seen for two weeks, with and without the hour averages of the year
// before, over the four weeks that follow.
//
// The series are generated, and have no incident: every alert is a false one.
// Beside series whose year is like their present there are some whose year is
// not: they must not come out worse. [Setting.Measure] gives a line;
// `go run ./bench/figures` prints the table.
package prior

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// Setting of a measurement.
type Setting struct {
	Kind   string // one of Kinds
	Seeds  int
	Period time.Duration
	Past   int           // weeks of coarse history
	Own    int           // weeks of its own samples before the history informs it
	Score  int           // weeks after that
	Noise  float64       // standard deviation of a sample, as a part of the level
	R      time.Duration // target
}

// Standard is the setting of the table.
func Standard(kind string, seeds int) Setting {
	return Setting{Kind: kind, Seeds: seeds, Period: 5 * time.Minute, Past: 52, Own: 2, Score: 4, Noise: .05, R: 28 * 24 * time.Hour}
}

// Figures of series without and with their coarse history.
type Figures struct {
	Series int
	Taken  int          // of them took something of the history
	Error  [2]float64   // median over the series of the median |center - true mean|, in parts of the level
	Alerts [2]int       // false ones
	Worse  int          // series whose median error grew by more than a tenth
	Season [2][3]int    // none, daily, weekly at the end
	By     [][2]float64 // each series' error
}

var start = kizashi.TimeOf(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) // a Monday

// Measure judges every seed's series twice.
func (s Setting) Measure() (Figures, error) {
	f := Figures{Series: s.Seeds}
	var errors [2][]float64
	for seed := range uint64(s.Seeds) {
		var pair [2]float64
		for with := range 2 {
			one, err := s.judge(seed, with == 1)
			if err != nil {
				return f, err
			}
			pair[with] = one.err
			errors[with] = append(errors[with], one.err)
			f.Alerts[with] += one.alerts
			f.Season[with][one.season]++
			if one.taken {
				f.Taken++
			}
		}
		f.By = append(f.By, pair)
		if pair[1] > 1.1*pair[0] {
			f.Worse++
		}
	}
	for k := range errors {
		slices.Sort(errors[k])
		f.Error[k] = errors[k][len(errors[k])/2]
	}
	return f, nil
}

// outcome of one series.
type outcome struct {
	err    float64
	alerts int
	taken  bool
	season int
}

func (s Setting) judge(seed uint64, with bool) (out outcome, err error) {
	r := kizashi.Duration(s.R)
	e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{{R: &r}}}, models.All(), 1, nil)
	if err != nil {
		return out, err
	}
	identity := kizashi.LabelsOf(map[string]string{"name": s.Kind})
	id := kizashi.IDOf("bench", identity)
	err = e.Declare(kizashi.Declaration{From: start, Meta: kizashi.Meta{Series: id, Tenant: "bench", Identity: identity, Labels: identity,
		Group: "bench", Statistic: "Average", Period: kizashi.Duration(s.Period), Lower: kizashi.None(), Upper: kizashi.None()}})
	if err != nil {
		return out, err
	}
	l := newLife(s, seed, 77)
	informed := start.Add(time.Duration(s.Own) * week)
	if with {
		past := newLife(s, seed, 78).past(id) // the samples that follow are the same without it
		e.UseCoarse(func(kizashi.SeriesID, kizashi.Time, kizashi.Time) ([]kizashi.Sample, error) {
			return slices.Clone(past), nil
		})
		if err := e.Inform(id, informed); err != nil {
			return out, err
		}
	}
	var off []float64
	var got detect.Judged
	end := informed.Add(time.Duration(s.Score) * week)
	for at := start; at < end; {
		var batch []kizashi.Sample
		var usual []float64
		for ; at < end && len(batch) < 288; at = at.Add(s.Period) {
			mean, v := l.now(at)
			batch = append(batch, kizashi.Sample{Series: id, At: at, Period: s.Period, Value: v})
			usual = append(usual, mean)
		}
		got = detect.Judged{}
		if err := e.Judge(batch, &got); err != nil {
			return out, err
		}
		for i := range got.Judgements {
			if j := &got.Judgements[i]; j.At >= informed {
				off = append(off, math.Abs(float64(j.Expected)-usual[i])/level)
			}
		}
		for i := range got.Crossings {
			if got.Crossings[i].At >= informed {
				out.alerts += len(got.Crossings[i].Proof)
			}
		}
		for _, n := range got.Notes {
			out.taken = out.taken || n.Fact.Claim == kizashi.ClaimInformed && n.Fact.Text == "taken"
		}
		for i := range got.Records {
			out.season = slices.Index([]kizashi.Season{kizashi.NoSeason, kizashi.Daily24, kizashi.Weekly}, got.Records[i].Season)
		}
	}
	slices.Sort(off)
	out.err = off[len(off)/2]
	return out, nil
}

const (
	week  = 7 * 24 * time.Hour
	level = 200.
)

// Kinds of series, by what is told apart from the two weeks of their own.
func Kinds() []string {
	return []string{"weekends differ", "weekends differ a little", "each day differs", "a holiday week in the two", "all days alike", "no season",
		"weekends differed last year", "another shape last year", "another level last year"}
}

// life of a series: what it usually does, then and now, and what comes.
type life struct {
	s    Setting
	r    *rand.Rand
	hour float64 // slow noise, by the hour
	day  float64 // and by the day
	last kizashi.Time
	zone *calendar.Zone
}

func newLife(s Setting, seed, stream uint64) *life {
	zone, err := calendar.Load("")
	if err != nil {
		panic(err) // UTC is always there
	}
	return &life{s: s, r: rand.New(rand.NewPCG(seed, stream)), zone: zone, last: kizashi.Never}
}

// shape of a day: quiet at night, a top at noon and one in the evening.
func shape(hour float64) float64 {
	bump := func(at, breadth float64) float64 {
		d := math.Mod(hour-at+36, 24) - 12
		return math.Exp(-d * d / (2 * breadth * breadth))
	}
	return .5 + .5*bump(12.5, 3) + .6*bump(20.5, 2.5)
}

// usual value at an instant.
func (l *life) usual(at kizashi.Time) float64 {
	hour := float64(l.zone.DayMillis(int64(at))) / 3_600_000
	wd := l.zone.Weekday(int64(at))
	weekend := wd == time.Saturday || wd == time.Sunday
	past := at < start
	switch l.s.Kind {
	case "weekends differ":
		return level * shape(hour) * part(weekend, .6)
	case "weekends differ a little":
		return level * shape(hour) * part(weekend, .9)
	case "each day differs":
		return level * shape(hour) * (.7 + .1*float64(wd))
	case "a holiday week in the two":
		holiday := at >= start.Add(9*24*time.Hour) && at < start.Add(12*24*time.Hour)
		return level * shape(hour) * part(weekend || holiday, .6)
	case "no season":
		return level
	case "weekends differed last year":
		return level * shape(hour) * part(weekend && past, .6)
	case "another shape last year":
		if past {
			return level * shape(math.Mod(hour+9, 24)) * part(wd == time.Wednesday, 1.4)
		}
		return level * shape(hour) * part(weekend, .6)
	case "another level last year":
		if past {
			return .3 * level * shape(hour) * part(weekend, .6)
		}
		return level * shape(hour) * part(weekend, .6)
	}
	return level * shape(hour)
}

func part(yes bool, f float64) float64 {
	if yes {
		return f
	}
	return 1
}

// slow moves the noise that lasts: hours and days are not alike.
func (l *life) slow(at kizashi.Time) float64 {
	if h := at.Floor(time.Hour); h != l.last {
		l.hour = .7*l.hour + l.s.Noise*.5*l.r.NormFloat64()
		if l.last == kizashi.Never || h.Floor(24*time.Hour) != l.last.Floor(24*time.Hour) {
			l.day = l.s.Noise * .7 * l.r.NormFloat64()
		}
		l.last = h
	}
	return l.hour + l.day
}

// now is a sample, and what it usually is.
func (l *life) now(at kizashi.Time) (usual, v float64) {
	usual = l.usual(at)
	return usual, usual * (1 + l.slow(at) + l.s.Noise*l.r.NormFloat64())
}

// past are the hour averages before the series' own samples.
func (l *life) past(id kizashi.SeriesID) (out []kizashi.Sample) {
	for h := range l.s.Past * 7 * 24 {
		at := start.Add(time.Duration(h-l.s.Past*7*24) * time.Hour)
		sum, n := 0., int(time.Hour/l.s.Period)
		for i := range n {
			_, v := l.now(at.Add(time.Duration(i) * l.s.Period))
			sum += v
		}
		out = append(out, kizashi.Sample{Series: id, At: at, Period: time.Hour, Value: sum / float64(n)})
	}
	return out
}
