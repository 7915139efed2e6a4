package verify

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Show prints every step so that it can be redone by hand: what is computed,
// where it is stated, the formula, its inputs, the formula with the numbers in
// place of their names (a line that begins with "=" can be pasted into a
// spreadsheet as it is), and both results. lang is "ja", or else English.
func (r Report) Show(w io.Writer, lang string) error {
	var b strings.Builder
	for i, s := range r.Steps {
		s.show(&b, i+1, lang)
	}
	for _, p := range r.Declared {
		fmt.Fprintf(&b, "%s: %s\n", word("declared", lang), p)
	}
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "%s: %s\n", word("fault", lang), f)
	}
	fmt.Fprintf(&b, "%s: %d  %s: %d  %s: %d\n", word("steps", lang), len(r.Steps),
		word("declared", lang), len(r.Declared), word("faults", lang), len(r.Faults))
	if r.Largest.Path != "" {
		fmt.Fprintf(&b, "%s: %.2g (%s)\n", word("largest", lang), r.Largest.Off, r.Largest.Path)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("show the steps: %w", err)
	}
	return nil
}

func (s Step) show(b *strings.Builder, number int, lang string) {
	fmt.Fprintf(b, "%d. %s  [%s]\n", number, word(s.Name, lang), s.Path)
	fmt.Fprintf(b, "   %s\n", s.Formula)
	if len(s.Inputs) > 0 {
		names := make([]string, len(s.Inputs))
		for i, in := range s.Inputs {
			names[i] = in.Name + " = " + showNumber(in.Value)
		}
		fmt.Fprintf(b, "   %s\n", strings.Join(names, ", "))
		if strings.HasPrefix(s.Formula, "=") {
			fmt.Fprintf(b, "   %s\n", s.Filled())
		}
	}
	mark := word("agree", lang)
	if !s.Ok {
		mark = word("differ", lang)
	}
	fmt.Fprintf(b, "   %s %s, %s %s: %s\n\n", word("computed", lang), s.Want, word("stated", lang), s.Got, mark)
}

// Filled is the formula with its inputs' numbers in place of their names.
func (s Step) Filled() string {
	values := make(map[string]string, len(s.Inputs))
	for _, in := range s.Inputs {
		v := showNumber(in.Value)
		if in.Value < 0 {
			v = "(" + v + ")"
		}
		values[in.Name] = v
	}
	var b strings.Builder
	var name strings.Builder
	flush := func() {
		if v, ok := values[name.String()]; ok {
			b.WriteString(v)
		} else {
			b.WriteString(name.String())
		}
		name.Reset()
	}
	for _, r := range s.Formula {
		if r == '_' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			name.WriteRune(r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}
