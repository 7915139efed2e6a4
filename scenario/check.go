package scenario

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/verify"
)

// Verify puts every alert of the story before verify, with all its samples,
// and says how many there were. An alert that does not hold is an error.
func (s *Story) Verify() (int, error) {
	samples := verify.NewSamples()
	for id, js := range s.judged {
		var out []kizashi.Sample
		for i := range js {
			out = append(out, kizashi.Sample{Series: id, At: js[i].At, Period: js[i].End.Sub(js[i].At), Value: js[i].Value})
		}
		samples.Add(out)
	}
	n := 0
	for _, t := range s.alerts {
		j, ok := s.just[t.alert.ID]
		if !ok {
			if t.alert.Models[0] == "blind" {
				continue // it is about ourselves, and has no threshold
			}
			return n, fmt.Errorf("alert #%d has no justification", t.number)
		}
		n++
		set, hash, err := s.settings(&j.Meta, t.alert.Opened)
		if err != nil {
			return n, err
		}
		kind, hours, err := s.calendars(&j.Meta, t.alert.Opened)
		if err != nil {
			return n, err
		}
		cfg := verify.Config{Settings: &set, Hash: hash, Data: &verify.Data{Samples: samples.Between,
			Checkpoints: s.checkpoints[j.Meta.Series], Commands: s.commands, Kind: kind, Hours: hours, Settings: func(at kizashi.Time) kizashi.Settings {
				set, _, err := s.settings(&j.Meta, at)
				if err != nil { // every configuration of the story was resolved when it came into force
					panic(err)
				}
				return set
			}}}
		r := verify.Check(t.alert, j, cfg)
		if !r.Ok() {
			return n, fmt.Errorf("alert #%d does not verify: %s", t.number, r.Faults[0])
		}
		if err := forge(t.alert, j, cfg); err != nil {
			return n, fmt.Errorf("alert #%d: %w", t.number, err)
		}
	}
	return n, nil
}

// forge changes what a justification says of an inherited baseline and of what
// was expected, number by number: verify must find each.
func forge(a kizashi.Alert, j kizashi.Justification, cfg verify.Config) error {
	for _, path := range verify.Fields(j) {
		if !strings.HasPrefix(path, "record.inherited.") && !strings.HasPrefix(path, "expect.") {
			continue
		}
		changed, err := verify.Tamper(j, path)
		if err != nil {
			return err
		}
		if a.Justify, err = kizashi.HashOf(changed); err != nil {
			return err
		}
		if verify.Check(a, changed, cfg).Ok() {
			return fmt.Errorf("%s was changed, and it still verifies", path)
		}
	}
	return nil
}

// calendars are the kinds of days, by the configurations in force for a series,
// and the hours in force at a time.
func (s *Story) calendars(m *kizashi.Meta, at kizashi.Time) (func(kizashi.Time, int) string, func(kizashi.Time) bool, error) {
	type since struct {
		from  kizashi.Time
		kinds *detect.Kinds
	}
	var all []since
	var open func(kizashi.Time) bool
	add := func(from kizashi.Time, cfg detect.Config) error {
		set, _, err := cfg.Resolve(m)
		if err != nil {
			return err
		}
		kinds, hours, err := cfg.Compile(&set)
		if all = append(all, since{from, kinds}); from <= at && hours != nil {
			open = func(t kizashi.Time) bool { return hours.Open(t.UTC()) }
		}
		return err
	}
	err := add(kizashi.Never, s.config)
	for i := range s.commands {
		if c := &s.commands[i]; err == nil && c.Op == kizashi.Reload {
			var cfg detect.Config
			if err = json.Unmarshal(c.Body, &cfg); err == nil {
				err = add(c.At, cfg)
			}
		}
	}
	return func(at kizashi.Time, day int) string {
		for i := len(all) - 1; i >= 0; i-- {
			if all[i].from <= at && all[i].kinds != nil {
				return all[i].kinds.Of(day)
			} else if all[i].from <= at {
				return ""
			}
		}
		return ""
	}, open, err
}

// settings are those in force for a series at a time, and the hash of the
// configuration that they come from.
func (s *Story) settings(m *kizashi.Meta, at kizashi.Time) (kizashi.Settings, string, error) {
	cfg, target, divided := s.config, 0., (*kizashi.Division)(nil)
	for i := range s.commands {
		c := &s.commands[i]
		if c.At > at || !c.Concerns(m) {
			continue
		}
		switch c.Op {
		case kizashi.Reload:
			cfg, target = detect.Config{}, 0
			if err := json.Unmarshal(c.Body, &cfg); err != nil {
				return kizashi.Settings{}, "", err
			}
		case kizashi.Target:
			d, err := c.Divides()
			if err != nil {
				return kizashi.Settings{}, "", err
			}
			if d == nil {
				target = c.Value
			} else {
				divided = d
			}
		}
	}
	set, _, err := cfg.Resolve(m)
	if err != nil {
		return set, "", err
	}
	shares, err := cfg.Shares(m)
	if err != nil {
		return set, "", err
	}
	if target > 0 {
		set.R = kizashi.Duration(target * float64(time.Second))
	} else if divided != nil && shares {
		set.R, set.Division = divided.R(), divided
	}
	hash, err := kizashi.HashOf(cfg)
	return set, hash, err
}
