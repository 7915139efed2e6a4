// Package yamlstrict reads YAML nodes strictly: what it does not know is an
// error that names file, line and the nearest key. The service's configuration
// and the mapping of replayed files are read with it.
package yamlstrict

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
)

// Walker collects the faults of one file, so that all are told at once.
type Walker struct {
	File string // named in every error
	errs []error
}

// Parse reads the one document of a file. An empty file gives nil. Tabs that
// indent are told in the file's own terms, as YAML's own words for them help
// nobody.
func (w *Walker) Parse(b []byte) (*yaml.Node, error) {
	if n := tabbed(b); n > 0 {
		return nil, fmt.Errorf("%s:%d: a tab indents this line; YAML wants spaces", w.File, n)
	}
	var doc, more yaml.Node
	dec := yaml.NewDecoder(bytes.NewReader(b))
	if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, w.syntax(err)
	}
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: more than one document; want one", w.File)
	}
	return doc.Content[0], nil
}

// syntax puts the line of a YAML error behind the file's name.
func (w *Walker) syntax(err error) error {
	s := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(s, "line "); ok {
		if line, what, ok := strings.Cut(rest, ": "); ok {
			return fmt.Errorf("%s:%s: %s", w.File, line, what)
		}
	}
	return fmt.Errorf("%s: %s", w.File, s)
}

// tabbed returns the first line that a tab indents, or 0. Block texts may
// hold such lines; none of ours needs to.
func tabbed(b []byte) int {
	for i, l := range bytes.Split(b, []byte{'\n'}) {
		t := bytes.TrimLeft(l, " ")
		if len(t) > 0 && t[0] == '\t' && len(bytes.TrimSpace(t)) > 0 {
			return i + 1
		}
	}
	return 0
}

// Fail notes a fault at a node.
func (w *Walker) Fail(n *yaml.Node, format string, a ...any) {
	w.errs = append(w.errs, fmt.Errorf("%s:%d: %s", w.File, n.Line, fmt.Sprintf(format, a...)))
}

// Faults is how many faults there are so far.
func (w *Walker) Faults() int { return len(w.errs) }

// Err returns all faults so far, joined, or nil.
func (w *Walker) Err() error { return errors.Join(w.errs...) }

// Fields calls the setter of each key of a mapping; a key without one is a
// fault. what names the mapping.
func (w *Walker) Fields(n *yaml.Node, what string, set map[string]func(*yaml.Node)) {
	w.Pairs(n, what, func(key, value *yaml.Node) {
		f, ok := set[key.Value]
		if !ok {
			known := make([]string, 0, len(set))
			for k := range set {
				known = append(known, k)
			}
			w.Fail(key, "unknown key %q in %s%s", key.Value, what, Nearest(key.Value, known))
			return
		}
		f(value)
	})
}

// Pairs walks a mapping with free keys.
func (w *Walker) Pairs(n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	n = Resolve(n)
	if n.Kind != yaml.MappingNode {
		w.Fail(n, "%s: want keys and values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if seen[k.Value] {
			w.Fail(k, "key %q stands twice in %s", k.Value, what)
			continue
		}
		seen[k.Value] = true
		each(k, n.Content[i+1])
	}
}

// List walks a list. what names it, each item's name is what and its index.
func (w *Walker) List(what string, each func(n *yaml.Node, name string)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = Resolve(n)
		if n.Kind != yaml.SequenceNode {
			w.Fail(n, "%s: want a list", what)
			return
		}
		for i, c := range n.Content {
			each(Resolve(c), fmt.Sprintf("%s[%d]", what, i))
		}
	}
}

// Resolve follows an alias.
func Resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// Text reads a scalar as it is written, so that an account without quotes
// keeps its leading zeros.
func (w *Walker) Text(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if s, ok := w.Scalar(n, name); ok {
			*into = s
		}
	}
}

// Scalar is a node's text as it is written; ok is false where it has none,
// which is a fault.
func (w *Walker) Scalar(n *yaml.Node, name string) (s string, ok bool) {
	n = Resolve(n)
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		w.Fail(n, "%s: want a text", name)
		return "", false
	}
	return n.Value, true
}

// TextList reads a list of texts.
func (w *Walker) TextList(into *[]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		out := []string{}
		w.List(name, func(c *yaml.Node, item string) {
			var s string
			w.Text(&s, item)(c)
			out = append(out, s)
		})(n)
		*into = out
	}
}

// Texts reads a mapping of texts.
func (w *Walker) Texts(into *map[string]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		m := map[string]string{}
		w.Pairs(n, name, func(k, v *yaml.Node) {
			var s string
			w.Text(&s, name+" "+k.Value)(v)
			m[k.Value] = s
		})
		*into = m
	}
}

// Number reads a finite number.
func (w *Walker) Number(into *kizashi.Num, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = Resolve(n)
		v, err := strconv.ParseFloat(n.Value, 64)
		if n.Kind != yaml.ScalarNode || err != nil || !kizashi.Num(v).Ok() {
			w.Fail(n, "%s: want a number, not %q", name, n.Value)
			return
		}
		*into = kizashi.Num(v)
	}
}

// Int reads a whole number.
func (w *Walker) Int(into *int, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = Resolve(n)
		v, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil {
			w.Fail(n, "%s: want a whole number, not %q", name, n.Value)
			return
		}
		*into = v
	}
}

// Bool reads true or false.
func (w *Walker) Bool(into *bool, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = Resolve(n)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			w.Fail(n, "%s: want true or false, not %q", name, n.Value)
			return
		}
		*into = strings.EqualFold(n.Value, "true")
	}
}

// Duration reads a duration of whole milliseconds that is not negative.
func (w *Walker) Duration(into *time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = Resolve(n)
		d, err := kizashi.ParseDuration(n.Value)
		if n.Kind != yaml.ScalarNode || err != nil || d < 0 || d%time.Millisecond != 0 {
			w.Fail(n, "%s: want a duration such as 1m or 300s, not %q", name, n.Value)
			return
		}
		*into = d
	}
}

// Matchers reads a list of label matchers.
func (w *Walker) Matchers(into *kizashi.Matchers, name string) func(*yaml.Node) {
	return w.List(name, func(n *yaml.Node, item string) {
		s, ok := w.Scalar(n, item)
		if !ok {
			return
		}
		m, err := kizashi.ParseMatcher(s)
		if err != nil {
			w.Fail(n, "%s: %s", item, err)
			return
		}
		*into = append(*into, m)
	})
}
