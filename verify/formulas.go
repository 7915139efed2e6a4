package verify

import "github.com/kizashi-ops/kizashi"

// How the record's numbers follow from what was learned when its hour began,
// written out for Show. Their inputs are what the repetition came to.

func (r *repeater) centerFormula(q int) formula {
	p, want := r.places[q], r.rec.Slots[q].Center
	if r.rec.Slots[q].Day > 0 {
		return calc("=ordinary+shift", want, "ordinary", r.at[q][r.Season], "shift", want-r.at[q][r.Season])
	}
	switch r.Season {
	case daily:
		return calc("=level+day", want, "level", r.Level[daily], "day", float64(r.Day[p.slot]))
	case weekly:
		return calc("=level+week+within_hour", want, "level", r.Level[weekly], "week", float64(r.Week[p.week]), "within_hour", r.withinHour(p.slot))
	}
	return calc("=level", want, "level", r.Level[noSeason])
}

func (r *repeater) scaleFormula(q int) formula {
	i, s := r.places[q].slot, r.rec.Slots[q]
	return calc("=MAX(1.2533141373155003*(abs_n*abs+30*all_abs)/(abs_n+30)*ratio,floor)", s.Scale,
		"abs_n", r.AbsN[i], "abs", float64(r.Abs[i]), "all_abs", r.AllAbs, "ratio", r.weekday(r.places[q].week/24), "floor", r.floor(s.Center))
}

func (r *repeater) spikeScaleFormula() formula {
	if r.SpikeN == 0 {
		return formula{text: "0: there was no moving mean yet"}
	}
	return calc("=MAX(1.2533141373155003*spike_abs*ratio,floor)", r.rec.SpikeUnit, "spike_abs", r.SpikeAbs, "ratio", r.weekday(r.places[0].week/24), "floor", r.floor(r.Level[r.Season]))
}

// compareTail holds the stated tail against the repeated one.
func (c *checker) compareTail(path string, e excess, want, got kizashi.Tail) {
	text := "the value above which 4 samples a day lie, by the histogram"
	if want.U == 0 {
		text = "0: the histogram has not a day yet"
	}
	c.repeated("repeat", path+".u", calc(text, want.U), got.U)
	c.repeated("repeat", path+".n", calc("clusters, repeated over the stored samples", want.N), got.N)
	if want.U == 0 {
		const none = "0: u is not known yet"
		c.repeated("repeat", path+".lambda", calc(none, 0), got.Lambda)
		c.repeated("repeat", path+".m", calc(none, 0), got.Mean)
		c.repeated("repeat", path+".d", calc(none, 0), got.Diff)
		return
	}
	c.repeated("repeat", path+".lambda", calc("=(n+2)/(days+1)", want.Lambda, "n", e.N, "days", e.Days), got.Lambda)
	c.repeated("repeat", path+".m", calc("=(s1+2*0.15*u)/(n+2)", want.Mean, "s1", e.S1, "u", want.U, "n", e.N), got.Mean)
	c.repeated("repeat", path+".d", calc("=(sd+2*0.15*u)/(n+2)", want.Diff, "sd", e.SD, "u", want.U, "n", e.N), got.Diff)
}
