package gen

import (
	"math"
	"time"

	"github.com/kizashi-ops/kizashi"
)

const (
	balancer = "app/shop/50dc6c495c0c9188"
	targets  = "targetgroup/shop-web/73e2d6bc24d8a067"
	database = "shop-db"

	mega = 1e6
	giga = 1e9
)

var none = math.NaN()

// plans lists the account's series.
func plans() []plan {
	var ps []plan
	for i, id := range []string{"i-0a31c5e7f9b2d4061", "i-0b42d6f8a1c3e5072", "i-0c53e7a9b2d4f6083"} {
		ps = append(ps, web("web-"+string(rune('1'+i)), id, 1+.06*float64(i))...)
	}
	ps = append(ps, batch("batch-1", "i-0d64f8b1c3e5a7094")...)
	ps = append(ps, staging("staging-1", "i-0e75a9c2d4f6b8105")...)
	ps = append(ps, alb()...)
	return append(ps, rds()...)
}

// ec2 is a host's metric at 5 minutes, as basic monitoring has it.
func ec2(host, id, metric, stat, unit string, upper kizashi.Num) Spec {
	return Spec{
		Short: host + "." + metric, Namespace: "AWS/EC2", Metric: metric, Statistic: stat, Unit: unit,
		Dimensions: kizashi.LabelsOf(map[string]string{"InstanceId": id}),
		Period:     5 * time.Minute, Settle: settleSlow, Lower: 0, Upper: upper,
	}
}

// host is what every host has: CPU, network, and a check that never fails.
// running says when it is there at all.
func host(name, id string, running func(*moment) bool, cpu, out func(*moment, *chance) float64) []plan {
	while := func(f func(*moment, *chance) float64) func(*moment, *chance) float64 {
		return func(m *moment, c *chance) float64 {
			if !running(m) {
				return none
			}
			return f(m, c)
		}
	}
	healthy := func(*moment, *chance) float64 { return 0 }
	return []plan{
		{ec2(name, id, "CPUUtilization", "Average", "Percent", 100), while(cpu), .4, 1e3},
		{ec2(name, id, "NetworkOut", "Average", "Bytes", kizashi.None()), while(out), .4, 1},
		{ec2(name, id, "StatusCheckFailed", "Maximum", "Count", 1), while(healthy), 0, 1},
	}
}

// web is one of three hosts that share the customers. When web-2 is gone, the
// other two carry half as much again.
func web(name, id string, size float64) []plan {
	gone := name == "web-2"
	load := func(m *moment) float64 {
		if crash.has(m.at) {
			return m.load * 1.5
		}
		return m.load
	}
	return host(name, id,
		func(m *moment) bool { return !(gone && crash.has(m.at)) },
		func(m *moment, c *chance) float64 { return 9 + 34*size*load(m) + 1.8*c.z },
		func(m *moment, c *chance) float64 { return 42 * mega * size * (.08 + load(m)) * math.Exp(.06*c.z) })
}

// batch works from 03:00 to 05:00 every night.
func batch(name, id string) []plan {
	return host(name, id,
		func(*moment) bool { return true },
		func(m *moment, c *chance) float64 {
			if m.batch() {
				return 68 + 3*c.z
			}
			return 7 + .9*c.z
		},
		func(m *moment, c *chance) float64 {
			if m.batch() {
				return 30 * mega * math.Exp(.10*c.z)
			}
			return 1.5 * mega * math.Exp(.10*c.z)
		})
}

// staging is stopped at weekends.
func staging(name, id string) []plan {
	return host(name, id, (*moment).staged,
		func(_ *moment, c *chance) float64 { return 5 + .6*c.z },
		func(_ *moment, c *chance) float64 { return .4 * mega * math.Exp(.12*c.z) })
}

// alb is the load balancer. A count that is zero is written as zero, as the
// metric math FILL(m, 0) gives it.
func alb() []plan {
	spec := func(metric, stat, unit string, dims map[string]string) Spec {
		dims["LoadBalancer"] = balancer
		return Spec{
			Short: "shop-alb." + metric, Namespace: "AWS/ApplicationELB", Metric: metric, Statistic: stat, Unit: unit,
			Dimensions: kizashi.LabelsOf(dims), Period: time.Minute, Settle: settleFast, Lower: 0, Upper: kizashi.None(),
		}
	}
	return []plan{
		{spec("RequestCount", "Sum", "Count", map[string]string{}), func(m *moment, c *chance) float64 {
			return c.count(2400 * (.06 + m.load) * math.Exp(.05*c.z))
		}, .5, 1},
		{spec("TargetResponseTime", "p99", "Seconds", map[string]string{}), func(m *moment, c *chance) float64 {
			v := .17 * (1 + .30*m.load) * math.Exp(.09*c.z)
			if slow.has(m.at) {
				v *= 2.5
			}
			return v
		}, .3, 1e6},
		{spec("HTTPCode_Target_5XX_Count", "Sum", "Count", map[string]string{}), func(m *moment, c *chance) float64 {
			mean := .6 + 1.2*m.load
			if slow.has(m.at) {
				mean += 28 * min(1, .3+float64(m.at-slow.From)/float64(10*time.Minute/time.Millisecond))
			}
			return c.count(mean)
		}, 0, 1},
		{spec("UnHealthyHostCount", "Maximum", "Count", map[string]string{"TargetGroup": targets}), func(m *moment, _ *chance) float64 {
			if crash.has(m.at) {
				return 1
			}
			return 0
		}, 0, 1},
	}
}

// rds is the database.
func rds() []plan {
	spec := func(metric, unit string, upper kizashi.Num) Spec {
		return Spec{
			Short: database + "." + metric, Namespace: "AWS/RDS", Metric: metric, Statistic: "Average", Unit: unit,
			Dimensions: kizashi.LabelsOf(map[string]string{"DBInstanceIdentifier": database}),
			Period:     time.Minute, Settle: settleFast, Lower: 0, Upper: upper,
		}
	}
	return []plan{
		{spec("CPUUtilization", "Percent", 100), databaseCPU, .5, 1e3},
		{spec("DatabaseConnections", "Count", kizashi.None()), connections, .6, 1},
		{spec("FreeStorageSpace", "Bytes", kizashi.None()), freeStorage, .6, 1},
		{spec("ReadLatency", "Seconds", kizashi.None()), readLatency, .2, 1e8},
	}
}

func databaseCPU(m *moment, c *chance) float64 {
	v := 11 + 24*m.load + 1.5*c.z
	if m.backup() {
		v += 20
	}
	if m.at >= deployed.From {
		v += 14
	}
	return v
}

// connections rise within ten minutes when they leak.
func connections(m *moment, c *chance) float64 {
	v := 28 + 70*m.load + 2.5*c.z
	if leak.has(m.at) {
		v += 120 * min(1, float64(m.at-leak.From)/float64(10*time.Minute/time.Millisecond))
	}
	return v
}

// freeStorage breathes with the temporary tables of the day, and falls by
// some tens of megabytes a day: by less in three weeks than it breathes.
func freeStorage(m *moment, c *chance) float64 {
	days := float64(m.at-firstDay) / float64(dayLong/time.Millisecond)
	v := 118*giga - .5*giga*m.load + .35*giga*c.z
	if drift.has(m.at) {
		return v - .03*giga*days - .03*giga*(days-14)
	}
	return v - .03*giga*days
}

func readLatency(m *moment, c *chance) float64 {
	z := c.z
	if m.at == blip {
		z = 3.6
	}
	v := .0009 * (1 + .25*m.load) * math.Exp(.11*z)
	if m.backup() {
		v *= 3
	}
	return v
}
