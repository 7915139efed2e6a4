package main

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
)

// size of a fleet. Every account is a tenant of its own.
type size struct {
	Accounts int
	Regions  int
	Series   int  // a region
	Mixed    bool // of every five series one is polled each minute, two each 5 and two each 15 minutes; else all each minute
}

func (s size) series() int { return s.Accounts * s.Regions * s.Series }

// begin is when the hour begins.
var begin = time.Date(2026, 9, 8, 9, 0, 0, 0, time.UTC)

const (
	settle = 3 * time.Minute
	hour   = time.Hour
)

var regionNames = []string{"ap-northeast-1", "us-east-1", "eu-west-1"}

func tenant(a int) string { return fmt.Sprintf("tenant-%02d", a) }

// classes of a mixed fleet: how many of five series, and how often they are
// polled.
var classes = []struct {
	name string
	of5  int
	poll time.Duration
}{{"act", 1, time.Minute}, {"check", 2, 5 * time.Minute}, {"record", 2, 15 * time.Minute}}

// namespace of the n-th series, which says its class.
func (s size) namespace(n int) string {
	if !s.Mixed {
		return "Fleet/act"
	}
	k := n % 5
	for _, c := range classes {
		if k < c.of5 {
			return "Fleet/" + c.name
		}
		k -= c.of5
	}
	panic("five of five")
}

func class(m kizashi.Meta) string { return m.Labels.Get("namespace")[len("Fleet/"):] }

// members is how many of a group there are.
const members = 100

func (s size) metric(n int) awsfake.Metric {
	return awsfake.Metric{Namespace: s.namespace(n), Name: "Load",
		Dimensions: map[string]string{"Service": fmt.Sprintf("svc-%03d", n/members), "Host": fmt.Sprintf("host-%04d", n)}}
}

func value(account, region, n int) func(time.Time) (float64, bool) {
	seed := uint64(account)<<40 | uint64(region)<<32 | uint64(n)
	return func(at time.Time) (float64, bool) { return virtual.Level(seed, at), true }
}
