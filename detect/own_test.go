package detect_test

import (
	"math"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// wayward votes on every sample over 400, as bend has it.
type wayward struct {
	rogue
	bend   func(v *kizashi.Vote)
	ground func(g *kizashi.Ground)
}

func (m wayward) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	return &waywardState{rogueState{rogue{in: "nothing"}}, m}
}

type waywardState struct {
	rogueState
	m wayward
}

func (s *waywardState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	v.Side, v.Stat, v.Limit, v.Crossed, v.Onset = kizashi.Up, c.Sample.Value, 400, c.Sample.Value > 400, 7
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	if s.m.bend != nil {
		s.m.bend(v)
	}
	return true
}

func (s *waywardState) Ground(c *detect.Case) *kizashi.Ground {
	if s.m.ground == nil {
		return nil
	}
	g := &kizashi.Ground{Model: "acme-wayward", Side: kizashi.Up, Stat: c.Sample.Value, Limit: 400, From: c.Sample.At, To: c.Sample.End(), Usual: kizashi.None(), Scale: kizashi.None()}
	s.m.ground(g)
	return g
}

func (s *waywardState) Explain(*detect.Case) []kizashi.Evidence {
	return []kizashi.Evidence{{Claim: "acme-claim"}}
}

func waywardRow(m wayward) detect.Row {
	return detect.Row{Name: "acme-wayward", Kind: kizashi.EvidenceVote, Model: m, Outside: true, About: "values over 400", Source: "ours",
		Words: kizashi.Words{English: "{value} is over {limit}.", Japanese: "{value}が{limit}を超過。"}}
}

// What a detector of one's own fills in wrongly is a fault of its own; what it has no
// part in is passed over; what stands brings its words.
func TestVotesOfOnesOwn(t *testing.T) {
	for _, c := range []struct {
		name      string
		m         wayward
		direction kizashi.Side
		fault     string
		stands    bool
	}{
		{"as it should be", wayward{}, kizashi.Both, "", true},
		{"on the side that is asked for", wayward{}, kizashi.Up, "", true},
		{"on the other side", wayward{}, kizashi.Down, "", false},
		{"under another name", wayward{bend: func(v *kizashi.Vote) { v.Model = "band" }}, kizashi.Both, "another model", false},
		{"of another kind", wayward{bend: func(v *kizashi.Vote) { v.Kind = kizashi.Value }}, kizashi.Both, "another model or kind", false},
		{"without a side", wayward{bend: func(v *kizashi.Vote) { v.Side = 5 }}, kizashi.Both, "without a side", false},
		{"without a limit", wayward{bend: func(v *kizashi.Vote) { v.Limit = math.Inf(1) }}, kizashi.Both, "no number", false},
		{"on a ground", wayward{ground: func(*kizashi.Ground) {}}, kizashi.Both, "", true},
		{"on a ground of no number", wayward{ground: func(g *kizashi.Ground) { g.Stat = math.NaN() }}, kizashi.Both, "ground that is no number", true},
		{"on another's ground", wayward{ground: func(g *kizashi.Ground) { g.Model = "level" }}, kizashi.Both, "ground of another", true},
		{"on a tail", wayward{ground: func(g *kizashi.Ground) { g.Tail = &kizashi.Tail{Theta: 400} }}, kizashi.Both, "with a tail", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, err := models.With(waywardRow(c.m))
			if err != nil {
				t.Fatal(err)
			}
			l := &loop{t: t, meta: metaOf("p99")}
			if l.e, err = detect.NewEngine(detect.Config{Rules: []detect.Rule{{Direction: &c.direction}}}, rows, 1, nil); err != nil {
				t.Fatal(err)
			}
			if err := l.e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
				t.Fatal(err)
			}
			ss := l.samples(0, 2)
			ss[100].Value = 500
			l.judge(ss...)
			said := ""
			for _, f := range l.out.Faults {
				said += f.What
			}
			if (said != "") != (c.fault != "") || !strings.Contains(said, c.fault) {
				t.Errorf("faults %q, want %q", said, c.fault)
			}
			stood := false
			for _, x := range l.out.Crossings {
				for _, v := range x.Verdict.Votes {
					if v.Model == "acme-wayward" && v.Onset != 0 {
						t.Errorf("it ranks the moment: %+v", v)
					}
				}
				for _, p := range x.Proof {
					stood = stood || len(p.Own) == 1 && p.Own[0].Words == rows[len(rows)-1].Words
					if wants := c.m.ground != nil && c.fault == ""; len(p.Grounds) > 0 != wants || len(p.Evidence) > 0 {
						t.Errorf("proof: %+v", p)
					}
				}
			}
			if stood != c.stands {
				t.Errorf("it stood with its words: %v, want %v", stood, c.stands)
			}
		})
	}
}

// What keeps a row from the table.
func TestRowsOfOnesOwn(t *testing.T) {
	good := waywardRow(wayward{})
	if err := detect.CheckOwn(good); err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(*detect.Row){
		"hyphen":                 func(r *detect.Row) { r.Name = "wayward" },
		"small letters":          func(r *detect.Row) { r.Name = "Acme-wayward" },
		"there is none":          func(r *detect.Row) { r.Model = nil },
		"kind":                   func(r *detect.Row) { r.Kind = "guess" },
		"a line each":            func(r *detect.Row) { r.About = "" },
		"outside the false":      func(r *detect.Row) { r.Outside = false },
		"weight":                 func(r *detect.Row) { r.Weight = 1 },
		"no sentence in English": func(r *detect.Row) { r.Words.English = " " },
		"{score":                 func(r *detect.Row) { r.Words.English = "{score}" },
		"no Japanese":            func(r *detect.Row) { r.Words.Japanese = "{value}" },
		"one line":               func(r *detect.Row) { r.Words.English = strings.Repeat("x", 601) },
		"only a value vote":      func(r *detect.Row) { r.Limit = kizashi.OfHour },
		"bound, set, or none":    func(r *detect.Row) { r.Limit = "elsewhere" },
		"it panics":              func(r *detect.Row) { r.Model = rogue{in: "New"} },
	} {
		r := good
		change(&r)
		if err := detect.CheckOwn(r); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if _, err := models.With(good, good); err == nil || !strings.Contains(err.Error(), "taken") {
		t.Errorf("twice: %v", err)
	}
	for _, r := range models.All() {
		if strings.Contains(r.Name, "-") || r.Words != (kizashi.Words{}) {
			t.Errorf("%s: a name with a hyphen, and words in the row, are for detectors that are not Kizashi's", r.Name)
		}
	}
}
