package logs_test

import (
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
)

// hour takes in an hour of a generated log group and ends it.
func (d *desk) hour(g *gen.LogGroup) {
	d.t.Helper()
	var ls []kizashi.Line
	until := d.at.Add(time.Hour)
	for m := d.at; m < until; m = m.Add(time.Minute) {
		for _, l := range g.Minute(m) {
			l.Series = d.meta.Series
			ls = append(ls, l)
		}
	}
	d.at = until
	d.step(ls, until)
}

// What is missing of a generated family says when it was due, and how long after that it
// is told at the latest; both hold.
func TestAnAbsenceIsToldWithinItsStatedTime(t *testing.T) {
	for seed := range uint64(3) {
		beat := gen.LogStart.Add(16*24*time.Hour + time.Duration(seed)*171*time.Minute + 2*time.Minute)
		night := gen.LogStart.Add(18*24*time.Hour + 17*time.Hour + 9*time.Minute) // 2:09 in Tokyo
		g := gen.NewLogGroup("shop", seed+1, 300, gen.LogIncident{Kind: gen.LogBeat, From: beat, To: beat.Add(time.Hour)}, gen.LogIncident{Kind: gen.LogNightly, From: night, To: night.Add(26 * time.Hour)})
		d := newDesk(t)
		d.meta.Zone = g.Zone.String()
		if err := d.e.Declare(kizashi.Declaration{Meta: d.meta}); err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for end := night.Add(8 * time.Hour); d.at < end; {
			d.all = nil
			d.hour(g)
			for i := range d.all {
				c := &d.all[i]
				if len(c.Proof) == 0 || c.Proof[0].Grounds[0].Model != "log_absent" {
					continue
				}
				due := c.Proof[0].Log.Due
				if due == nil {
					t.Errorf("seed %d: it does not say when the line was due: %+v", seed, c.Proof[0].Log)
					continue
				}
				for name, of := range map[string]struct {
					from, due kizashi.Time // its last minute before, and when the next one would have come
					near      time.Duration
					told      time.Duration // after that
				}{"beat": {beat, beat.Ceil(5 * time.Minute), 2 * time.Minute, 15 * time.Minute}, "night": {night, night.Add(time.Minute), 15 * time.Minute, time.Hour}} {
					if c.At < of.from || c.At >= of.from.Add(3*time.Hour) {
						continue
					}
					got[name] = true
					if off := due.Sub(of.due); off < -of.near || off > of.near {
						t.Errorf("seed %d, %s: due at %s, want %s to within %s", seed, name, due, of.due, of.near)
					}
					if late := c.End.Sub(*due); late < 0 || late > of.told {
						t.Errorf("seed %d, %s: told %s after it was due, want %s at the most", seed, name, late, of.told)
					}
					t.Logf("seed %d, %s: due at %s, stated %s, told at %s", seed, name, of.due, due, c.End)
				}
			}
		}
		if !got["beat"] || !got["night"] {
			t.Errorf("seed %d: found %v", seed, got)
		}
	}
}

// Whatever goes wrong in the first two days of a log group, nothing is told of it.
func TestNothingOfTheFirstTwoDaysIsTold(t *testing.T) {
	for _, k := range gen.LogKinds() {
		for _, at := range []time.Duration{9 * time.Hour, 21 * time.Hour, 46 * time.Hour} {
			from := gen.LogStart.Add(at)
			g := gen.NewLogGroup("shop", 3, 300, gen.LogIncident{Kind: k.Kind, From: from, To: from.Add(k.Lasts)})
			d := newDesk(t)
			for end := gen.LogStart.Add(47 * time.Hour); d.at < end; {
				d.hour(g)
			}
			if len(d.all) > 0 {
				t.Errorf("%s after %s: %s", k.Kind, at, d.told())
			}
		}
	}
}
