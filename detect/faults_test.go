package detect_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// rogue is a detector of one's own that fails in one of its methods, always or
// only now and then.
type rogue struct {
	in    string
	every int64 // minutes
}

func (m rogue) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	m.fail("New", 0)
	return &rogueState{rogue: m}
}

func (m rogue) fail(in string, at kizashi.Time) {
	if m.in == in && (m.every == 0 || int64(at)/60_000%m.every == 0) {
		panic("rogue in " + in)
	}
}

type rogueState struct{ rogue }

func (s *rogueState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	s.fail("Judge", c.Sample.At)
	v.Side, v.Stat, v.Limit, v.Crossed = kizashi.Up, c.Sample.Value, 1000, c.Sample.Value > 1000
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	if s.in == "NaN" {
		v.Stat = math.NaN()
	}
	return true
}
func (s *rogueState) Learn(c *detect.Case, _ bool) { s.fail("Learn", c.Sample.At) }
func (s *rogueState) Begin(c *detect.Case)         { s.fail("Begin", c.Sample.At) }
func (s *rogueState) Explain(c *detect.Case) []kizashi.Evidence {
	s.fail("Explain", c.Sample.At)
	return nil
}
func (s *rogueState) Ground(c *detect.Case) *kizashi.Ground {
	s.fail("Ground", c.Sample.At)
	return nil
}
func (s *rogueState) AppendBinary(b []byte) []byte {
	s.fail("AppendBinary", 0)
	return append(b, 7)
}
func (s *rogueState) Decode(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, fmt.Errorf("nothing")
	}
	return b[1:], nil
}

// What a detector of one's own does wrong is its own loss: it abstains, that is
// counted, and all others say what they would say without it.
func TestRogueModelAbstains(t *testing.T) {
	clean := func(rows []detect.Row) (*loop, string) {
		l := &loop{t: t, meta: metaOf("p99")}
		e, err := detect.NewEngine(detect.Config{}, rows, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		l.e = e
		if err := e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
			t.Fatal(err)
		}
		ss := l.samples(0, 60)
		for i := range 10 {
			ss[len(ss)-20+i].Value = 2000
		}
		l.judge(ss...)
		var said strings.Builder
		for _, c := range l.out.Crossings {
			for _, v := range c.Verdict.Votes {
				if v.Model != "rogue" {
					fmt.Fprintln(&said, c.At, v.Model, v.Side, v.Stat, v.Limit)
				}
			}
		}
		return l, said.String()
	}
	_, want := clean(models.All())
	if want == "" {
		t.Fatal("nothing crossed: the test would show nothing")
	}
	for _, c := range []struct {
		in     string
		every  int64
		faults int // at the most three, then it is left out
		votes  bool
	}{
		{"nothing", 0, 0, true}, {"New", 0, 0, false}, {"Judge", 0, 3, false}, {"Judge", 2880, 1, true}, {"Learn", 0, 3, false}, {"Begin", 0, 3, false},
		{"Explain", 0, 1, true}, {"Ground", 0, 1, true}, {"NaN", 0, 3, false}, {"AppendBinary", 0, 0, true},
	} {
		t.Run(fmt.Sprintf("%s every %d", c.in, c.every), func(t *testing.T) {
			rows := append(models.All(), detect.Row{Name: "rogue", Kind: kizashi.EvidenceVote, Model: rogue{c.in, c.every}})
			l, got := clean(rows)
			if got != want {
				t.Errorf("the others said\n%s\nwant\n%s", got, want)
			}
			if len(l.out.Faults) != c.faults {
				t.Errorf("%d faults, want %d: %+v", len(l.out.Faults), c.faults, l.out.Faults)
			}
			for i, f := range l.out.Faults {
				if f.Model != "rogue" || f.Series != l.meta.Series || f.What == "" || f.Out != (i == 2) {
					t.Errorf("fault %d: %+v", i, f)
				}
			}
			voted := false
			for _, x := range l.out.Crossings {
				for _, v := range x.Verdict.Votes {
					voted = voted || v.Model == "rogue"
				}
			}
			if voted != c.votes {
				t.Errorf("it voted: %v, want %v", voted, c.votes)
			}
			raw, err := l.e.AppendBinary(nil)
			if err != nil {
				t.Fatal(err)
			}
			e, err := detect.NewEngine(detect.Config{}, rows, 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			if rest, err := e.Decode(raw); err != nil || len(rest) > 0 {
				t.Fatalf("its state does not load: %d left, %v", len(rest), err)
			}
			var out detect.Judged
			if err := e.Judge(l.samples(60, 61), &out); err != nil || len(out.Judgements) != 60 {
				t.Errorf("it does not go on: %v", err)
			}
		})
	}
}

// undue cannot say when it is due.
type undue struct{ rogueState }

type undueModel struct{}

func (undueModel) New(*kizashi.Meta, *kizashi.Settings) detect.State { return &undue{} }

func (*undue) Due() kizashi.Time                                  { panic("due") }
func (*undue) Absent(*detect.Case, *kizashi.Vote) *kizashi.Rhythm { return nil }
func (*undue) Said()                                              {}
func (*undue) Unseen(kizashi.Time)                                {}
func (*undue) Schedule(*calendar.Hours, time.Duration)            {}
func (*undue) Expected(kizashi.Time)                              {}

// What a series' timer does wrong is noted at the same time whatever other series did.
func TestAFaultIsOfItsOwnTime(t *testing.T) {
	yes, at := true, [2]kizashi.Time{}
	for k := range at {
		rows := append(models.All(), detect.Row{Name: "rogue", Kind: kizashi.EvidenceVote, Model: undueModel{}})
		e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{{Silence: &yes}}}, rows, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, b := metaOf("a"), metaOf("b")
		var out detect.Judged
		for _, m := range []kizashi.Meta{a, b} {
			if err := e.Declare(kizashi.Declaration{From: start, Meta: m}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 8 * 24 * 60 {
			out = detect.Judged{}
			if err := e.Judge([]kizashi.Sample{{Series: a.Series, At: start.Add(time.Duration(i) * time.Minute), Period: time.Minute, Value: 1}}, &out); err != nil {
				t.Fatal(err)
			}
		}
		if err := e.Judge([]kizashi.Sample{{Series: b.Series, At: hours(8*24 - 1), Period: time.Minute, Value: 1}}, &out); err != nil {
			t.Fatal(err)
		}
		if k == 1 {
			e.RunOut(a.Series, hours(9*24), &detect.Judged{})
		}
		out = detect.Judged{}
		e.RunOut(b.Series, hours(9*24), &out)
		at[k] = out.Faults[0].At
	}
	if at[0] != at[1] {
		t.Errorf("noted at %s, and where another series ran out before at %s", at[0], at[1])
	}
}
