package detect_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

func switched(t *testing.T, op kizashi.Op, model string, at kizashi.Time) kizashi.Command {
	t.Helper()
	c, err := kizashi.Switch{Model: model}.Command(op, "ann", "to see")
	if err != nil {
		t.Fatal(err)
	}
	c.At = at
	return c
}

// said are the votes of a model that stood, with their limits.
func said(out *detect.Judged, model string) string {
	var b strings.Builder
	for _, c := range out.Crossings {
		for _, v := range c.Verdict.Votes {
			if v.Model == model {
				fmt.Fprintln(&b, c.At, v.Stat, v.Limit)
			}
		}
	}
	return b.String()
}

// A detector that a command switches off says nothing from then on, and is back as if
// it had never been away; the settings say so, and a state that was written in between
// goes on the same.
func TestACommandSwitchesADetector(t *testing.T) {
	run := func(cut int, commands ...kizashi.Command) (*loop, string) {
		l := newLoop(t, detect.Config{})
		for _, c := range commands {
			if err := l.e.Command(c); err != nil {
				t.Fatal(err)
			}
		}
		ss := l.samples(0, 15*24)
		for _, at := range []int{10 * 24, 12 * 24, 14 * 24} {
			for i := range 120 {
				ss[at*60+i].Value += 60
			}
		}
		all := ""
		for k, part := range [][]kizashi.Sample{ss[:cut*60], ss[cut*60:]} {
			if k == 1 {
				raw := []byte(l.state())
				l.e = l.engine(detect.Config{})
				if rest, err := l.e.Decode(bytes.Clone(raw)); err != nil || len(rest) > 0 {
					t.Fatalf("%d bytes left, %v", len(rest), err)
				}
			}
			l.judge(part...)
			all += said(&l.out, "level")
		}
		return l, all
	}
	_, always := run(24)
	days := func(text string) (out []string) {
		for line := range strings.Lines(text) {
			if d := line[:10]; len(out) == 0 || out[len(out)-1] != d {
				out = append(out, d)
			}
		}
		return out
	}
	if len(days(always)) < 3 {
		t.Fatalf("it stands on %v: the test would show nothing", days(always))
	}
	off, on := switched(t, kizashi.Without, "level", hours(11*24)), switched(t, kizashi.With, "level", hours(13*24))
	l, gone := run(24, off)
	if got := days(gone); len(got) != 1 {
		t.Errorf("switched off on day 11 it stood on %v", got)
	}
	if o := l.e.Off(); len(o) != 1 || o[0].Model != "level" || o[0].Command.Reason != "to see" {
		t.Errorf("off: %+v", o)
	}
	for _, c := range []struct {
		at  int
		off bool
	}{{11*24 - 1, false}, {11 * 24, true}, {14 * 24, true}} {
		set, _, err := l.e.SettingsAt(&l.meta, hours(float64(c.at)))
		if err != nil || strings.Contains(fmt.Sprint(set.Off), "level") != c.off {
			t.Errorf("hour %d: settings have off: %v, %v", c.at, set.Off, err)
		}
	}
	first, back := run(24, off, on)
	if got := days(back); len(got) != 2 || got[1] != days(always)[len(days(always))-1] {
		t.Errorf("switched off on day 11 and on on day 13 it stood on %v, always there on %v", got, days(always))
	}
	if len(first.e.Off()) > 0 {
		t.Errorf("off: %+v", first.e.Off())
	}
	for _, cut := range []int{11*24 + 5, 13 * 24, 13*24 + 3} {
		if l, got := run(cut, off, on); got != back || l.state() != first.state() {
			t.Errorf("written and read at hour %d it says\n%s, want\n%s", cut, got, back)
		}
	}
}

// What a command about a detector must say.
func TestBadSwitches(t *testing.T) {
	l := newLoop(t, detect.Config{})
	good := switched(t, kizashi.Without, "level", 0)
	for says, change := range map[string]func(*kizashi.Command){
		"names no detector": func(c *kizashi.Command) { c.Body = []byte(`{}`) },
		"EOF":               func(c *kizashi.Command) { c.Body = nil },
		"unknown field":     func(c *kizashi.Command) { c.Body = []byte(`{"model":"level","speed":1}`) },
		"for all series":    func(c *kizashi.Command) { c.Tenant = "acme" },
	} {
		c := good
		change(&c)
		if err := l.e.Command(c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// tick is a clock that a slow detector moves.
type tick struct{ now time.Duration }

func (c *tick) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &tickState{rogueState: rogueState{rogue{in: "nothing"}}, c: c}
}

type tickState struct {
	rogueState
	c *tick
}

func (s *tickState) Learn(*detect.Case, bool) { s.c.now += time.Millisecond }

// Costs are measured on the first sample of a step and every 1,024th after it,
// learning and all; the clock changes nothing that is said.
func TestWhatDetectorsTakeIsMeasured(t *testing.T) {
	clock := &tick{}
	rows := append(models.All(), detect.Row{Name: "slow-one", Kind: kizashi.EvidenceVote, Model: clock})
	costs := make([]detect.Cost, len(rows))
	run := func(measure bool) *loop {
		l := &loop{t: t, meta: metaOf("p99")}
		e, err := detect.NewEngine(detect.Config{}, rows, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		if l.e = e; measure {
			e.Measure(func() time.Duration { return clock.now })
		}
		if err := e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
			t.Fatal(err)
		}
		for h := 0.; h < 60; h += 20 {
			l.judge(l.samples(h, h+20)...)
			for i, c := range l.out.Costs {
				costs[i].Samples += c.Samples
				costs[i].Took += c.Took
			}
		}
		return l
	}
	with, plain := run(true), run(false)
	if with.state() != plain.state() {
		t.Error("measured it comes to another state")
	}
	if len(plain.out.Costs) > 0 {
		t.Error("measured without a clock")
	}
	for i, c := range costs {
		want := detect.Cost{Samples: 6} // 3 steps of 1,200 samples
		if rows[i].Name == "slow-one" {
			want.Took = 6 * time.Millisecond
		}
		if c == (detect.Cost{}) && rows[i].Name != "slow-one" {
			continue // it has nothing to do on such a series, and was not asked
		}
		if c != want {
			t.Errorf("%s: %+v, want %+v", rows[i].Name, c, want)
		}
	}
}
