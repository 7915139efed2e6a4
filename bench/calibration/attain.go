package calibration

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// attainable is how many episodes a day the limits of a record let expect: the
// rates of all tails at their limits, by docs/method.md, section 6. Where the
// least distance of a limit (0.3 u, or its least) counts that is less than what was stated.
//
// Of whole numbers only the next one beyond the limit can cross. The band's rate
// is that of the tail half way between that number and the one before, where
// that lies further out than the limit: the tail is fitted to steps as if they
// were a slope. The record states no rate of its own (docs/decisions/0011); when
// it does, that one belongs here.
func attainable(r *kizashi.Record, whole bool) float64 {
	if !r.Ready {
		return 0
	}
	sum := beyond(r, &r.SpikeUp, r.SpikeUp.Theta) + beyond(r, &r.SpikeDown, r.SpikeDown.Theta)
	for i := range r.Slots {
		up, down := r.BandUp.Theta, r.BandDown.Theta
		if whole {
			up, down = next(r, i, up, kizashi.Up), next(r, i, down, kizashi.Down)
		}
		sum += (beyond(r, &r.BandUp, up) + beyond(r, &r.BandDown, down)) / float64(len(r.Slots))
	}
	return sum
}

// next is the band's statistic half way to the first whole number beyond theta,
// or theta where that lies further out; +Inf where no count lies beyond.
func next(r *kizashi.Record, slot int, theta float64, side kizashi.Side) float64 {
	s, sign := &r.Slots[slot], float64(side)
	k := r.Transform.Back(s.Center + sign*theta*s.Scale)
	if side == kizashi.Up {
		k = math.Floor(k) + 1
	} else {
		k = math.Ceil(k) - 1
	}
	if k < 0 {
		return math.Inf(1)
	}
	return max(theta, sign*(r.Transform.Forth(k-sign/2)-s.Center)/s.Scale)
}

// beyond is how many clusters a day reach a statistic, by the tail that the
// record states.
func beyond(r *kizashi.Record, t *kizashi.Tail, at float64) float64 {
	if t.U == 0 || t.W == 0 || t.Theta == 0 {
		return 0
	}
	xi, sigma := t.Shape()
	days := float64(r.R) / float64(24*time.Hour)
	xi = t.Bent(xi, math.Log(t.Lambda*days/t.W*t.Young()))
	return t.Lambda * math.Exp(-reached(xi, (at-t.U)/sigma))
}

// reached is the other way round of [kizashi.Beyond].
func reached(xi, x float64) float64 {
	switch {
	case xi == 0:
		return x
	case xi < 0:
		return x + -xi*(1-4*xi)*x*x/2
	}
	return math.Log1p(xi*x) / xi
}
