package metricfilter

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The naive evaluator judges a pattern as it was thrown together, before it was
// written as text: it shares neither parser nor walk with the package.

// bits draws choices from fuzzed bytes.
type bits struct{ b []byte }

func (d *bits) n(most int) int {
	if len(d.b) == 0 {
		return 0
	}
	c := int(d.b[0])
	d.b = d.b[1:]
	return c % most
}

func (d *bits) one(of ...string) string { return of[d.n(len(of))] }

// drawn is a pattern's part: as text, and what it says of a line.
type drawn struct {
	text  string
	holds func(line any) bool
}

// wildcard is a text with * as a regular expression.
func wildcard(s string) *regexp.Regexp {
	return regexp.MustCompile(`(?s)^` + strings.ReplaceAll(regexp.QuoteMeta(s), `\*`, `.*`) + `$`)
}

func quoteIt(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

var words = []string{"a", "b", "ERROR", "x y", `q"z`, "404", "4", "", "é", "a.b", "-1", "1e3", "*", "a*", "*b", "4*4"}

// comparison of a text, a number, or what else stands there.
func comparison(d *bits, numbersAre func(any) (float64, bool), textOf func(any) (string, bool), strict bool) (string, func(any) bool) {
	switch d.n(4) {
	case 0:
		n := []float64{4, 404, -1, 0.001, 1000, 2.5}[d.n(6)]
		op := d.one("=", "!=", ">", ">=", "<", "<=")
		lit := d.one(strconv.FormatFloat(n, 'f', -1, 64), strconv.FormatFloat(n, 'e', -1, 64))
		return op + d.one("", " ") + lit, func(v any) bool {
			x, ok := numbersAre(v)
			if !ok {
				if s, isText := textOf(v); !strict && isText && (op == "=" || op == "!=") {
					return (s == lit) == (op == "=")
				}
				return op == "!="
			}
			return map[string]bool{"=": x == n, "!=": x != n, ">": x > n, ">=": x >= n, "<": x < n, "<=": x <= n}[op]
		}
	case 1:
		re := d.one(`\d\d`, "^a", "R+", "[4b]$")
		op := d.one("=", "!=")
		return op + "%" + re + "%", func(v any) bool {
			s, ok := asWritten(v, textOf)
			return ok && regexp.MustCompile(re).MatchString(s) == (op == "=") || !ok && op == "!="
		}
	}
	w := words[d.n(len(words))]
	op := d.one("=", "!=")
	return op + " " + quoteIt(w), func(v any) bool {
		s, ok := textOf(v)
		if strings.Contains(w, "*") {
			s, ok = asWritten(v, textOf)
		}
		if !ok {
			return op == "!="
		}
		return wildcard(w).MatchString(s) == (op == "=")
	}
}

// asWritten is a text, or a number as the line has it.
func asWritten(v any, textOf func(any) (string, bool)) (string, bool) {
	if n, ok := v.(json.Number); ok {
		return n.String(), true
	}
	return textOf(v)
}

// tree joins tests.
func tree(d *bits, depth int, one func() drawn) drawn {
	k := d.n(5)
	if depth == 0 || k < 2 {
		return one()
	}
	a, b := tree(d, depth-1, one), tree(d, depth-1, one)
	if k == 2 {
		return drawn{"(" + a.text + ") && (" + b.text + ")", func(l any) bool { return a.holds(l) && b.holds(l) }}
	}
	c := tree(d, depth-1, one)
	// Without parentheses around what is no leaf the precedence would be ours.
	p, q, r := "("+a.text+")", "("+b.text+")", "("+c.text+")"
	if k == 3 {
		return drawn{p + "||" + q + " && " + r, func(l any) bool { return a.holds(l) || b.holds(l) && c.holds(l) }}
	}
	return drawn{p + " && " + q + " || " + r, func(l any) bool { return a.holds(l) && b.holds(l) || c.holds(l) }}
}

type keyOrIndex any

// lookUp collects what a path leads to.
func lookUp(v any, path []keyOrIndex) []any {
	if len(path) == 0 {
		return []any{v}
	}
	var out []any
	switch p := path[0].(type) {
	case string:
		if m, ok := v.(map[string]any); ok {
			if x, ok := m[p]; ok {
				out = lookUp(x, path[1:])
			}
		}
	case int:
		if l, ok := v.([]any); ok {
			for i, x := range l {
				if p < 0 || p == i {
					out = append(out, lookUp(x, path[1:])...)
				}
			}
		}
	}
	return out
}

func jsonLeaf(d *bits) drawn {
	text := "$"
	var path []keyOrIndex
	for i := range 1 + d.n(2) {
		k := d.n(5)
		if i == 0 {
			k = 3 // mostly what is there
		}
		switch k {
		case 0:
			text, path = text+"[0]", append(path, 0)
		case 1:
			text, path = text+"[*]", append(path, -1)
		case 2:
			text, path = text+"['a.b']", append(path, "a.b")
		default:
			k := d.one("a", "a", "b", "ERROR")
			text, path = text+"."+k, append(path, k)
		}
	}
	var says string
	var meets func(any) bool
	switch d.n(6) {
	case 0:
		return drawn{text + " NOT EXISTS", func(l any) bool { return len(lookUp(l, path)) == 0 }}
	case 1:
		says, meets = " IS NULL", func(v any) bool { return v == nil }
	case 2:
		says, meets = " IS TRUE", func(v any) bool { return v == true }
	case 3:
		says, meets = " IS FALSE", func(v any) bool { return v == false }
	default:
		says, meets = comparison(d, func(v any) (float64, bool) {
			n, ok := v.(json.Number)
			if !ok {
				return 0, false
			}
			f, err := n.Float64()
			return f, err == nil
		}, func(v any) (string, bool) { s, ok := v.(string); return s, ok }, true)
	}
	return drawn{text + says, func(l any) bool {
		for _, v := range lookUp(l, path) {
			if meets(v) {
				return true
			}
		}
		return false
	}}
}

// jsonLine throws a JSON value together.
func jsonLine(d *bits, depth int) string {
	switch k := d.n(8); {
	case depth > 0 && k < 3:
		var kv []string
		for range d.n(4) {
			kv = append(kv, d.one(`"a"`, `"b" `, ` "ERROR"`, `"a.b"`, `"\u0061"`)+":"+jsonLine(d, depth-1))
		}
		return "{" + strings.Join(kv, d.one(",", " , ")) + "}"
	case depth > 0 && k == 3:
		var l []string
		for range d.n(4) {
			l = append(l, jsonLine(d, depth-1))
		}
		return "[" + strings.Join(l, ",") + d.one("]", " ]")
	case k == 4:
		return d.one("null", "true", "false")
	case k == 5:
		return d.one("4", "404", "-1", "1e3", "0.001", "1000", "2.5", "4.0", "1e-3", "1E400")
	}
	b, _ := json.Marshal(words[d.n(len(words))])
	return string(b)
}

func naiveJSON(p drawn, line string) bool {
	t := strings.TrimLeft(line, " \t\r\n")
	if t == "" || t[0] != '{' && t[0] != '[' {
		return false
	}
	dec := json.NewDecoder(strings.NewReader(line))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil || dec.More() {
		return false
	}
	return p.holds(v)
}

func FuzzJSONAgainstNaive(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, []byte{1, 2, 3, 0, 1, 2, 3})
	f.Add([]byte("some seed of a pattern, long enough"), []byte("and one of a line that goes on and on"))
	f.Fuzz(func(t *testing.T, pattern, line []byte) {
		p, _ := tryJSON(t, pattern, line)
		raw := string(line)
		if utf8.ValidString(raw) && !strings.Contains(raw, `\`) {
			compareWith(t, "{ "+p.text+" }", raw, naiveJSON(p, raw))
		}
	})
}

func tryJSON(t *testing.T, pattern, line []byte) (drawn, bool) {
	d := &bits{pattern}
	p := tree(d, 2, func() drawn { return jsonLeaf(d) })
	l := "{" + `"a":` + jsonLine(&bits{line}, 3) + "}"
	want := naiveJSON(p, l)
	compareWith(t, "{ "+p.text+" }", l, want)
	return p, want
}

// Thrown patterns and lines, the same on each run: a good part must match, or
// the test would show little.
func TestThrownPatternsAgainstNaive(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seed := func() []byte {
		b := make([]byte, 48)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	const n = 20000
	json, space := 0, 0
	for range n {
		if _, ok := tryJSON(t, seed(), seed()); ok {
			json++
		}
		if trySpace(t, seed(), seed()) {
			space++
		}
	}
	t.Logf("of %d each, %d JSON lines and %d others matched", n, json, space)
	if json < n/10 || space < n/50 {
		t.Errorf("too few of %d match: %d JSON, %d space-delimited", n, json, space)
	}
}

func compareWith(t *testing.T, pattern, line string, want bool) {
	t.Helper()
	if strings.Count(pattern, "%") > 2*MostRegexps {
		return
	}
	f, err := Parse(pattern)
	if err != nil {
		if e, ok := err.(*SyntaxError); ok && strings.Contains(e.Want, "characters") {
			return
		}
		t.Fatalf("%s: %v", pattern, err)
	}
	if got := f.Match([]byte(line)); got != want {
		t.Fatalf("%s on %q: %v, want %v", pattern, line, got, want)
	}
}

// naiveParts takes a line apart with a regular expression.
func naiveParts(line string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`(?:\[(.*?)\]|"((?:[^"]|"[^ ])*?)"|([^ ]+))(?: +|$)`).FindAllStringSubmatch(strings.TrimLeft(line, " "), -1) {
		switch {
		case m[3] != "":
			out = append(out, m[3])
		case m[2] != "":
			out = append(out, m[2])
		default:
			out = append(out, m[1])
		}
	}
	return out
}

func FuzzSpaceAgainstNaive(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, []byte{3, 1, 4, 1, 5, 9, 2, 6})
	f.Fuzz(func(t *testing.T, pattern, line []byte) { trySpace(t, pattern, line) })
}

func trySpace(t *testing.T, pattern, line []byte) bool {
	d := &bits{pattern}
	before, after, ellipsis := d.n(3), d.n(3), d.n(2) == 1
	if before+after == 0 {
		before = 1
	}
	var texts []string
	var tests []func(any) bool
	for i := range before + after {
		if ellipsis && i == before {
			texts = append(texts, "...")
		}
		name := fmt.Sprintf("f%d", i)
		if d.n(3) == 0 {
			texts, tests = append(texts, name), append(tests, func(any) bool { return true })
			continue
		}
		p := tree(d, 1, func() drawn {
			says, meets := comparison(d, func(v any) (float64, bool) {
				s := v.(string)
				if !json.Valid([]byte(s)) && !json.Valid([]byte(strings.TrimRight(s, "."))) {
					return 0, false
				}
				n, err := strconv.ParseFloat(s, 64)
				return n, err == nil
			}, func(v any) (string, bool) { return v.(string), true }, false)
			meetsText := meets
			meets = func(v any) bool {
				if _, err := strconv.ParseFloat(v.(string), 64); err != nil && strings.ContainsAny(says[:2], "<>") {
					return false
				}
				return meetsText(v)
			}
			return drawn{name + says, meets}
		})
		texts, tests = append(texts, p.text), append(tests, p.holds)
	}
	if ellipsis && after == 0 {
		texts = append(texts, "...")
	}
	ld := &bits{line}
	var fields []string
	for range ld.n(7) {
		fields = append(fields, ld.one("a", "b", "ERROR", "404", "4", `"x y"`, "[x y]", "1e3", "-1", "é", `""`, "[]", "1000", "0.001"))
	}
	l := strings.Join(fields, ld.one(" ", "  "))
	want := naiveSpace(tests, before, ellipsis, naiveParts(l))
	compareWith(t, "["+strings.Join(texts, ", ")+"]", l, want)
	return want
}

func naiveSpace(tests []func(any) bool, before int, ellipsis bool, parts []string) bool {
	if len(parts) < len(tests) || !ellipsis && len(parts) != len(tests) {
		return false
	}
	for i, holds := range tests {
		at := i
		if ellipsis && i >= before {
			at = len(parts) - len(tests) + i
		}
		if !holds(parts[at]) {
			return false
		}
	}
	return true
}

func FuzzTextAgainstNaive(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9}, "ERROR a b x y 404")
	f.Fuzz(func(t *testing.T, pattern []byte, line string) {
		d := &bits{pattern}
		var texts []string
		var must, not, any []string
		for range d.n(5) {
			w := d.one("a", "b", "ERROR", "x y", "404", `q"z`, "é")
			sign := d.one("", "", "?", "-")
			switch sign {
			case "?":
				any = append(any, w)
			case "-":
				not = append(not, w)
			default:
				must = append(must, w)
			}
			if strings.ContainsAny(w, ` "`) || d.n(2) == 1 {
				w = quoteIt(w)
			}
			texts = append(texts, sign+w)
		}
		want := len(must)+len(not) > 0 || len(any) == 0
		for _, w := range any {
			want = want || strings.Contains(line, w)
		}
		for _, w := range must {
			want = want && strings.Contains(line, w)
		}
		for _, w := range not {
			want = want && !strings.Contains(line, w)
		}
		compareWith(t, strings.Join(texts, " "), line, want)
	})
}

