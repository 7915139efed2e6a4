package replay

import (
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
)

// walker reads YAML nodes strictly: what it does not know is an error that
// names file, line and the nearest key.
type walker struct {
	file string
	errs []error
}

func (w *walker) fail(n *yaml.Node, format string, a ...any) {
	w.errs = append(w.errs, fmt.Errorf("%s:%d: %s", w.file, n.Line, fmt.Sprintf(format, a...)))
}

func (w *walker) err() error { return errors.Join(w.errs...) }

// fields calls the setter of each key of a mapping.
func (w *walker) fields(n *yaml.Node, what string, set map[string]func(*yaml.Node)) {
	w.pairs(n, what, func(key, value *yaml.Node) {
		f, ok := set[key.Value]
		if !ok {
			known := make([]string, 0, len(set))
			for k := range set {
				known = append(known, k)
			}
			w.fail(key, "unknown key %q in %s%s", key.Value, what, nearest(key.Value, known))
			return
		}
		f(value)
	})
}

// pairs walks a mapping with free keys.
func (w *walker) pairs(n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.MappingNode {
		w.fail(n, "%s: want keys and values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if seen[k.Value] {
			w.fail(k, "key %q stands twice in %s", k.Value, what)
			continue
		}
		seen[k.Value] = true
		each(k, n.Content[i+1])
	}
}

// text reads a scalar as it is written, so that an account without quotes
// keeps its leading zeros.
func (w *walker) text(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
			w.fail(n, "%s: want a text", name)
			return
		}
		*into = n.Value
	}
}

func (w *walker) number(into *kizashi.Num, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || !kizashi.Num(v).Ok() {
			w.fail(n, "%s: want a number, not %q", name, n.Value)
			return
		}
		*into = kizashi.Num(v)
	}
}

func (w *walker) duration(into *time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d, err := kizashi.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || d < 0 || d%time.Millisecond != 0 {
			w.fail(n, "%s: want a duration such as 1m or 300s, not %q", name, n.Value)
			return
		}
		*into = d
	}
}

func (w *walker) texts(into *map[string]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		m := map[string]string{}
		w.pairs(n, name, func(k, v *yaml.Node) {
			var s string
			w.text(&s, name+" "+k.Value)(v)
			m[k.Value] = s
		})
		*into = m
	}
}

// nearest says which known name was probably meant: the one that takes the
// fewest changes, if that is at most a third of its letters.
func nearest(got string, known []string) string {
	sort.Strings(known)
	best, at := "", 1<<30
	for _, k := range known {
		if d := distance(strings.ToLower(got), strings.ToLower(k)); d < at {
			best, at = k, d
		}
	}
	if best != "" && at <= 1+len([]rune(best))/3 {
		return fmt.Sprintf("; did you mean %q?", best)
	}
	if len(known) > 20 {
		return fmt.Sprintf(" (there are %d others)", len(known))
	}
	return fmt.Sprintf(" (known: %s)", strings.Join(known, ", "))
}

// distance is Levenshtein's, in runes.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		diag := row[0]
		row[0] = i + 1
		for j := range y {
			cost := diag
			if x[i] != y[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
