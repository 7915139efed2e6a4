package logs

import (
	"math"
	"time"
)

// Plan is what the reading of log groups takes, by what CloudWatch says that
// they store.
type Plan struct {
	Listed     int           `json:"listed"`
	Read       int           `json:"read"`
	Refusable  int           `json:"refusable"` // of those read: not of the standard class, so that FilterLogEvents may be refused
	BytesADay  float64       `json:"bytes_a_day"`
	CallsADay  float64       `json:"calls_a_day"` // of FilterLogEvents
	PerSecond  float64       `json:"calls_a_second_allowed"`
	Every      time.Duration `json:"every"` // between two reads of a group, by their number
	History    time.Duration `json:"history"`
	Asked      time.Duration `json:"history_asked"` // as configured; more than History = the budget has no room for it
	Bytes      float64       `json:"history_bytes"`
	Calls      float64       `json:"history_calls"`
	Takes      time.Duration `json:"history_takes"` // at the calls allowed
	Undersized bool          `json:"too_many"`      // more calls a day than allowed
}

// pageBytes is what one page of FilterLogEvents has at the most, from its
// documentation.
const pageBytes = 1 << 20

// PlanOf is the plan of a source for the groups that exist.
func (cfg Config) PlanOf(found []Found, now time.Time) (p Plan, err error) {
	if cfg, err = cfg.complete(); err != nil {
		return p, err
	}
	var read []Found
	for i := range found {
		if g := &found[i]; cfg.Choose(g) != nil {
			read = append(read, *g)
			if g.Class != Standard {
				p.Refusable++
			}
		}
	}
	p.Listed, p.Read = len(found), len(read)
	p.PerSecond = cfg.Session.Region(cfg.Region).Rate(FilterLogEvents)
	p.Every = max(Pace(p.Read, p.PerSecond), time.Minute)
	perHour := 0.0
	for i := range read {
		h := read[i].PerHour(now)
		perHour += h
		p.CallsADay += cfg.callsADay(h, p.Every)
	}
	p.BytesADay = 24 * perHour
	if cfg.Backfill > 0 && len(read) > 0 {
		p.Asked = cfg.Backfill
		p.History = Affordable(read, cfg.Backfill, cfg.Budget, now)
		p.Bytes = min(perHour*p.History.Hours(), float64(cfg.Budget))
		p.Calls = math.Ceil(p.Bytes/pageBytes) + float64(len(read))*math.Ceil(p.History.Hours()/mostSpan.Hours())
		p.Takes = time.Duration(p.Calls / p.PerSecond * float64(time.Second)).Round(time.Minute)
	}
	p.Undersized = p.CallsADay > p.PerSecond*86_400
	return p, nil
}

// callsADay of a group that takes so many bytes an hour: a page at least each
// time, and every look the overlap again.
func (cfg *Config) callsADay(perHour float64, every time.Duration) float64 {
	pages := func(stretch time.Duration) float64 { return max(1, math.Ceil(perHour*stretch.Hours()/pageBytes)) }
	day := (24 * time.Hour).Seconds()
	look := max(every, lookEvery)
	looks := day / look.Seconds()
	return looks*pages(every+cfg.Overlap) + (day/every.Seconds()-looks)*pages(every)
}
