package detect

import "github.com/kizashi-ops/kizashi"

// declared applies the declarations in force at an instant, in event time:
// what ran out before one of them is told first.
func (j *judge) declared(at kizashi.Time) {
	s := j.s
	for len(s.coming) > 0 && s.coming[0].From <= at {
		d := s.coming[0]
		if s.seen {
			j.timers(d.From)
		}
		s.own().coming = s.coming[1:]
		zone := s.meta.Zone
		s.meta = d.Meta
		s.meta.Zone = zone // wall time is part of what was learned; a new zone means a new series
		s.resolve(j.e)
		switch {
		case d.Ended != "" && d.Ended != s.ended:
			j.end(&d)
		case d.Ended == "" && s.ended != "":
			j.revive(d.From)
		}
	}
}

// end notes that no sample is expected any more. Open alerts end with the
// reason; the baseline stays.
func (j *judge) end(d *kizashi.Declaration) {
	s := j.s
	o := s.own()
	o.ended, o.endedAt = d.Ended, d.From
	j.note(d.From, kizashi.Claim(d.Ended))
	s.tail = s.tail || Kin(&s.meta) != "" // a comparison may have opened one
	j.over()
}

// over ends what may be open of a series that has ended.
func (j *judge) over() {
	s := j.s
	if !s.tail {
		return
	}
	s.calm, s.tail = 0, false
	why := kizashi.Claim(s.ended)
	j.out.Crossings = append(j.out.Crossings, kizashi.Crossing{Series: s.meta.Series, At: s.endedAt, End: s.endedAt.Add(s.base.Gap()), Value: kizashi.None(),
		Verdict: kizashi.Verdict{State: kizashi.NoOpinion, Why: string(why), Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()},
		Quiet:   kizashi.Duration(s.quiet()), Recover: s.recovery(), Ended: why})
}

// revive takes the end of a series back: what did not come before at was not
// to be expected.
func (j *judge) revive(at kizashi.Time) {
	j.s.own().ended = ""
	j.s.eachTimed(j.e, func(m Timed) { m.Expected(at) })
	j.note(at, kizashi.ClaimReturned)
}

func (j *judge) note(at kizashi.Time, c kizashi.Claim) {
	j.out.Notes = append(j.out.Notes, Note{Series: j.s.meta.Series, At: at, Fact: kizashi.Evidence{Claim: c, From: at,
		Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}})
}
