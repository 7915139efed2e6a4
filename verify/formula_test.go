package verify_test

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mathext"
)

// sheet evaluates what Show prints as a spreadsheet would: numbers, lists in
// braces, + - * / and the functions that the formulas use.
type sheet struct {
	text string
	at   int
}

// evaluate returns the value of a formula that begins with "=".
func evaluate(formula string) (v float64, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v in %s", r, formula)
		}
	}()
	s := &sheet{text: strings.TrimPrefix(formula, "=")}
	xs := s.sum()
	if s.at != len(s.text) {
		return 0, fmt.Errorf("%q is left over of %s", s.text[s.at:], formula)
	}
	return xs[0], nil
}

func (s *sheet) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *sheet) must(c byte) {
	if !s.take(c) {
		panic(fmt.Sprintf("no %q at %d", c, s.at))
	}
}

// each applies f to numbers or lists, a single number going with every one of
// a list.
func each(a, b []float64, f func(x, y float64) float64) []float64 {
	out := make([]float64, max(len(a), len(b)))
	for i := range out {
		out[i] = f(a[i%len(a)], b[i%len(b)])
	}
	return out
}

func (s *sheet) sum() []float64 {
	v := s.product()
	for {
		switch {
		case s.take('+'):
			v = each(v, s.product(), func(x, y float64) float64 { return x + y })
		case s.take('-'):
			v = each(v, s.product(), func(x, y float64) float64 { return x - y })
		default:
			return v
		}
	}
}

func (s *sheet) product() []float64 {
	v := s.factor()
	for {
		switch {
		case s.take('*'):
			v = each(v, s.factor(), func(x, y float64) float64 { return x * y })
		case s.take('/'):
			v = each(v, s.factor(), func(x, y float64) float64 { return x / y })
		default:
			return v
		}
	}
}

func (s *sheet) factor() []float64 {
	switch {
	case s.take('-'):
		return each(s.factor(), []float64{-1}, func(x, y float64) float64 { return x * y })
	case s.take('('):
		v := s.sum()
		s.must(')')
		return v
	case s.take('{'):
		v := s.sum()
		for s.take(',') {
			v = append(v, s.sum()...)
		}
		s.must('}')
		return v
	}
	start := s.at
	for s.at < len(s.text) && (s.text[s.at] >= 'A' && s.text[s.at] <= 'Z' || s.text[s.at] >= '0' && s.text[s.at] <= '9' && s.at > start) {
		s.at++
	}
	if name := s.text[start:s.at]; name != "" && s.take('(') {
		return s.call(name)
	}
	s.at = start
	return []float64{s.number()}
}

func (s *sheet) number() float64 {
	start := s.at
	for s.at < len(s.text) && (strings.IndexByte("0123456789.e", s.text[s.at]) >= 0 || strings.IndexByte("+-", s.text[s.at]) >= 0 && s.at > start && s.text[s.at-1] == 'e') {
		s.at++
	}
	v, err := strconv.ParseFloat(s.text[start:s.at], 64)
	if err != nil {
		panic(err)
	}
	return v
}

func (s *sheet) call(name string) []float64 {
	var args [][]float64
	for !s.take(')') {
		args = append(args, s.sum())
		s.take(',')
	}
	first := args[0][0]
	switch all := slices.Concat(args...); name {
	case "MAX":
		return []float64{slices.Max(all)}
	case "MIN":
		return []float64{slices.Min(all)}
	case "SUM":
		sum := 0.0
		for _, x := range all {
			sum += x
		}
		return []float64{sum}
	case "POWER":
		return each(args[0], args[1], math.Pow)
	case "SUMPRODUCT":
		sum := 0.0
		for _, x := range each(args[0], args[1], func(x, y float64) float64 { return x * y }) {
			sum += x
		}
		return []float64{sum}
	case "LARGE", "SMALL":
		sorted := slices.Sorted(slices.Values(args[0]))
		if name == "LARGE" {
			slices.Reverse(sorted)
		}
		return []float64{sorted[int(args[1][0])-1]}
	case "BETADIST":
		return []float64{mathext.RegIncBeta(all[1], all[2], first)}
	case "GAMMAINV":
		return []float64{mathext.GammaIncRegCompInv(all[1], 1-first) * all[2]}
	case "ROUND":
		p := math.Pow(10, args[1][0])
		return []float64{math.Round(first*p) / p}
	}
	return []float64{plain(name, first)}
}

// plain are the functions of one number.
func plain(name string, x float64) float64 {
	switch name {
	case "LN":
		return math.Log(x)
	case "LOG10":
		return math.Log10(x)
	case "EXP":
		return math.Exp(x)
	case "SQRT":
		return math.Sqrt(x)
	case "ABS":
		return math.Abs(x)
	case "INT":
		return math.Floor(x)
	case "SIGN":
		if x == 0 {
			return 0
		}
		return math.Copysign(1, x)
	}
	panic("there is no function " + name)
}
