package sinktest

import (
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Fuzz lets f.Fuzz make notifications of two texts, each of which stands in
// half of the places that a stranger can write to, repeated, and hands them to
// look. The seeds, which an ordinary test runs, are the canaries and lengths
// around the limits of mediums.
func Fuzz(f *testing.F, look func(t *testing.T, n alert.Notification)) {
	f.Helper()
	for i, c := range Canaries {
		f.Add(c, Canaries[(i+7)%len(Canaries)], uint16(1+i%3))
	}
	for _, n := range []uint16{1, 150, 3000} {
		f.Add("&", "名", n)
		f.Add("\U0001f525", "\"\\", n)
		f.Add(" ", "<", n)
		f.Add("", "a", n)
	}
	f.Fuzz(func(t *testing.T, a, b string, times uint16) {
		look(t, fuzzed(a, b, int(times)))
	})
}

// longestFuzz in bytes of one text: enough for each medium's limits.
const longestFuzz = 4000

func fuzzed(a, b string, times int) alert.Notification {
	repeat := func(s string) string { return strings.Repeat(s, max(1, min(times, longestFuzz/max(1, len(s))))) }
	n := WithCanary("a1", repeat(a), true)
	long := repeat(b)
	n.Alert.Labels = append(n.Alert.Labels, kizashi.Label{Name: "dim_" + long, Value: long}, kizashi.Label{Name: "metric", Value: long})
	n.Summary, n.Lang = long, "ja"
	n.Rule = alert.Rule{Statistic: long, Unit: long}
	m := &n.Message
	m.Lead += long
	for range min(times, 20) {
		m.Facts = append(m.Facts, alert.Fact{Name: long, Text: m.Title})
		m.Lines, m.Next = append(m.Lines, long), append(m.Next, long)
		m.Actions = append(m.Actions, alert.Action{Name: long, Label: long, URL: "https://kizashi.example/act/" + long, Command: long})
	}
	return n
}
