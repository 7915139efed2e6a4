package kizashi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
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
