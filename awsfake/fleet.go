package awsfake

import (
	"fmt"
	"hash/fnv"
	"math"
	"time"
)

// Daily is a curve for Generate: base, up and down by swing over a day of
// UTC with its top at 06:00, and noise in ±noise that depends on seed and
// minute alone. Never under 0.
func Daily(base, swing, noise float64, seed uint64) func(time.Time) (float64, bool) {
	return func(at time.Time) (float64, bool) {
		s := at.Unix()
		v := base + swing*math.Sin(2*math.Pi*float64(s%86_400)/86_400)
		return max(v+noise*uniform(seed, uint64(s)), 0), true
	}
}

// uniform is a number in [-1, 1) of two others (SplitMix64's mixing).
func uniform(seed, n uint64) float64 {
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11)/(1<<52) - 1
}

// fleetMetrics are the four series that each instance of a fleet has.
var fleetMetrics = []struct {
	namespace, name, unit string
	base, swing, noise    float64
}{
	{"AWS/EC2", "CPUUtilization", "Percent", 40, 20, 5},
	{"AWS/EC2", "NetworkIn", "Bytes", 4e6, 3e6, 4e5},
	{"AWS/EC2", "NetworkOut", "Bytes", 9e6, 6e6, 9e5},
	{"CWAgent", "mem_used_percent", "Percent", 60, 5, 1},
}

// Fleet fills accounts 100000000001 and on, n of them, with so many generated
// series in each region, from an instant on: four a running instance, whose
// tag "system" has one of eight values. Every account has a role "kizashi".
// The values depend on account, region and instance alone.
func (c *Cloud) Fleet(n int, regions []string, series int, from time.Time) {
	for i := range n {
		a := c.Account(fmt.Sprintf("1%011d", i+1))
		a.Role("kizashi", "")
		for _, name := range regions {
			a.Region(name).fleet(series, from)
		}
	}
}

func (r *Region) fleet(series int, from time.Time) {
	for k := range series {
		id := fmt.Sprintf("i-%s%07d", r.account.id[2:], k/len(fleetMetrics))
		if k%len(fleetMetrics) == 0 {
			r.Instance(Instance{ID: id, Type: "m7i.large", Zone: r.name + "a", Launched: from, Tags: map[string]string{"system": fmt.Sprint("system-", k/len(fleetMetrics)%8), "Name": id}})
		}
		f := fleetMetrics[k%len(fleetMetrics)]
		m := Metric{f.namespace, f.name, map[string]string{"InstanceId": id}}
		h := fnv.New64a()
		fmt.Fprint(h, r.account.id, r.name, id, f.name)
		r.Generate(m, time.Minute, from, time.Time{}, Daily(f.base, f.swing, f.noise, h.Sum64()))
		r.Unit(m, f.unit)
	}
}
