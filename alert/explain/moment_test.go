package explain

import (
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// asked is a moment of the latency series that somebody asks about.
type asked struct {
	name  string
	m     kizashi.Moment
	rec   *kizashi.Record
	facts []kizashi.Evidence
}

func momentsAsked() []asked {
	rec := latency().j.Record
	in := kizashi.Verdict{State: kizashi.Judged, Expected: .224, Lower: none, Upper: .412}
	in.Votes = []kizashi.Vote{
		{Model: "band", Kind: kizashi.Value, Side: kizashi.Up, Stat: 3.12, Limit: 5.2, Unit: "scales", Center: .224, Lower: none, Upper: .412},
		{Model: "spike", Kind: kizashi.Value, Side: kizashi.Down, Stat: .4, Limit: 7, Unit: "scales", Center: .3, Lower: .05, Upper: none},
		{Model: "static", Kind: kizashi.Value, Side: kizashi.Up, Stat: .388, Limit: .5, Center: none, Lower: none, Upper: .5},
	}
	out := in
	out.State, out.Why, out.Votes = kizashi.HeldOut, string(kizashi.ClaimExcluded), append([]kizashi.Vote(nil), in.Votes...)
	out.Votes[0].Crossed, out.Votes[0].Stat = true, 6.1
	bare := kizashi.Verdict{Expected: none, Lower: none, Upper: none}
	warm, gap, late, nothing, off := bare, bare, bare, bare, bare
	warm.State, warm.Why = kizashi.Warming, string(kizashi.ClaimWarming)
	gap.State, gap.Why = kizashi.NoOpinion, string(kizashi.ClaimGap)
	late.State, nothing.State = kizashi.LateSample, kizashi.NoOpinion
	off.State, off.Why = kizashi.NoOpinion, string(kizashi.ClaimOff)
	at := func(v kizashi.Verdict, value kizashi.Num) kizashi.Moment {
		return kizashi.Moment{At: opened, Value: value, Verdict: v}
	}
	return []asked{
		{"inside", at(in, .388), rec, []kizashi.Evidence{fact(kizashi.ClaimMoved, nums(none, .2, .224))}},
		{"stands", at(out, .431), rec, []kizashi.Evidence{fact(kizashi.ClaimExcluded, stretchOf(opened, opened+hour), text("patch window"))}},
		{"warming", at(warm, .388), nil, []kizashi.Evidence{fact(kizashi.ClaimWarming, counts(31, 48))}},
		{"gap", at(gap, .388), rec, nil},
		{"off", at(off, .388), nil, nil},
		{"nothing", at(nothing, .388), nil, nil},
		{"late", at(late, .388), rec, nil},
		{"silent", at(in, none), rec, nil},
	}
}

func TestMoments(t *testing.T) {
	for _, l := range languages {
		var b strings.Builder
		for _, a := range momentsAsked() {
			s, err := Moment(a.m, latency().j.Meta, a.rec, a.facts, Style{Lang: l})
			if err != nil {
				t.Fatal(err)
			}
			if f := foreign(l, strings.NewReplacer("scales", "").Replace(s)); f != "" {
				t.Errorf("%s in %s holds %q: %s", a.name, l, f, s)
			}
			b.WriteString("# " + a.name + "\n" + s + "\n\n")
		}
		golden(t, "moments."+string(l), b.String())
	}
}

func TestMomentNeedsAStyle(t *testing.T) {
	if _, err := Moment(kizashi.Moment{}, kizashi.Meta{}, nil, nil, Style{Lang: "fr"}); err == nil {
		t.Error("language fr was taken")
	}
}
