package kizashi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// PatternAct is what a person decides of the patterns of a log group. It is the Body
// of a Pattern, whose Match or Series say which log groups.
type PatternAct struct {
	Do    string `json:"do"`              // pin, unpin, name, merge, split, seed
	ID    string `json:"id,omitempty"`    // of the pattern, 16 hex digits; of seed none
	Into  string `json:"into,omitempty"`  // merge: the pattern that stays
	Slot  int    `json:"slot,omitempty"`  // split: which of the template's, from 1
	Value string `json:"value,omitempty"` // split: the value that becomes a pattern of its own
	Text  string `json:"text,omitempty"`  // name: the name, none takes it away; seed: the template
}

// Check says what is wrong with it, if anything is.
func (a PatternAct) Check() error {
	id := func(what, s string) error {
		if _, err := strconv.ParseUint(s, 16, 64); err != nil || len(s) != 16 {
			return fmt.Errorf("pattern %s: %s %q: want 16 hex digits", a.Do, what, s)
		}
		return nil
	}
	switch a.Do {
	case "pin", "unpin", "name":
		return id("id", a.ID)
	case "merge":
		return errors.Join(id("id", a.ID), id("into", a.Into))
	case "split":
		if a.Slot < 1 || a.Value == "" {
			return fmt.Errorf("pattern split: slot %d, value %q: want a slot from 1 on, and its value", a.Slot, a.Value)
		}
		return id("id", a.ID)
	case "seed":
		if a.Text == "" {
			return errors.New("pattern seed: it has no template")
		}
		return nil
	}
	return fmt.Errorf("pattern %q: want pin, unpin, name, merge, split or seed", a.Do)
}

// PatternAct returns what a Pattern does.
func (c Command) PatternAct() (PatternAct, error) {
	a, d := PatternAct{}, json.NewDecoder(bytes.NewReader(c.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("command %s: %w", c.Op, err)
	}
	return a, a.Check()
}

// Command is the Pattern that does it.
func (a PatternAct) Command(author, reason string) (Command, error) {
	b, err := json.Marshal(a)
	if err != nil {
		return Command{}, err
	}
	c := Command{Op: Pattern, Body: b, Author: author, Reason: reason}
	return c, c.Check()
}

// patternForms is what ParsePatternAct reads.
const patternForms = "pin ID, unpin ID, name ID TEXT, merge ID INTO, split ID SLOT VALUE, or seed TEMPLATE"

// ParsePatternAct reads what a person writes: "name 0123456789abcdef the clock".
func ParsePatternAct(s string) (PatternAct, error) {
	do, rest, _ := strings.Cut(strings.TrimSpace(s), " ")
	a := PatternAct{Do: do}
	if do == "seed" {
		a.Text = strings.TrimSpace(rest)
		return a, a.Check()
	}
	a.ID, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
	rest = strings.TrimSpace(rest)
	switch do {
	case "pin", "unpin":
		if rest != "" {
			return a, fmt.Errorf("pattern %s: %q is too much; want %s", do, rest, patternForms)
		}
	case "name":
		a.Text = rest
	case "merge":
		a.Into = rest
	case "split":
		slot, value, _ := strings.Cut(rest, " ")
		n, err := strconv.Atoi(slot)
		if err != nil {
			return a, fmt.Errorf("pattern split: slot %q: want a number from 1 on", slot)
		}
		a.Slot, a.Value = n, strings.TrimSpace(value)
	default:
		return a, fmt.Errorf("pattern %q: want %s", do, patternForms)
	}
	return a, a.Check()
}
