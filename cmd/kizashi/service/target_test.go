package service

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
)

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
	// 40 series for 9 days and 10 for 2, at one in 7 to 8.75 days: 53 by the target, fewer while limits are young.
	t.Logf("%d alerts", len(told))
	if len(told) < 4 || len(told) > 53 {
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
	r := runningOf(t, 1, `detect: {rules: [{match: ['host="7"'], false_alert_every: 3d}, {match: ['host="8"'], off: [band, spike, level, drift, variance, context, extreme, sibling]}]}`)
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
	*r.at = r.at.Add(time.Minute)
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
