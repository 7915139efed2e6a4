package kizashi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Switch is the Body of a Without and of a With: which detector is switched, and
// where it was too slow, what it took.
type Switch struct {
	Model   string   `json:"model"`
	Samples int64    `json:"samples,omitempty"` // measured
	Took    Duration `json:"took,omitempty"`    // for each of them, on average
	Budget  Duration `json:"budget,omitempty"`  // what it may take
}

// Command is the Without (off) or With (on) that switches the detector, for every
// series of every tenant.
func (s Switch) Command(op Op, author, reason string) (Command, error) {
	b, err := json.Marshal(s)
	if err != nil {
		return Command{}, err
	}
	c := Command{Op: op, Body: b, Author: author, Reason: reason}
	return c, c.Check()
}

// TooSlow says why a detector is switched off.
func (s Switch) TooSlow() string {
	return fmt.Sprintf("too slow: %v a sample over %d samples, %v are allowed", time.Duration(s.Took), s.Samples, time.Duration(s.Budget))
}

// Switches returns what a Without or a With switches; nil = it is neither.
func (c Command) Switches() (*Switch, error) {
	if c.Op != Without && c.Op != With {
		return nil, nil
	}
	s, d := Switch{}, json.NewDecoder(bytes.NewReader(c.Body))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("command %s: %w", c.Op, err)
	}
	if s.Model == "" {
		return nil, fmt.Errorf("command %s: it names no detector", c.Op)
	}
	return &s, nil
}

func (c Command) checkSwitch() error {
	if c.Tenant != "" || c.Series != 0 || len(c.Match) > 0 {
		return errors.New("command " + string(c.Op) + ": a detector is switched for all series; for some of them a rule's off is the way")
	}
	_, err := c.Switches()
	return err
}