// Whatever is given, nothing breaks.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{ $.a[0] = "x*" && ($['b'] NOT EXISTS || $.c >= 1e3) }`, `[a, b=1||b=2, ..., c=%x%]`, `?a -"b c" %d%`} {
		f.Add(s, `{"a":["x"],"b":[1,{"c":null}]} "q" [z`)
	}
	f.Fuzz(func(t *testing.T, pattern, line string) {
		p, err := Parse(pattern)
		if err != nil {
			if e, ok := err.(*SyntaxError); !ok || e.At > len(pattern) || e.Error() == "" {
				t.Fatalf("%q: %#v", pattern, err)
			}
			return
		}
		p.Match([]byte(line))
		p.Match(nil)
	})
}

func FuzzValid(f *testing.F) {
	for _, s := range []string{`{"a":[1,-0.5e+3,"x\u00e9\n",null,true,false,{}],"b":[]}`, ` [ ] `, `{"a":1,}`, `[1 2]`, `01`, `"\ud800"`, `[[[`, `{"a"}`, "\"\x01\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, _ := valid(b, nil); got != json.Valid(b) {
			t.Fatalf("%q: %v", b, got)
		}
	})
}

func TestDeepJSON(t *testing.T) {
	for _, n := range []int{1000, 9999, 10000, 10001} {
		for _, s := range []string{strings.Repeat("[", n) + strings.Repeat("]", n), strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n)} {
			if got, _ := valid([]byte(s), nil); got != json.Valid([]byte(s)) {
				t.Errorf("%d deep: %v", n, got)
			}
		}
	}
	f, err := Parse(`{ $.a.a.a = 1 || $.a.a.a NOT EXISTS }`)
	if err != nil {
		t.Fatal(err)
	}
	if f.Match([]byte(strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000))) {
		t.Error("1,000 deep: it matches")
	}
}

// A line of many elements is read once for [*], not once for each of them. Once for
// each these lines take many minutes.
func TestManyElementsAreReadOnce(t *testing.T) {
	line := []byte(`{"a":[` + strings.Repeat("1,", 1<<19) + `2]}`)
	for pattern, want := range map[string]bool{`{ $.a[*] = 2 }`: true, `{ $.a[*] = 3 }`: false, `{ $.a[*] NOT EXISTS }`: false, `{ $.a[1] = 1 }`: true} {
		f, err := Parse(pattern)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan bool, 1)
		go func() { done <- f.Match(line) }()
		select {
		case got := <-done:
			if got != want {
				t.Errorf("%s is %v, want %v", pattern, got, want)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s takes longer than a minute", pattern)
		}
	}
}
