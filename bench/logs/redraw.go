package logs

import (
	"math/rand/v2"
	"regexp"
	"strings"
)

// Redraw returns n full lines of all systems, shuffled, in which every variable
// has other digits: no line repeats, and no cache of lines helps. Digits of the
// header are drawn no greater than they were, so that it stays a date.
func Redraw(ss []System, n int, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 1))
	var sources []source
	for i := range ss {
		s := &ss[i]
		forms := map[string]*regexp.Regexp{}
		for j := range s.Full {
			sources = append(sources, sourceOf(s, j, forms))
		}
	}
	out := make([]string, 0, n)
	for len(out) < n {
		r.Shuffle(len(sources), func(i, j int) { sources[i], sources[j] = sources[j], sources[i] })
		for _, s := range sources[:min(len(sources), n-len(out))] {
			out = append(out, s.draw(r))
		}
	}
	return out
}

// source is a line with the stretches whose digits may be redrawn.
type source struct {
	line   string
	header int // where the message begins
	vars   [][2]int
}

func sourceOf(s *System, j int, forms map[string]*regexp.Regexp) source {
	src := source{line: s.Full[j], header: strings.LastIndex(s.Full[j], s.Content[j])}
	if src.header < 0 {
		src.header = len(src.line)
		return src
	}
	re := forms[s.True[j]]
	if re == nil {
		re = regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(s.True[j]), `<\*>`, "(.*?)") + "$")
		forms[s.True[j]] = re
	}
	if m := re.FindStringSubmatchIndex(s.Content[j]); m != nil {
		for k := 2; k < len(m); k += 2 {
			src.vars = append(src.vars, [2]int{src.header + m[k], src.header + m[k+1]})
		}
	}
	return src
}

func (s source) draw(r *rand.Rand) string {
	b := []byte(s.line)
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	for i := range s.header {
		if digit(b[i]) {
			first := i == 0 || !digit(s.line[i-1])
			low := 0
			if first && b[i] > '0' {
				low = 1
			}
			b[i] = '0' + byte(low+r.IntN(int(b[i]-'0')-low+1))
		}
	}
	for _, v := range s.vars {
		for i := v[0]; i < v[1]; i++ {
			if digit(b[i]) && (i == 0 || !digit(s.line[i-1])) && b[i] > '0' {
				b[i] = '1' + byte(r.IntN(9))
			} else if digit(b[i]) && i > 0 && digit(s.line[i-1]) {
				b[i] = '0' + byte(r.IntN(10))
			}
		}
	}
	return string(b)
}

// Resize gives every number that may (of two digits and more, behind the first
// 24 bytes, where the time stamp is) another length: one digit less or more for
// half of them. A miner that goes by where things stand in a line has to look
// again.
func Resize(lines []string, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, 5))
	digit := func(s string, i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }
	out := make([]string, len(lines))
	for k, l := range lines {
		var b []byte
		for i := range len(l) {
			if i > 24 && digit(l, i) && digit(l, i-1) && !digit(l, i+1) {
				switch r.IntN(4) {
				case 0:
					continue
				case 1:
					b = append(b, '0'+byte(r.IntN(10)))
				}
			}
			b = append(b, l[i])
		}
		out[k] = string(b)
	}
	return out
}
