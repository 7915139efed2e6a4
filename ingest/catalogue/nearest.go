package catalogue

import (
	"sort"
	"strings"
)

// Nearest returns the namespace that was probably meant: one that people also
// call so ("ALB"), else the one that takes the fewest changes, if that is at
// most a third of its letters; else "". Case and a missing "AWS/" cost nothing.
func (c *Catalogue) Nearest(namespace string) string {
	got := bare(namespace)
	called := map[string]string{}
	for a, n := range c.also {
		called[bare(a)] = n
	}
	for n := range c.metrics {
		called[bare(n)] = n
	}
	if n, ok := called[got]; ok {
		return n
	}
	names := make([]string, 0, len(called))
	for n := range called {
		names = append(names, n)
	}
	sort.Strings(names)
	best, at := "", 1<<30
	for _, n := range names {
		if d := distance(got, n); d < at {
			best, at = n, d
		}
	}
	if at > max(1, len(best)/3) {
		return ""
	}
	return called[best]
}

// bare is a namespace as it is compared.
func bare(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	s = strings.TrimPrefix(s, "aws/")
	return strings.NewReplacer(" ", "", "-", "", "_", "").Replace(s)
}

// distance counts the letters to add, drop, replace or swap with their
// neighbour (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	d := make([][]int, len(x)+1)
	for i := range d {
		d[i] = make([]int, len(y)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(x)][len(y)]
}
