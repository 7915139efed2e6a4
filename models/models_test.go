package models_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// monday is 2026-09-07, 00:00 UTC.
var monday = kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))

// bench drives one detector alone.
type bench struct {
	state detect.State
	c     detect.Case
}

func newBench(t *testing.T, name string, period time.Duration, set kizashi.Settings) *bench {
	t.Helper()
	meta := &kizashi.Meta{Series: 1, Period: kizashi.Duration(period), Zone: "Asia/Tokyo", Lower: kizashi.None(), Upper: kizashi.None()}
	zone, err := calendar.Load(meta.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range models.All() {
		if r.Name == name {
			b := &bench{state: r.Model.New(meta, &set)}
			b.c = detect.Case{Meta: meta, Settings: &set, Base: baseline.New(meta, &set, zone), View: &baseline.View{}}
			return b
		}
	}
	t.Fatalf("no model %s", name)
	return nil
}

// put judges and learns a sample and says whether the vote stands.
func (b *bench) put(at kizashi.Time, v float64) (stands, opinion bool) {
	b.c.Sample = kizashi.Sample{Series: 1, At: at, Period: time.Duration(b.c.Meta.Period), Value: v}
	var vote kizashi.Vote
	opinion = b.state.Judge(&b.c, &vote)
	b.state.Learn(&b.c, false)
	return vote.Crossed, opinion
}

func TestLimitMOfN(t *testing.T) {
	limit := func(m, n int) kizashi.Settings {
		return kizashi.Settings{Static: []kizashi.Limit{{Side: kizashi.Up, Value: 100, M: m, N: n}}}
	}
	for _, c := range []struct {
		name   string
		set    kizashi.Settings
		script string // a minute each: ^ over the limit, . not, _ no sample
		want   string // * where the vote stands
	}{
		{"1 of 1", limit(1, 1), ".^.^^", ".*.**"},
		{"3 of 5 in a row", limit(3, 5), "^^^^.", "..**."},
		{"3 of 5 with others between", limit(3, 5), "^.^.^.^", "....*.*"},
		{"the fifth sample back counts", limit(3, 5), "^^..^^", "....**"},
		{"the sixth does not", limit(3, 5), "^^...^^^", ".......*"},
		{"a sample inside does not stand, whatever came before", limit(2, 5), "^^.^", ".*.*"},
		{"what is missing is not over the limit", limit(3, 5), "^^___^^^", "......-*"},
		{"a sample N periods old does not count", limit(2, 3), "^__^^.^", "...-*.*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, "static", time.Minute, c.set)
			got := []byte(c.script)
			for i, s := range c.script {
				if got[i] = '.'; s == '_' {
					continue
				}
				v := 50.
				if s == '^' {
					v = 150
				}
				if stands, _ := b.put(monday.Add(time.Duration(i)*time.Minute), v); stands {
					got[i] = '*'
				}
			}
			want := []byte(c.want)
			for i := range want {
				if want[i] == '-' {
					want[i] = '.'
				}
			}
			if string(got) != string(want) {
				t.Errorf("\n%s\n%s\nwant\n%s", c.script, got, want)
			}
		})
	}
}

func TestLimitSaysWhichItIs(t *testing.T) {
	set := kizashi.Settings{Guards: []kizashi.Limit{{Side: kizashi.Up, Value: 100, M: 1, N: 1}, {Side: kizashi.Down, Value: 10, M: 1, N: 1}}}
	b := newBench(t, "guard", time.Minute, set)
	b.c.Sample.Value = 5
	var v kizashi.Vote
	if !b.state.Judge(&b.c, &v) || !v.Crossed || v.Side != kizashi.Down || v.Limit != 10 || v.Lower != 10 || v.Upper.Ok() {
		t.Errorf("5 against 100 and 10: %+v", v)
	}
	if _, opinion := newBench(t, "static", time.Minute, kizashi.Settings{}).put(monday, 5); opinion {
		t.Error("a limit that nobody set has an opinion")
	}
}

// feed puts a sample every 5 minutes of [from, to), given in hours from monday.
func (b *bench) feed(from, to float64) {
	h := float64(time.Hour)
	for at := monday.Add(time.Duration(from * h)); at < monday.Add(time.Duration(to*h)); at = at.Add(5 * time.Minute) {
		b.put(at, 1)
	}
}

