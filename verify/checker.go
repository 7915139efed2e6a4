package verify

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// exact is the tolerance of formulas over stated numbers: rounding, no more.
const exact = 1e-9

// checker carries one Check.
type checker struct {
	Report
	alert kizashi.Alert
	j     kizashi.Justification
	cfg   Config
	past  *past // level B; nil without samples
}

func (c *checker) fault(format string, args ...any) {
	c.Faults = append(c.Faults, fmt.Sprintf(format, args...))
}

// declare lists a number that nothing can check. Zero and null state nothing.
func (c *checker) declare(path string) { c.Declared = append(c.Declared, path) }

// number checks a number that a formula gives.
func (c *checker) number(name, path string, f formula, got float64) {
	if math.IsNaN(f.want) {
		f = formula{text: "none: there is no such number", want: f.want}
	}
	s := Step{Name: name, Path: path, Formula: f.text, Inputs: f.in, Want: show(f.want), Got: show(got)}
	s.Off = off(f.want, got)
	s.Ok = s.Off <= exact
	c.step(s)
}

// numberNear checks a number that a formula gives which is computed in more than one
// way: to within what they may lie apart.
func (c *checker) numberNear(name, path string, f formula, got, apart float64) {
	s := Step{Name: name, Path: path, Formula: f.text, Inputs: f.in, Want: show(f.want), Got: show(got), Off: off(f.want, got)}
	s.Ok = math.Abs(f.want-got) <= apart
	c.step(s)
}

// repeated checks a number that comes from samples.
func (c *checker) repeated(name, path string, f formula, got float64) {
	c.repeatedOf(name, path, f, got, 0)
}

// repeatedOf checks a number that lies so far from what it is measured from: what
// is near 0 by chance is no more exact than that.
func (c *checker) repeatedOf(name, path string, f formula, got, size float64) {
	s := Step{Name: name, Path: path, Formula: f.text, Inputs: f.in, Want: show(f.want), Got: show(got)}
	s.Off = off(f.want, got)
	if size > math.Abs(f.want) && !math.IsInf(size, 0) {
		s.Off = math.Abs(got-f.want) / size
	}
	s.Ok = s.Off <= Tolerance
	if s.Off > c.Largest.Off || c.Largest.Path == "" {
		c.Largest = s
	}
	c.step(s)
}

// same checks what must be equal as it stands: names, instants, counts.
func (c *checker) same(name, path, formula string, want, got any) {
	s := Step{Name: name, Path: path, Formula: formula, Want: show(want), Got: show(got)}
	s.Ok = s.Want == s.Got
	c.step(s)
}

func (c *checker) step(s Step) {
	c.Steps = append(c.Steps, s)
	if !s.Ok {
		c.fault("%s: states %s, but %s gives %s", s.Path, s.Got, s.Formula, s.Want)
	}
}

// formula is a computation with its result.
type formula struct {
	text string
	want float64
	in   []Input
}

// calc makes a formula; pairs are names and numbers in turn.
func calc(text string, want float64, pairs ...any) formula {
	f := formula{text: text, want: want}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.in = append(f.in, Input{Name: pairs[i].(string), Value: pairs[i+1].(float64)})
	}
	return f
}

// list makes an array constant {x1,x2,...} for a formula, and its inputs.
func list(prefix string, values []float64) (string, []Input) {
	in := make([]Input, len(values))
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = prefix + strconv.Itoa(i+1)
		in[i] = Input{Name: names[i], Value: v}
	}
	return "{" + strings.Join(names, ",") + "}", in
}

func show(v any) string {
	switch x := v.(type) {
	case float64:
		return showNumber(x)
	case kizashi.Num:
		return showNumber(float64(x))
	case kizashi.Duration:
		return strconv.FormatFloat(seconds(x), 'g', -1, 64) + " s"
	}
	return fmt.Sprint(v)
}

func showNumber(x float64) string {
	if !kizashi.Num(x).Ok() {
		return "none"
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func seconds(d kizashi.Duration) float64 { return float64(d) / 1e9 }

func instant(t kizashi.Time) float64 { return float64(t) / 1000 }

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// derive notes an intermediate result that no field states.
func (c *checker) derive(name, path string, f formula) {
	c.Steps = append(c.Steps, Step{Name: name, Path: path, Formula: f.text, Inputs: f.in, Want: show(f.want), Got: show(f.want), Ok: true})
}
