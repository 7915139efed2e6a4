package verify_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/verify"
)

// probe is a detector that is not Kizashi's: it votes by a rule of its own.
type probe struct {
	judge  func(c *detect.Case, v *kizashi.Vote)
	ground bool
}

func (p probe) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	if p.ground {
		return grounded{p}
	}
	return p
}

func (p probe) Judge(c *detect.Case, v *kizashi.Vote) bool {
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	if !c.View.Ready {
		return false
	}
	p.judge(c, v)
	return true
}
func (probe) Learn(*detect.Case, bool)                {}
func (probe) Explain(*detect.Case) []kizashi.Evidence { return nil }
func (probe) AppendBinary(b []byte) []byte            { return b }
func (probe) Decode(b []byte) ([]byte, error)         { return b, nil }

type grounded struct{ probe }

func (g grounded) Ground(c *detect.Case) *kizashi.Ground {
	v := kizashi.Vote{Model: "acme-probe"}
	g.Judge(c, &v)
	return &kizashi.Ground{Model: v.Model, Side: v.Side, Stat: v.Stat, Limit: v.Limit, Unit: v.Unit, From: c.Sample.At - 5*60_000, To: c.Sample.End(),
		Usual: kizashi.None(), Scale: kizashi.None()}
}

func probing(kind kizashi.VoteKind, ground bool, judge func(*detect.Case, *kizashi.Vote)) story {
	var off []string
	for _, r := range models.All() {
		off = append(off, r.Name)
	}
	return story{name: "a detector of one's own", family: "gauss", period: time.Minute, zone: "Asia/Tokyo", from: "2026-09-07", weeks: 1, mean: 300, sigma: 20,
		lower: 0, upper: 480, rule: detect.Rule{Off: off}, happens: []happening{{hour: 100, length: 10 * time.Minute, by: 10}},
		own: []detect.Row{{Name: "acme-probe", Kind: kind, Model: probe{judge, ground}, Outside: true, About: "a probe", Source: "ours",
			Words: kizashi.Words{English: "{value} at {stat} of {limit}.", Japanese: "{value}は{stat}(限度{limit})。"}}}}
}

// publishing has the detector say where its limit can be computed again.
func (s story) publishing(p kizashi.Published) story {
	s.own[0].Limit = p
	return s
}

// What a detector that is not Kizashi's says of itself is declared; what follows from
// the rest of the justification is computed, and a change of it found.
func TestAVoteOfOnesOwnIsDeclared(t *testing.T) {
	over := func(limit func(c *detect.Case) float64) func(*detect.Case, *kizashi.Vote) {
		return func(c *detect.Case, v *kizashi.Vote) {
			v.Side, v.Stat, v.Limit = kizashi.Up, c.Sample.Value, limit(c)
			v.Crossed = v.Stat > v.Limit
		}
	}
	const vote = "opening.verdict.votes[0]"
	for _, c := range []struct {
		name     string
		s        story
		declared []string
		byWord   bool
	}{
		{"a limit of its own", probing(kizashi.Value, false, over(func(*detect.Case) float64 { return 450 })), []string{vote + ".limit"}, true},
		{"the limit of the hour", probing(kizashi.Value, false, over(func(c *detect.Case) float64 { return float64(c.View.Upper) })).publishing(kizashi.OfHour), nil, false},
		{"a bound", probing(kizashi.Value, false, func(c *detect.Case, v *kizashi.Vote) {
			v.Side, v.Stat, v.Limit = kizashi.Up, c.Sample.Value, float64(c.Meta.Upper)
			v.Crossed = v.Stat > v.Limit
		}).publishing(kizashi.OfBound), nil, false},
		{"evidence", probing(kizashi.EvidenceVote, false, over(func(*detect.Case) float64 { return 450 })), []string{vote}, true},
		{"evidence with a ground", probing(kizashi.EvidenceVote, true, over(func(*detect.Case) float64 { return 450 })), []string{vote, "grounds[0]"}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := c.s.run(t)
			a := w.last(t, "acme-probe", "up")
			j := w.justifications[a.Justify]
			r := verify.Check(a, j, w.config(a))
			for _, d := range c.declared {
				if !slices.Contains(r.Declared, d) {
					t.Errorf("%s is not declared: %q", d, r.Declared)
				}
			}
			if slices.Contains(r.Declared, vote+".limit") != slices.Contains(c.declared, vote+".limit") {
				t.Errorf("declared: %q", r.Declared)
			}
			if (len(r.ByWord) > 0) != c.byWord {
				t.Errorf("taken at its word: %q", r.ByWord)
			}
			w.tamperWith(t, a)

			lost := j
			lost.Own = nil
			if r := verify.Check(forged(t, a, lost), lost, w.config(a)); !strings.Contains(strings.Join(r.Faults, "\n"), `no rule to compute a vote of "acme-probe"`) {
				t.Errorf("without its words: %q", r.Faults)
			}
			more := j
			more.Own = append(slices.Clone(j.Own), kizashi.Own{Model: "band", Words: j.Own[0].Words})
			if r := verify.Check(forged(t, a, more), more, w.config(a)); r.Ok() {
				t.Error("words for a vote that did not stand are not found")
			}
		})
	}
}
