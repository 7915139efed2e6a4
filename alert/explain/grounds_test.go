package explain

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
)

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

// blocks are n parts of a length that end at the opening sample's end.
func blocks(n int, minutes kizashi.Time, count int, sum float64) []kizashi.Part {
	ps := make([]kizashi.Part, n)
	for i := range ps {
		to := opened + 60_000 - kizashi.Time(n-1-i)*minutes*60_000
		ps[i] = kizashi.Part{From: to - minutes*60_000, To: to, Count: count, Sum: sum}
	}
	return ps
}

func spanOf(model string, side kizashi.Side, stat, limit float64, usual, scale kizashi.Num, ps []kizashi.Part) story {
	return evident(model, metaOf("ALB TargetResponseTime p99", "Seconds"), .388, .2, .412, kizashi.Ground{Model: model, Side: side, Stat: stat, Limit: limit, Unit: "times",
		From: ps[0].From, To: ps[len(ps)-1].To, Usual: usual, Scale: scale, Parts: ps})
}

// shifted lies higher for half an hour, none of its samples beyond the band.
func shifted() story { return spanOf("level", kizashi.Up, 6.33, 5.1, 0, .3, blocks(6, 5, 5, 9.5)) }

// drifting has sunk for six hours.
func drifting() story {
	return spanOf("drift", kizashi.Down, 5.56, 4.4, 0, .09, blocks(12, 30, 30, -15))
}

// restless fluctuates more than it does, calm less.
func restless() story {
	return spanOf("variance", kizashi.Up, 8.6, 4.9, 1.12, .14, blocks(6, 10, 10, 23.2))
}

func calm() story {
	s := spanOf("variance", kizashi.Down, 5.5, 4.9, 1.12, .14, blocks(6, 10, 10, 3.5))
	s.name = "variance_down"
	return s
}

// flat has one value for longer than it is used to.
func flat() story {
	from := opened - 40*60_000
	return evident("stuck", metaOf("RDS FreeStorageSpace", "Percent"), 71.4, 12, 78, kizashi.Ground{Model: "stuck", Side: kizashi.Both, Stat: 41, Limit: 29, Unit: "samples",
		From: from, To: opened + 60_000, Usual: none, Scale: none, Parts: []kizashi.Part{{From: from, To: opened + 60_000, Count: 41}},
		Past: &kizashi.Past{From: opened - 28*24*hour, To: from, Low: 3, High: 30}})
}

// firstDay is of a series that began 3 hours ago, and rose to four times all it had shown.
func firstDay() story {
	from := opened - 3*hour - 2*60_000
	ps := make([]kizashi.Part, 5)
	for i := range ps {
		at := opened - kizashi.Time(4-i)*60_000
		ps[i] = kizashi.Part{From: at, To: at + 1, Count: 1, Sum: .2 + .25*float64(i)}
	}
	s := evident("early", metaOf("ALB TargetResponseTime p99", "Seconds"), 1.2, none, none, kizashi.Ground{Model: "early", Side: kizashi.Up, Stat: 3.43, Limit: 3, Unit: "ranges",
		From: ps[0].From, To: opened + 60_000, Usual: none, Scale: none, Parts: ps,
		Past: &kizashi.Past{From: from, To: opened - 2*60_000, Count: 3, Of: 180, Low: .18, High: .295}})
	s.j.Evidence = slices.DeleteFunc(s.j.Evidence, func(e kizashi.Evidence) bool {
		return e.Claim == kizashi.ClaimTarget || e.Claim == kizashi.ClaimExtrapolated
	})
	return s
}

// skipped is a backup that did not run: on the ten working days before it did.
func skipped() story {
	from := opened - 46*60_000
	s := evident("routine", metaOf("RDS FreeStorageSpace", "Percent"), 71.4, 52, 78, kizashi.Ground{Model: "routine", Side: kizashi.Up, Stat: 960, Limit: 900, Unit: "s",
		From: from, To: opened + 60_000, Usual: 1800, Scale: none, Parts: []kizashi.Part{{From: from, To: opened, Count: 46}},
		Past: &kizashi.Past{From: from - 14*24*hour, To: from, Count: 10, Of: 10, Low: none, High: none}})
	r := &kizashi.Routine{From: from, To: from + 90*60_000, Side: kizashi.Down, Level: 61.2, Run: 2, Workdays: true}
	for d := range kizashi.Time(14) {
		if d%7 < 5 {
			began := from - (14-d)*24*hour + (30+d%2*5)*60_000
			r.Days = append(r.Days, kizashi.RoutineDay{From: from - (14-d)*24*hour, To: from - (14-d)*24*hour + 90*60_000, Began: began, Ended: began + 24*60_000})
		}
	}
	r.Sum(60e9)
	s.j.Routine = r
	s.j.Evidence = append(s.j.Evidence, r.Fact())
	return s
}

