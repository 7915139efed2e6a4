package explain

import "github.com/kizashi-ops/kizashi"

// evident is a story of an evidence vote: where the value lies inside its band, and
// what speaks against it.
func evident(name string, m kizashi.Meta, value, lower, upper kizashi.Num, g kizashi.Ground) story {
	v := kizashi.Vote{Model: g.Model, Kind: kizashi.EvidenceVote, Side: g.Side, Crossed: true, Stat: g.Stat, Limit: g.Limit, Unit: g.Unit, Center: none, Lower: none, Upper: none}
	s := make1(name, m, g.Side, value, v)
	for _, o := range [...]*kizashi.Verdict{&s.a.Opening.Verdict, &s.a.Peak.Verdict, &s.j.Opening.Verdict} {
		o.Expected, o.Lower, o.Upper = none, lower, upper
	}
	s.j.Grounds = []kizashi.Ground{g}
	e := fact(kizashi.Claim(g.Model), nums(kizashi.Num(g.Stat), g.Usual, kizashi.Num(g.Limit)), stretchOf(g.From, g.To))
	e.Unit = g.Unit
	if g.Past != nil {
		e.Count, e.Of = g.Past.Count, g.Past.Of
	}
	s.j.Evidence = []kizashi.Evidence{e}
	if value.Ok() && upper.Ok() {
		s.j.Evidence = append(s.j.Evidence, fact(kizashi.ClaimInside, nums(value, lower, upper)))
	}
	s.j.Evidence = append(s.j.Evidence,
		fact(kizashi.ClaimSeason, text("weekly")),
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20160, 20160)),
		fact(kizashi.ClaimTarget, nums(28*day, 9*day, 87*day)),
		fact(kizashi.ClaimExtrapolated, nums(14*day, none, 28*day)),
		fact(kizashi.ClaimDetection, nums(none, 240, 540)))
	return s
}

// unlike is a host that is unlike the others of its kind.
func unlike() story {
	m := metaOf("EC2 CPUUtilization i-01", "Percent")
	return evident("sibling", m, 71.4, 12, 78, kizashi.Ground{Model: "sibling", Side: kizashi.Up, Stat: 5.6, Limit: 4.3, Unit: "scales",
		From: opened - 4*60_000, To: opened + 60_000, Usual: .02, Scale: .31,
		Parts: []kizashi.Part{{Count: 7, Sum: 1.9}, {Count: 7, Sum: 1.8}, {Count: 7, Sum: .1}, {Count: 7, Sum: .2}, {Count: 7, Sum: 1.76}},
		Past:  &kizashi.Past{From: opened, To: opened + 60_000, Count: 7, Of: 3, Low: 38.2, High: 44.9}})
}