func (b *bench) due() string {
	d := b.state.(detect.Timed).Due()
	if d == kizashi.Forever {
		return "never"
	}
	return fmt.Sprintf("%.2f", d.Sub(monday).Hours())
}

func TestSilence(t *testing.T) {
	const day, week = 24., 168.
	for _, c := range []struct {
		name string
		feed func(b *bench)
		want string // due, in hours from monday
	}{
		{"nothing came yet", func(*bench) {}, "never"},
		{"a week is not over", func(b *bench) { b.feed(0, 6*day) }, "never"},
		{"five gaps after the last sample", func(b *bench) { b.feed(0, 8*day) }, fmt.Sprintf("%.2f", 8*day+25./60)},
		{"twice the longest usual gap", func(b *bench) { b.feed(0, 200); b.feed(201, 10*day) }, "242.00"}, // 2 * 65 min, faded for 39 h
		{"stopped every weekend: on Saturday it is not missed, on Monday it is", func(b *bench) {
			b.feed(0, 5*day)
			b.feed(week, week+5*day)
		}, fmt.Sprintf("%.2f", 2*week+25./60)},
		{"a gap in an hour of the week never seen is none", func(b *bench) { b.feed(0, 100); b.feed(101, 8*day) }, "192.42"},
		{"stopped in hours never seen at all", func(b *bench) {
			b.feed(8, 20)
			for d := range 8 {
				b.feed(float64(d)*day+8, float64(d)*day+20)
			}
		}, fmt.Sprintf("%.2f", 8*day+8+25./60)},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, "silence", 5*time.Minute, kizashi.Settings{Silence: true})
			c.feed(b)
			if got := b.due(); got != c.want {
				t.Errorf("due %s, want %s", got, c.want)
			}
		})
	}
}

func TestSilenceIsSaidOnce(t *testing.T) {
	b := newBench(t, "silence", 5*time.Minute, kizashi.Settings{Silence: true})
	b.feed(0, 192)
	m := b.state.(detect.Timed)
	b.c.Sample = kizashi.Sample{At: m.Due()}
	var v kizashi.Vote
	r := m.Absent(&b.c, &v)
	if !v.Crossed || v.Side != kizashi.Both || time.Duration(r.Limit) != 25*time.Minute || time.Duration(r.Absent) != 25*time.Minute {
		t.Errorf("vote %+v, rhythm %+v", v, r)
	}
	if m.Said(); b.due() != "never" {
		t.Errorf("said, and due again at %s", b.due())
	}
	if b.feed(200, 201); b.due() != fmt.Sprintf("%.2f", 201+25./60) {
		t.Errorf("a silence that was said is no habit: due %s", b.due())
	}
	off := newBench(t, "silence", 5*time.Minute, kizashi.Settings{})
	if off.feed(0, 192); off.due() != "never" {
		t.Errorf("switched off, and due at %s", off.due())
	}
}

func TestStatesGoOnAfterDecode(t *testing.T) {
	set := kizashi.Settings{Silence: true, Static: []kizashi.Limit{{Side: kizashi.Up, Value: 1, Equal: true, M: 3, N: 5}}}
	for _, r := range models.All() {
		a := newBench(t, r.Name, 5*time.Minute, set)
		a.feed(0, 200)
		b := newBench(t, r.Name, 5*time.Minute, set)
		raw := a.state.AppendBinary([]byte{})
		rest, err := b.state.Decode(append(append([]byte(nil), raw...), 1, 2, 3))
		if err != nil || len(rest) != 3 {
			t.Errorf("%s: rest %v, %v", r.Name, rest, err)
		}
		a.feed(210, 212)
		b.feed(210, 212)
		if string(a.state.AppendBinary(nil)) != string(b.state.AppendBinary(nil)) {
			t.Errorf("%s does not go on as before", r.Name)
		}
		for n := range raw {
			if _, err := newBench(t, r.Name, 5*time.Minute, set).state.Decode(raw[:n:n]); err == nil {
				t.Errorf("%s: %d of %d bytes were enough", r.Name, n, len(raw))
			}
		}
	}
}