// rising is a disk that fills faster than a person wanted to see.
func rising() story {
	v := kizashi.Vote{Model: "rate", Kind: kizashi.Value, Side: kizashi.Up, Crossed: true, Stat: .31, Limit: .2, Unit: "part", Center: 40.2, Lower: none, Upper: 48.24}
	s := make1("rate", metaOf("disk_used_percent /var", "Percent"), kizashi.Up, 52.7, v)
	e := fact(kizashi.ClaimRate, nums(52.7, none, 48.24), counts(1, 1), stretchOf(opened-15*60_000, opened), text("backup needs 5%"))
	s.j.Settings.Change = []kizashi.Change{{Part: .2, Over: kizashi.Duration(15 * 60e9), Note: "backup needs 5%"}}
	s.j.Evidence = []kizashi.Evidence{e, fact(kizashi.ClaimDetection, nums(none, 240, 300))}
	return s
}

// filling is a database whose storage runs out.
func filling() story {
	at := opened / (60 * 60_000) * (60 * 60_000)
	s := evident("forecast", metaOf("RDS FreeStorageSpace", "Percent"), 61.4, 52, 84, kizashi.Ground{Model: "forecast", Side: kizashi.Both, Stat: 1.05, Limit: 1, Unit: "times",
		From: at - 6*24*hour, To: at, Usual: 0, Scale: none, Past: &kizashi.Past{From: at - 27*24*hour, To: at - 6*24*hour, Count: 0, Of: 168, Low: none, High: none},
		Ahead: &kizashi.Forecast{At: at, Limit: 10, Within: kizashi.Duration(7 * 24 * 3600e9), Lead: kizashi.Duration(2 * 24 * 3600e9), Slope: -4.6, Level: 61.6, Spread: .2, R: .3,
			Trust: 38.2, Date: at + 11*24*hour, Early: at + 9*24*hour - hour, Late: at + 14*24*hour, Act: at + 7*24*hour - hour}})
	s.j.Settings.Forecast = []kizashi.Ahead{{Side: kizashi.Down, Value: 10, Within: kizashi.Duration(7 * 24 * 3600e9), Lead: kizashi.Duration(2 * 24 * 3600e9), Note: "95%"}}
	s.j.Evidence = append(s.j.Evidence[:2], fact(kizashi.ClaimDetection, nums(none, 240, 540)))
	return s
}

// leaking is a disk that is full within hours, by its guard rail.
func leaking() story {
	at := opened / (60 * 60_000) * (60 * 60_000)
	s := evident("forecast", metaOf("disk_used_percent /var", "Percent"), 71.4, 12, 70, kizashi.Ground{Model: "forecast", Side: kizashi.Both, Stat: 32, Limit: 1, Unit: "times",
		From: at - 3*hour, To: at, Usual: .4, Scale: none, Past: &kizashi.Past{From: at - 20*24*hour, To: at - 3*hour, Count: 1, Of: 159, Low: none, High: none},
		Ahead: &kizashi.Forecast{At: at, Limit: 95, Within: kizashi.DefaultAhead, Slope: 130, Level: 70.8, Spread: .2, R: .1,
			Trust: 14.6, Date: at + 4*hour + 27*60_000, Early: at + 3*hour + 41*60_000, Late: at + 6*hour, Act: at + 3*hour + 41*60_000}})
	s.name = "forecast_hours"
	s.j.Settings.Guards = []kizashi.Limit{{Side: kizashi.Up, Value: 95, M: 1, N: 1}}
	s.j.Evidence = []kizashi.Evidence{s.j.Evidence[0], fact(kizashi.ClaimDetection, nums(none, 240, 540))}
	return s
}
