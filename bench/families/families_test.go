package families

import (
	"os"
	"testing"
	"time"
)

func TestTable(t *testing.T) {
	fams := []string{"gauss", "seasonal", "ar", "laplace"}
	if os.Getenv("KIZASHI_ALL") != "" {
		fams = append(fams, "t3", "lognormal", "poisson")
	}
	for _, f := range fams {
		s := Setting{Family: f, Series: 32, Period: time.Minute, Learn: 3, Score: 18, R: 28 * 24 * time.Hour, Seed: 1}
		if testing.Short() {
			s.Series = 8
		}
		r, err := s.Clean()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-9s episodes %d expected %.0f ratio %.2f within2 %d/%d %v", f, r.Episodes, r.Expected, r.Ratio(), r.Within2, s.Series, r.By)
		for _, k := range []float64{4, 6} {
			fd, err := s.Shifts(Shift{k, 15 * time.Minute})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("   %v sigma 15m: first %.3f again %.3f of %d, delay %s", k, float64(fd.First)/float64(fd.Of), float64(fd.Again)/float64(fd.Of), fd.Of, fd.Delay)
		}
	}
}
