package forecast

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

func TestW(t *testing.T) {
	kind := os.Getenv("KIND")
	r, _ := newRunner(kizashi.Ahead{Side: kizashi.Up, Value: stillLimit, Within: kizashi.DefaultAhead},
		kizashi.Ahead{Side: kizashi.Down, Value: -stillLimit, Within: kizashi.DefaultAhead})
	s := newStill(kind, 0, 5*time.Minute)
	last := kizashi.Never
	for at := origin; at < origin.Add(100*day); at = at.Add(5 * time.Minute) {
		v := s.value(at, 5*time.Minute)
		if r.take(at, 5*time.Minute, v) {
			if last == kizashi.Never || at.Sub(last) > 3*time.Hour {
				g := r.state.(detect.Grounded).Ground(&r.c)
				fmt.Printf("day %.2f v %.2f side %s block %s age %.2f d slope %.3g trust %.1f mid %.2f early %.2f past %+v stat %.2f/%.2f\n", at.Sub(origin).Hours()/24, v, g.Side, g.Parts[0].To.Sub(g.Parts[0].From), g.To.Sub(g.From).Hours()/24, g.Ahead.Slope, g.Ahead.Trust, g.Ahead.Date.Sub(at).Hours()/24, g.Ahead.Early.Sub(at).Hours()/24, *g.Past, g.Stat, g.Limit)
			}
			last = at
		}
		r.learn()
	}
}
