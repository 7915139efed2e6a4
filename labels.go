package kizashi

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// Label is a name and its value.
type Label struct{ Name, Value string }

// Labels is a set of labels, sorted by name, each name once.
type Labels []Label

// LabelsOf sorts m into Labels; empty values are left out, as an absent label
// and an empty one mean the same.
func LabelsOf(m map[string]string) Labels {
	ls := make(Labels, 0, len(m))
	for n, v := range m {
		if v != "" {
			ls = append(ls, Label{n, v})
		}
	}
	sort.Slice(ls, func(i, j int) bool { return ls[i].Name < ls[j].Name })
	return ls
}

// Get returns the value of name, or "".
func (ls Labels) Get(name string) string {
	for _, l := range ls {
		if l.Name == name {
			return l.Value
		}
	}
	return ""
}

// Map returns the labels as a map.
func (ls Labels) Map() map[string]string {
	m := make(map[string]string, len(ls))
	for _, l := range ls {
		m[l.Name] = l.Value
	}
	return m
}

// String is canonical: {a="b", c="d"}.
func (ls Labels) String() string {
	var b strings.Builder
	b.WriteByte('{')
	for i, l := range ls {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(l.Name)
		b.WriteByte('=')
		b.WriteString(strconv.Quote(l.Value))
	}
	b.WriteByte('}')
	return b.String()
}

// MarshalJSON writes an object with sorted keys.
func (ls Labels) MarshalJSON() ([]byte, error) { return json.Marshal(ls.Map()) }

// UnmarshalJSON reads an object of strings.
func (ls *Labels) UnmarshalJSON(b []byte) error {
	var m map[string]string
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*ls = LabelsOf(m)
	return nil
}

// SeriesID names a series for good: it is a hash of the tenant and the
// identity labels, so it is the same after a restart, on another machine and
// in a replay. JSON and text write 16 hexadecimal digits.
type SeriesID uint64

// IDOf hashes a tenant and identity labels: the first 8 bytes of the SHA-256
// of both in canonical form.
func IDOf(tenant string, identity Labels) SeriesID {
	sum := sha256.Sum256([]byte(strconv.Quote(tenant) + identity.String()))
	return SeriesID(binary.BigEndian.Uint64(sum[:8]))
}

// String is 16 hexadecimal digits.
func (id SeriesID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// MarshalText writes 16 hexadecimal digits.
func (id SeriesID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *SeriesID) UnmarshalText(b []byte) error {
	v, err := strconv.ParseUint(string(b), 16, 64)
	if err != nil || len(b) != 16 {
		return fmt.Errorf("series id %q: want 16 hexadecimal digits", b)
	}
	*id = SeriesID(v)
	return nil
}

// Matcher selects by one label, in Prometheus notation: name="v", name!="v",
// name=~"re", name!~"re". A regular expression is anchored at both ends.
type Matcher struct {
	Name, Op, Value string
	re              *regexp.Regexp
}

var matcherForm = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_.:/-]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$`)

// ParseMatcher reads one matcher; the value may stand in double quotes.
func ParseMatcher(s string) (Matcher, error) {
	m := matcherForm.FindStringSubmatch(s)
	if m == nil {
		return Matcher{}, fmt.Errorf("matcher %q: want name=\"value\" (or !=, =~, !~)", s)
	}
	v := m[3]
	if strings.HasPrefix(v, `"`) {
		u, err := strconv.Unquote(v)
		if err != nil {
			return Matcher{}, fmt.Errorf("matcher %q: the quoted value does not end, or has a bad escape", s)
		}
		v = u
	}
	return NewMatcher(m[1], m[2], v)
}

// NewMatcher makes a matcher; it fails only on a bad regular expression or
// operator.
func NewMatcher(name, op, value string) (Matcher, error) {
	m := Matcher{Name: name, Op: op, Value: value}
	switch op {
	case "=", "!=":
	case "=~", "!~":
		re, err := regexp.Compile("^(?:" + value + ")$")
		if err != nil {
			return m, fmt.Errorf("matcher %s%s%q: %w", name, op, value, err)
		}
		m.re = re
	default:
		return m, fmt.Errorf("matcher %s%s%q: unknown operator", name, op, value)
	}
	return m, nil
}

// Matches says whether ls satisfies m; an absent label has the value "".
func (m Matcher) Matches(ls Labels) bool {
	v := ls.Get(m.Name)
	switch m.Op {
	case "=":
		return v == m.Value
	case "!=":
		return v != m.Value
	case "=~":
		return m.re.MatchString(v)
	default:
		return !m.re.MatchString(v)
	}
}

// String is Prometheus notation.
func (m Matcher) String() string { return m.Name + m.Op + strconv.Quote(m.Value) }

// MarshalText writes Prometheus notation.
func (m Matcher) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads Prometheus notation.
func (m *Matcher) UnmarshalText(b []byte) error {
	v, err := ParseMatcher(string(b))
	*m = v
	return err
}

// Matchers match when each of them does; none match everything.
type Matchers []Matcher

// Matches says whether ls satisfies all of ms.
func (ms Matchers) Matches(ls Labels) bool {
	for _, m := range ms {
		if !m.Matches(ls) {
			return false
		}
	}
	return true
}

// String is {a="1", b!="2"}.
func (ms Matchers) String() string {
	out := make([]string, len(ms))
	for i, m := range ms {
		out[i] = m.String()
	}
	return "{" + strings.Join(out, ", ") + "}"
}
