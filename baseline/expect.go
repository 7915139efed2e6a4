package baseline

import "github.com/kizashi-ops/kizashi"

// expect lays the band about all that is expected: from Low to High times what
// is usual. A sample between the two is no way off; one beyond is measured from
// the nearer one. On the logarithmic scale its spread grows with the level by
// itself.
func (s *State) expect(e *kizashi.Expectation, slot *slot, v *View) {
	usual := s.back(slot.Center)
	a, b := usual*e.Low, usual*e.High
	scale := func(factor float64) float64 {
		if s.Log {
			return slot.Scale
		}
		return slot.Scale * max(1, factor)
	}
	up, down := Edge{s.forth(b), scale(e.High)}, Edge{s.forth(a), scale(e.Low)}
	if a > b { // what is usual is negative
		up, down = Edge{down.Center, scale(e.Low)}, Edge{up.Center, scale(e.High)}
	}
	v.Edge = [2]Edge{up, down}
	v.nearest()
	if v.Expected.Ok() {
		v.Expected = kizashi.Num(usual * min(max(1, e.Low), e.High))
	}
	if v.Upper.Ok() {
		v.Upper = s.bounded(s.back(up.Center + up.Scale*s.theta(bandUp)))
	}
	if v.Lower.Ok() {
		v.Lower = s.bounded(s.back(down.Center - down.Scale*s.theta(bandDown)))
	}
}

// Turn is called where other things are expected than of the sample before: the
// moving mean begins anew, as it is of what came before.
func (s *State) Turn() { s.RunN = 0 }
