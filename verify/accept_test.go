package verify_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/verify"
)

const (
	minute = time.Minute
	hour   = time.Hour
)

func number(x float64) *float64 { return &x }

// incidents are a spike, a shift of 15 minutes, one of 14 hours that is
// adopted, and a silence, all in the third week.
func incidents() []happening {
	return []happening{
		{hour: 340, length: minute, by: 12},
		{hour: 350.5, length: 15 * minute, by: 10},
		{hour: 380, length: 15 * minute, by: -10},
		{hour: 400, length: 14 * hour, by: 9},
		{hour: 460, length: 6 * hour, lost: true},
	}
}

func stories() []story {
	none := kizashi.None()
	up := kizashi.Up
	all := []string{"band up", "band down", "spike up", "silence both"}
	return []story{
		{name: "1 minute, as it is", family: "gauss", period: minute, zone: "Asia/Tokyo", from: "2026-01-05", weeks: 4, sigma: 1, happens: incidents(), want: all},
		{name: "5 minutes, logarithmic", family: "gauss", period: 5 * minute, from: "2026-01-05", weeks: 4, mean: 100, sigma: 5, happens: incidents(), want: []string{"band up", "band down", "silence both"}},
		{name: "seasonal over a change of time in New York", family: "seasonal", period: 5 * minute, zone: "America/New_York", from: "2026-02-16", weeks: 4, mean: 200, sigma: 20, happens: incidents(), want: []string{"band up", "silence both"}},
		{name: "seasonal over a change of half an hour", family: "seasonal", period: 5 * minute, zone: "Australia/Lord_Howe", from: "2026-03-23", weeks: 4, sigma: 2, happens: incidents(), want: []string{"band up"}},
		{name: "hourly", family: "gauss", period: hour, zone: "Australia/Lord_Howe", from: "2026-03-16", weeks: 6, mean: 5, sigma: 1,
			happens: []happening{{hour: 700, length: hour, by: 12}, {hour: 800, length: 14 * hour, by: 9}, {hour: 900, length: 30 * hour, lost: true}}, want: []string{"spike up", "silence both"}},
		{name: "no period declared", family: "seasonal", period: 5 * minute, unknown: true, zone: "Asia/Tokyo", from: "2026-01-05", weeks: 4, mean: 50, sigma: 4, happens: incidents(), want: []string{"band up"}},
		{name: "counts", family: "poisson", period: 5 * minute, from: "2026-01-05", weeks: 4, sigma: 1, whole: true, lower: 0, upper: none, happens: incidents(), want: []string{"band up"}},
		{name: "bounds, a static limit and guard rails", family: "gauss", period: 5 * minute, from: "2026-01-05", weeks: 4, mean: 40, sigma: 4, lower: 0, upper: 100,
			rule: detect.Rule{Static: []detect.StaticRule{{Above: number(70), MofN: "2/3", Note: "agreed"}},
				Guards: []detect.StaticRule{{Above: number(55), Note: "contract"}, {Below: number(5)}}},
			happens: incidents(), want: []string{"static up", "guard up", "band up"}},
		{name: "only up, another M of N", family: "laplace", period: 5 * minute, from: "2026-01-05", weeks: 4, mean: 100, sigma: 5,
			rule: detect.Rule{Direction: &up, MofN: "4/10"}, happens: incidents(), want: []string{"band up"}},
		{name: "the band switched off", family: "ar", period: minute, from: "2026-01-05", weeks: 4, sigma: 1, rule: detect.Rule{Off: []string{"band"}}, happens: incidents(), want: []string{"spike up"}},
		{name: "the spike switched off", family: "t3", period: 5 * minute, from: "2026-01-05", weeks: 4, sigma: 1, rule: detect.Rule{Off: []string{"spike"}}, happens: incidents(), want: []string{"band up"}},
		{name: "a stretch excluded ahead", family: "gauss", period: 5 * minute, from: "2026-01-05", weeks: 4, sigma: 1, happens: incidents(), want: []string{"band up"},
			commands: func(t kizashi.Time) []kizashi.Command {
				return []kizashi.Command{{Op: kizashi.Exclude, At: t.Add(300 * hour), From: t.Add(399 * hour), To: t.Add(415 * hour), Reason: "load test"}}
			}},
		{name: "a stretch excluded afterwards", family: "gauss", period: 5 * minute, from: "2026-01-05", weeks: 4, sigma: 1, happens: incidents(), want: []string{"band up"},
			commands: func(t kizashi.Time) []kizashi.Command {
				return []kizashi.Command{{Op: kizashi.Exclude, At: t.Add(430 * hour), From: t.Add(399 * hour), To: t.Add(415 * hour), Reason: "load test"},
					{Op: kizashi.Include, At: t.Add(500 * hour), From: t.Add(405 * hour), To: t.Add(410 * hour)}}
			}},
		{name: "another target on the way", family: "gauss", period: 5 * minute, from: "2026-01-05", weeks: 4, sigma: 1, happens: incidents(), want: []string{"band up"},
			commands: func(t kizashi.Time) []kizashi.Command {
				return []kizashi.Command{{Op: kizashi.Target, At: t.Add(345 * hour), Value: 7 * 86400}}
			}},
		{name: "holes", family: "lognormal", period: minute, from: "2026-01-05", weeks: 4, mean: 20, sigma: 3, want: []string{"band up"},
			happens: append(incidents(), happening{hour: 100, length: 40 * minute, lost: true}, happening{hour: 200.2, length: 3 * minute, lost: true},
				happening{hour: 341.25, length: 4 * minute, lost: true}, happening{hour: 350.7, length: 2 * minute, lost: true})},
	}
}

// Every alert of every story is accepted, from the justification alone and
// with the samples.
func TestEveryAlertIsAccepted(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := s.run(t)
			stood := map[string]bool{}
			for _, a := range w.opened(t) {
				j := w.justifications[a.Justify]
				for _, v := range j.Opening.Verdict.Votes {
					stood[v.Model+" "+v.Side.String()] = true
				}
				cfg := w.config(a)
				accepted(t, a, j, cfg)
				cfg.Data = nil
				accepted(t, a, j, cfg)
			}
			for _, v := range s.want {
				if !stood[v] {
					t.Errorf("no alert by %s; there are %v", v, stood)
				}
			}
		})
	}
}

func accepted(t *testing.T, a kizashi.Alert, j kizashi.Justification, cfg verify.Config) {
	t.Helper()
	r := verify.Check(a, j, cfg)
	if len(r.Faults) > 0 {
		t.Errorf("alert %s %s at %s, with data %v: %d faults:", a.ID, a.Side, a.Opened, cfg.Data != nil, len(r.Faults))
		for _, f := range r.Faults[:min(len(r.Faults), 12)] {
			t.Errorf("    %s", f)
		}
	}
	if len(r.Declared) > 6 {
		t.Errorf("alert %s: %d fields are declared, want at most 6: %q", a.ID, len(r.Declared), r.Declared)
	}
}
