package verify_test

import (
	"strings"
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

// incidents are a spike, shifts of 15 minutes, slow shifts that only M of N
// sees, a level that lasts for 14 hours and is adopted, and a silence, all from
// the third week on.
func incidents() []happening {
	hs := []happening{
		{hour: 340, length: minute, by: 12},
		{hour: 350.5, length: 15 * minute, by: 10},
		{hour: 380, length: 15 * minute, by: -10},
		{hour: 400, length: 14 * hour, by: 9},
		{hour: 460, length: 6 * hour, lost: true},
	}
	for i := range 16 { // at ever other hours of the day
		hs = append(hs, happening{hour: 475 + 11.3*float64(i), length: hour, by: 4.2 - 8.4*float64(i%2)})
	}
	return hs
}

// nightlyJob runs for half an hour each night but one, and for two hours on another.
func nightlyJob(not, double int) (hs []happening) {
	for d := range 28 {
		h := happening{hour: 24*float64(d) + 7 + float64(d%3)/12, length: 30 * minute, by: 30}
		if d == double {
			h.length = 2 * hour
		}
		if d != not {
			hs = append(hs, h)
		}
	}
	return hs
}

// stretches are the detectors that speak before the band where a shift is slow.
var stretches = []string{"level", "drift", "variance"}

// others leave a forecast to itself.
var others = []string{"band", "spike", "level", "drift", "variance", "context", "extreme", "stuck", "sibling"}

func excluded(t kizashi.Time, at, from, to kizashi.Time) kizashi.Command {
	return kizashi.Command{Op: kizashi.Exclude, At: t + at*hours, From: t + from*hours, To: t + to*hours, Reason: "load test"}
}

const hours kizashi.Time = 3_600_000

func stories() []story {
	up := kizashi.Up
	gauss := story{family: "gauss", period: 5 * minute, from: "2026-01-05", weeks: 4, sigma: 1, happens: incidents()}
	of := func(name string, change func(*story)) story {
		s := gauss
		s.name = name
		change(&s)
		return s
	}
	return []story{
		of("1 minute, as it is", func(s *story) {
			s.period, s.zone = minute, "Asia/Tokyo"
			s.want = []string{"band up", "spike up", "spike down", "silence both"}
		}),
		of("one of six hosts", func(s *story) {
			s.kin, s.mean, s.sigma = 5, 40, 2
			s.happens = []happening{{hour: 400, length: hour, by: 5}, {hour: 500, length: hour, by: -5}}
			s.want = []string{"sibling up", "sibling down"}
		}),
		of("stretches", func(s *story) {
			s.period, s.mean, s.sigma, s.zone = minute, 40, 2, "Asia/Tokyo"
			s.happens = []happening{{hour: 400.2, length: hour, by: 1.6}, {hour: 430, length: 8 * hour, by: -.8}, {hour: 480.3, length: 3 * hour, spread: 1.6},
				{hour: 560.25, length: 50 * minute, still: true}, {hour: 600, length: 3 * minute, lost: true}, {hour: 599.7, length: hour, by: -2.6}, {hour: 650.2, length: hour, by: -2.0}}
			s.want = []string{"level up", "level down", "drift down", "variance up", "stuck both"}
		}),
		of("a calm stretch", func(s *story) {
			s.period, s.mean, s.sigma, s.zone = minute, 40, 2, "Asia/Tokyo"
			s.happens, s.want = []happening{{hour: 480.3, length: 2 * hour, spread: .3}}, []string{"variance down"}
		}),
		of("stretches of a season, 5 minutes", func(s *story) {
			s.family, s.mean, s.sigma = "seasonal", 200, 20
			s.happens = []happening{{hour: 400.2, length: 2 * hour, by: 1.9}, {hour: 430, length: 8 * hour, by: -1}, {hour: 560.25, length: 80 * minute, still: true}}
			s.want = []string{"level up", "drift down", "stuck both"}
		}),
		of("a half-life of four days, seasonal", func(s *story) {
			s.family, s.mean, s.sigma, s.zone = "seasonal", 200, 20, "Asia/Tokyo"
			days := kizashi.Duration(4 * 24 * hour)
			s.rule.HalfLife, s.want = &days, []string{"band up", "spike up"}
		}),
		of("a half-life of eight weeks", func(s *story) {
			s.mean, s.sigma, s.period = 5, 1, minute
			days := kizashi.Duration(56 * 24 * hour)
			s.rule.HalfLife, s.want = &days, []string{"band up", "spike down"}
		}),
		of("a series' first day", func(s *story) {
			s.mean, s.sigma, s.zone, s.period = 200, 10, "Asia/Tokyo", minute
			s.happens = []happening{{hour: 2.3, length: 10 * minute, by: 40}, {hour: 30, length: 10 * minute, by: -300}, {hour: 400, length: 20 * minute, by: 7}}
			s.want = []string{"early up", "early down", "spike up"}
		}),
		of("a nightly job, skipped and doubled", func(s *story) {
			s.mean, s.sigma, s.zone, s.period = 200, 10, "Asia/Tokyo", 5*minute
			s.happens = nightlyJob(18, 22)
			s.want = []string{"routine down", "band up"}
		}),
		of("a nightly job, skipped, by the routine alone", func(s *story) {
			s.mean, s.sigma, s.zone, s.from, s.rule.Off = 200, 10, "America/New_York", "2026-02-16", others
			s.happens = nightlyJob(18, 22)
			s.want = []string{"routine down"}
		}),
		of("a job in the hour that clocks skip", func(s *story) {
			s.mean, s.sigma, s.zone, s.from, s.rule.Off = 200, 10, "America/New_York", "2026-02-16", others
			s.happens = nil
			for d := range 28 { // at 03:15 of the wall; clocks change on 8 March, the 21st day
				h := happening{hour: 24*float64(d) + 8.25, length: 30 * minute, by: 30}
				if d >= 20 {
					h.hour--
				}
				if d != 22 {
					s.happens = append(s.happens, h)
				}
			}
			s.want = []string{"routine down"}
		}),
		of("a flat line in the hour in which the target changes", func(s *story) {
			s.period, s.mean, s.sigma = minute, 40, 2
			s.happens = []happening{{hour: 560.25, length: 50 * minute, still: true}, {hour: 600.2, length: hour, by: 1.6}}
			s.rule.Off = []string{"band", "spike"}
			s.commands = func(t kizashi.Time) []kizashi.Command {
				return []kizashi.Command{{Op: kizashi.Target, At: t + 560*hours + hours/3, Value: 7 * 86400}, {Op: kizashi.Target, At: t + 600*hours + hours/3, Value: 14 * 86400}}
			}
			s.want = []string{"stuck both", "level up"}
		}),
		of("changes within a while", func(s *story) {
			s.mean, s.sigma, s.rule.Off = 100, 5, []string{"band", "spike", "level", "drift"}
			s.rule.Change = []detect.ChangeRule{{Above: "45%", Over: kizashi.Duration(15 * minute), Note: "fuses"}, {Above: "41", Over: kizashi.Duration(hour), Direction: kizashi.Down}}
			s.want = []string{"rate up", "rate down"}
		}),
		of("a leak over days", func(s *story) {
			s.family, s.mean, s.sigma, s.upper, s.lower, s.zone, s.rule.Off = "seasonal", 60, 1, 100, 0, "Asia/Tokyo", others
			s.happens = []happening{{hour: 300, length: 330 * hour, leak: 2.2}}
			s.rule.Forecast = []detect.ForecastRule{{Above: number(95), Lead: kizashi.Duration(48 * hour), Note: "resize"}}
			s.want = []string{"forecast both"}
		}),
		of("a leak over hours", func(s *story) {
			s.period, s.mean, s.sigma, s.rule.Off = minute, 60, .5, others
			s.happens = []happening{{hour: 400, length: 12 * hour, leak: -160}}
			s.rule.Guards = []detect.StaticRule{{Below: number(10)}}
			s.want = []string{"forecast both"}
		}),
		of("never seen", func(s *story) {
			s.family, s.mean, s.sigma, s.rule.Off, s.rule.OptIn = "seasonal", 200, 20, []string{"band", "spike"}, []string{"novelty"}
			s.happens = []happening{{hour: 500, length: 10 * minute, by: -25}, {hour: 560, length: 5 * minute, by: 300}}
			s.want = []string{"novelty down", "extreme up"}
		}),
		of("levels of other hours", func(s *story) {
			s.family, s.mean, s.sigma, s.rule.Off = "seasonal", 200, 20, []string{"band", "spike", "extreme"}
			s.happens = []happening{{hour: 388, length: 6 * hour, by: 5}, {hour: 500, length: 6 * hour, by: -5}}
			s.want = []string{"context down"}
		}),
		of("5 minutes, logarithmic", func(s *story) {
			s.family, s.mean, s.sigma, s.want = "lognormal", 100, 20, []string{"band up", "spike down", "silence both"}
		}),
		of("seasonal over a change of time in New York", func(s *story) {
			s.family, s.zone, s.from, s.mean, s.sigma = "seasonal", "America/New_York", "2026-02-16", 200, 20
			s.rule.Off = stretches
			s.want = []string{"band up", "spike up", "silence both"}
		}),
		of("seasonal over a change of half an hour", func(s *story) {
			s.family, s.zone, s.from, s.sigma = "seasonal", "Australia/Lord_Howe", "2026-03-16", 2
			s.want = []string{"band up", "spike up", "silence both"}
		}),
		of("hourly", func(s *story) {
			s.period, s.zone, s.from, s.weeks, s.mean = time.Hour, "Australia/Lord_Howe", "2026-03-16", 6, 5
			s.happens = []happening{{hour: 700, length: hour, by: 12}, {hour: 800, length: 14 * hour, by: 9}, {hour: 900, length: 30 * hour, lost: true}}
			s.want = []string{"spike up", "silence both"}
		}),
		of("no period declared", func(s *story) {
			s.family, s.unknown, s.zone, s.mean, s.sigma = "seasonal", true, "Asia/Tokyo", 50, 4
			s.want = []string{"band up", "silence both"}
		}),
		of("counts", func(s *story) {
			s.family, s.whole, s.lower, s.upper = "poisson", true, 0, kizashi.None()
			s.want = []string{"spike up", "silence both"}
		}),
		of("bounds and guard rails", func(s *story) {
			s.mean, s.sigma, s.lower, s.upper = 40, 4, 0, 100
			s.rule.Off, s.rule.Guards = []string{"spike"}, []detect.StaticRule{{Above: number(64), Note: "contract"}, {Below: number(5)}}
			s.happens = append(incidents(), happening{hour: 480.2, length: 40 * minute, by: 4.5})
			s.want = []string{"guard up", "guard down", "band up"}
		}),
		of("a static limit", func(s *story) {
			s.mean, s.sigma = 40, 4
			s.rule.Static = []detect.StaticRule{{Above: number(50), MofN: "2/3", Note: "agreed"}, {Below: number(28)}}
			s.want = []string{"static up", "static down"}
		}),
		of("only up, another M of N", func(s *story) {
			s.family, s.mean, s.sigma = "laplace", 100, 5
			s.rule = detect.Rule{Direction: &up, MofN: "4/10"}
			s.want = []string{"band up"}
		}),
		of("the band switched off", func(s *story) {
			s.family, s.period, s.rule.Off, s.want = "ar", minute, []string{"band"}, []string{"spike up"}
		}),
		of("the spike switched off", func(s *story) {
			s.family, s.rule.Off, s.want = "laplace", []string{"spike"}, []string{"band up"}
		}),
		of("a stretch excluded ahead", func(s *story) {
			s.want = []string{"band up", "spike up"}
			s.commands = func(t kizashi.Time) []kizashi.Command { return []kizashi.Command{excluded(t, 300, 399, 415)} }
		}),
		of("a stretch excluded afterwards", func(s *story) {
			s.want = []string{"band down", "spike up"}
			s.commands = func(t kizashi.Time) []kizashi.Command {
				return []kizashi.Command{excluded(t, 430, 399, 415), {Op: kizashi.Include, At: t + 520*hours, From: t + 405*hours, To: t + 410*hours}}
			}
		}),
		of("another target on the way", func(s *story) {
			s.want = []string{"band up", "spike up"}
			s.commands = func(t kizashi.Time) []kizashi.Command {
				return []kizashi.Command{{Op: kizashi.Target, At: t + 345*hours, Value: 7 * 86400}}
			}
		}),
		of("a tenant's target", func(s *story) {
			s.want, s.rule.Class = []string{"band up", "spike up"}, kizashi.ClassAct
			s.commands = func(t kizashi.Time) []kizashi.Command {
				c, err := kizashi.Division{Weekly: 3, Series: 700}.Target("")
				if err != nil {
					panic(err)
				}
				c.At = t + 345*hours
				return []kizashi.Command{c}
			}
		}),
		of("a coarse history", func(s *story) {
			s.family, s.zone, s.mean, s.sigma, s.past = "seasonal", "Asia/Tokyo", 200, 20, 344.5
			s.want = []string{"band up", "spike up", "silence both"}
		}),
		of("a coarse history, and a stretch excluded afterwards", func(s *story) {
			s.family, s.mean, s.sigma, s.past = "seasonal", 200, 20, 250
			s.commands = func(t kizashi.Time) []kizashi.Command { return []kizashi.Command{excluded(t, 430, 399, 415)} }
			s.want = []string{"band up", "spike up"}
		}),
		of("requests counted", func(s *story) {
			s.mean, s.sigma, s.counted = 100, 5, true
			s.rule = detect.Rule{Match: kizashi.Matchers{{Name: "name", Op: "=", Value: s.name}}, Volume: &kizashi.Volume{Of: "RequestCount", Least: 20}}
			s.want = []string{"band up", "spike up", "silence both"}
		}),
		of("special days", func(s *story) {
			s.mean, s.sigma, s.zone, s.special, s.rule.Calendar = 100, 5, "Asia/Tokyo", "Mon,Tue,Wed,Thu", "own"
			s.rule.Off = append([]string{"novelty", "context", "extreme"}, stretches...)
			for i := range 10 {
				s.happens = append(s.happens, happening{hour: 340 + 24.7*float64(i), length: 20 * minute, by: 30})
			}
			s.want = []string{"band down", "spike up"}
		}),
		of("a floor of the effect", func(s *story) {
			s.mean, s.sigma, s.rule.Floor = 100, 5, &kizashi.Floor{By: 12, Part: .05}
			s.want = []string{"band up", "spike up", "spike down"}
		}),
		of("a first week", func(s *story) {
			s.mean, s.sigma, s.period = 100, 5, minute
			s.happens = []happening{{hour: 100.2, length: 30 * minute, by: 9}, {hour: 120.2, length: 30 * minute, by: 7}, {hour: 140.2, length: 2 * minute, by: -14}, {hour: 300.2, length: 30 * minute, by: 7}}
			s.want = []string{"spike down", "spike up"}
		}),
		of("holes", func(s *story) {
			s.family, s.period, s.mean, s.sigma, s.want = "lognormal", minute, 20, 3, []string{"band up", "spike down"}
			s.happens = append(incidents(), happening{hour: 100, length: 40 * minute, lost: true}, happening{hour: 200.2, length: 3 * minute, lost: true},
				happening{hour: 341.25, length: 4 * minute, lost: true}, happening{hour: 350.7, length: 2 * minute, lost: true})
		}),
	}
}

// Every alert of every story is accepted, from the justification alone and
// with the samples.
func TestEveryAlertIsAccepted(t *testing.T) {
	for _, s := range stories() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			w := s.run(t)
			stood, informed := map[string]bool{}, 0
			for _, a := range w.opened(t) {
				j := w.justifications[a.Justify]
				for _, v := range j.Opening.Verdict.Votes {
					stood[v.Model+" "+v.Side.String()] = true
				}
				if j.Record != nil && j.Record.Informed != nil {
					informed++
				}
				cfg := w.config(a)
				accepted(t, a, j, cfg)
				cfg.Data.Records = w.stored
				accepted(t, a, j, cfg)
				cfg.Data.Checkpoints = w.startOf(j) // as a service's archive has it
				accepted(t, a, j, cfg)
				cfg.Data = nil
				accepted(t, a, j, cfg)
			}
			if (informed > 0) != (s.past > 0) {
				t.Errorf("%d alerts say that a coarse history informed them", informed)
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
	for _, s := range r.Steps { // profiles are rounded: what is off is off by a unit, or not at all
		if s.Name == "repeat" && (strings.HasSuffix(s.Path, ".center") || strings.HasSuffix(s.Path, ".scale")) && s.Off > 1e-8 {
			t.Errorf("alert %s: %s is stated as %s, and repeated as %s", a.ID, s.Path, s.Got, s.Want)
		}
	}
	if len(r.Declared) > 6 {
		t.Errorf("alert %s: %d fields are declared, want at most 6: %q", a.ID, len(r.Declared), r.Declared)
	}
}
