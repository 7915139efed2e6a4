package mask

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Rule is one of the user's own.
type Rule struct {
	Name    string // of its placeholder: lower-case letters and dashes
	Pattern string // RE2; with a capturing group only what that matches is masked
}

type ownRule struct {
	name string
	re   *regexp.Regexp
}

// maxName bounds the name of a rule.
const maxName = 32

var goodName = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

func compile(rules []Rule) ([]ownRule, error) {
	var out []ownRule
	var errs []error
	seen := map[string]bool{}
	for i, r := range rules {
		re, err := r.compile()
		switch {
		case err != nil:
		case seen[r.Name]:
			err = errors.New("a rule of that name stands above")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("mask: rule %d (%s): %w", i+1, r.Name, err))
			continue
		}
		seen[r.Name] = true
		out = append(out, ownRule{r.Name, re})
	}
	return out, errors.Join(errs...)
}

func (r Rule) compile() (*regexp.Regexp, error) {
	if !goodName.MatchString(r.Name) || len(r.Name) > maxName {
		return nil, fmt.Errorf("name %q: want at most %d lower-case letters and dashes, such as order-number", r.Name, maxName)
	}
	if slices.Contains(names[:], Kind(r.Name)) {
		return nil, errors.New("the name is that of a kind which the program masks itself")
	}
	re, err := regexp.Compile(r.Pattern)
	switch {
	case err != nil:
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	case re.NumSubexp() > 1:
		return nil, fmt.Errorf("%d capturing groups: want at most one, around what is masked; write (?:...) for the others", re.NumSubexp())
	case re.MatchString(""):
		return nil, errors.New("the pattern matches the empty text, and so everywhere")
	}
	return re, nil
}

// findOwn lays what the user's rules find into m.spans, in order. Where two
// rules meet, the earlier rule has it.
func (m *Masker) findOwn(text []byte) {
	for i := range m.own {
		n := len(m.spans)
		for _, at := range m.own[i].re.FindAllSubmatchIndex(text, -1) {
			from, to := at[0], at[1]
			if len(at) == 4 {
				from, to = at[2], at[3]
			}
			if from < 0 {
				continue
			}
			s := span{own + i, from, to}
			if s.from, s.to = outside(text, from, to); s.from < s.to && !masked(text[s.from:s.to]) && !overlaps(m.spans[:n], s) {
				m.spans = append(m.spans, s)
			}
		}
		if n > 0 && len(m.spans) > n {
			sortSpans(m.spans)
		}
	}
}

// outside moves the ends of a stretch out of the placeholders that they cut.
func outside(text []byte, from, to int) (int, int) {
	if k, n := around(text, from); n > 0 && k < from {
		from = k + n
	}
	if k, n := around(text, to); n > 0 && k < to {
		to = k
	}
	return from, to
}

// around returns where the placeholder begins that i is inside of, and its
// length; 0 = none.
func around(text []byte, i int) (at, n int) {
	for k := i - 1; k >= 0 && k >= i-maxName-2; k-- {
		if text[k] == '<' {
			if n := placeholder(text, k); n > 0 && k+n > i {
				return k, n
			}
			return 0, 0
		}
	}
	return 0, 0
}

// overlaps says whether s meets one of the sorted spans.
func overlaps(spans []span, s span) bool {
	i, _ := slices.BinarySearchFunc(spans, s.from, func(x span, at int) int {
		if x.to <= at {
			return -1
		}
		return 1
	})
	return i < len(spans) && spans[i].from < s.to
}

func sortSpans(spans []span) {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
}
