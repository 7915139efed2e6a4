package forecast

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"testing"
	"time"
)

func TestX(t *testing.T) {
	seeds := 24
	if s := os.Getenv("SEEDS"); s != "" {
		seeds, _ = strconv.Atoi(s)
	}
	type agg struct {
		n, told, cov, lo, hi, alerts, falses int
		lead                                 []float64
	}
	byNoise := map[string]*agg{}
	byPeriod := map[string]*agg{}
	byLen := map[string]*agg{}
	byTier := map[string]*agg{}
	all := &agg{}
	for _, noise := range Noises() {
		for _, p := range Periods {
			for s := range seeds {
				l := NewLeak(noise, p, uint64(s*100+int(p.Minutes())))
				f, err := Run(l)
				if err != nil {
					t.Fatal(err)
				}
				d := l.Crosses.Sub(l.Begins)
				tier := "short"
				if f.Long {
					tier = "long"
				}
				ln := "a <1d"
				switch {
				case d > 28*day:
					ln = "d >28d"
				case d > 7*day:
					ln = "c 7-28d"
				case d > day:
					ln = "b 1-7d"
				}
				for _, a := range []*agg{all, get(byNoise, noise), get(byPeriod, p.String()), get(byLen, ln), get(byTier, tier)} {
					a.n++
					a.falses += f.False
					if f.Told == 0 {
						continue
					}
					a.told++
					a.alerts += f.Alerts
					if f.Covers() {
						a.cov++
					} else if f.Forecast.Early > l.Crosses {
						a.lo++
					} else {
						a.hi++
					}
					a.lead = append(a.lead, l.Crosses.Sub(f.Told).Hours()/d.Hours())
				}
			}
		}
	}
	show := func(name string, a *agg) {
		sort.Float64s(a.lead)
		med := 0.
		if len(a.lead) > 0 {
			med = a.lead[len(a.lead)/2]
		}
		fmt.Printf("%-10s n %4d told %4d cover %.3f truth-before %.3f truth-after %.3f  alerts/leak %.2f false %d  median lead %.2f of course\n", name, a.n, a.told, float64(a.cov)/float64(a.told), float64(a.lo)/float64(a.told), float64(a.hi)/float64(a.told), float64(a.alerts)/float64(a.told), a.falses, med)
	}
	show("all", all)
	for _, m := range []map[string]*agg{byNoise, byPeriod, byLen, byTier} {
		var ks []string
		for k := range m {
			ks = append(ks, k)
		}
		sort.Strings(ks)
		for _, k := range ks {
			show(k, m[k])
		}
	}
	_ = time.Now
}

type aggT = struct{}

func get[T any](m map[string]*T, k string) *T {
	if m[k] == nil {
		m[k] = new(T)
	}
	return m[k]
}
