package verify_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/verify"
)

// officeLines are the lines of an hour of an office: orders from 9 to 17 h of working days
// of Tokyo, fewer else, and a heartbeat; on days that the calendar knows things go wrong.
func officeLines(series kizashi.SeriesID, from kizashi.Time, zone *time.Location) (ls []kizashi.Line) {
	at := from.UTC().In(zone)
	date, hour := at.Format("01-02"), at.Hour()
	busy := hour >= 9 && hour < 17 && at.Weekday() >= time.Monday && at.Weekday() <= time.Friday
	for m := range 60 {
		n := 0
		switch {
		case date == "02-09" && hour == 11: // closed, and a storm
			n = 30
		case date == "02-03" && hour == 14: // a campaign, and nothing comes
		case busy && date != "02-02":
			n = 2
		case m%10 == 7:
			n = 1
		}
		add := func(format string, args ...any) {
			ls = append(ls, kizashi.Line{Series: series, At: from.Add(time.Duration(m) * time.Minute), Text: fmt.Sprintf(format, args...)})
		}
		for k := range n {
			add("INFO order %d accepted in %d ms", m*7919+k, 20+m%17)
		}
		if m%5 == 0 && (date != "02-09" || hour < 18) {
			add("INFO heartbeat number %d", m)
		}
	}
	return ls
}

// Alerts about lines on days that the calendar knows are computed again, with what is
// usual on such days, and the kinds of the days before.
func TestLinesOfSpecialDaysAreComputedAgain(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	week := kizashi.Duration(7 * 24 * time.Hour)
	cfg := detect.Config{Calendars: []detect.Calendar{{Name: "own", Days: calendar.Config{Closed: []string{"2026-02-02", "2026-02-09"}}, Special: []detect.Special{{Name: "campaign", Rule: "closing 3"}}}},
		Rules: []detect.Rule{{Calendar: "own", R: &week}}}
	memory := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Detect: cfg, Shards: 1}, models.All(), memory)
	if err != nil {
		t.Fatal(err)
	}
	id := kizashi.LabelsOf(map[string]string{"account": "123456789012", "log_group": "/office"})
	meta := kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id, Group: "shop", Zone: zone.String(), Lower: kizashi.None(), Upper: kizashi.None(), Settle: kizashi.Duration(2 * time.Minute)}
	b := kizashi.Batch{Partition: kizashi.Partition{Tenant: "acme", Kind: kizashi.Logs, Settle: 2 * time.Minute}, Declare: []kizashi.Declaration{{From: gen.LogStart, Meta: meta}}}
	b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: b.Partition, At: gen.LogStart}}
	used, hash := p.Engine().Config()
	set, _, err := used.Resolve(&meta)
	if err != nil {
		t.Fatal(err)
	}
	kinds, _, err := used.Compile(&set)
	if err != nil {
		t.Fatal(err)
	}
	samples, stood := verify.NewSamples(), map[string]bool{}
	data := &verify.Data{Samples: samples.Between, Kind: func(_ kizashi.Time, day int) string { return kinds.Of(day) }}
	check := func(r *pipeline.Result) {
		for _, a := range r.Alerts {
			i := slices.IndexFunc(r.Justifications, func(j kizashi.Justification) bool { return j.Alert == a.ID })
			if a.Justify == "" || i < 0 {
				continue
			}
			j := r.Justifications[i]
			got := verify.Check(a, j, verify.Config{Settings: &set, Hash: hash, Data: data})
			for _, f := range got.Faults {
				t.Errorf("%s at %s: %s", a.Models, a.Opened, f)
			}
			if len(j.Days) != 15 {
				t.Errorf("%s at %s: %d kinds of days", a.Models, a.Opened, len(j.Days))
			}
			if d := j.Log.Day; d != nil {
				stood[d.Kind+" "+a.Models[0]] = true
				stripped, log := j, *j.Log // of all that is said of the day
				log.Day = nil
				stripped.Days, stripped.Log = nil, &log
				stripped.Evidence = slices.DeleteFunc(slices.Clone(j.Evidence), func(e kizashi.Evidence) bool { return e.Claim == kizashi.ClaimLogDay })
				for _, of := range []*verify.Data{data, nil} {
					if found(forged(t, a, stripped), stripped, verify.Config{Settings: &set, Hash: hash, Data: of}) == 0 {
						t.Errorf("%s at %s, with data %v: that the days were taken out was not found", a.Models, a.Opened, of != nil)
					}
				}
				for name, change := range map[string]func(*kizashi.LogDay){"kind": func(d *kizashi.LogDay) { d.Kind = "obon" }, "low": func(d *kizashi.LogDay) { d.Low *= 1.01 },
					"high": func(d *kizashi.LogDay) { d.High *= 1.01 }} {
					day := *d
					change(&day)
					j, log := j, *j.Log
					log.Day = &day
					j.Log = &log
					if found(forged(t, a, j), j, verify.Config{Settings: &set, Hash: hash, Data: data}) == 0 {
						t.Errorf("%s at %s: another %s of the day was not found", a.Models, a.Opened, name)
					}
				}
			}
		}
	}
	for at := gen.LogStart; at < gen.LogStart.Add(36*24*time.Hour); at = at.Add(time.Hour) {
		b.Pos, b.Until, b.Lines = b.Pos+1, at.Add(time.Hour), officeLines(meta.Series, at, zone)
		var r pipeline.Result
		if err := p.Step(b, &r); err != nil {
			t.Fatal(err)
		}
		if err := memory.Keep(&r); err != nil {
			t.Fatal(err)
		}
		for _, j := range r.Judgements {
			samples.Add([]kizashi.Sample{{Series: j.Series, At: j.At, Period: time.Minute, Value: j.Value}})
		}
		check(&r)
		b.Declare, b.Roster = nil, nil
	}
	for _, want := range []string{"closed log_surge", "closed log_absent", "campaign log_drop"} {
		if !stood[want] {
			t.Errorf("no alert %s; there were %v", want, stood)
		}
	}
}
