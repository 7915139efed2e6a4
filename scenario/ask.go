package scenario

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/detect"
)

// explain writes an alert in words.
func (s *Story) explain(c *call) (string, error) {
	n := int(c.number("alert", 1))
	if n < 1 || n > len(s.alerts) {
		return "", fmt.Errorf("alert %d: there are %d", n, len(s.alerts))
	}
	a := s.alerts[n-1].alert
	t, err := explain.Text(a, s.just[a.ID], explain.Style{Lang: explain.ParseLang(c.text("lang", "en"))})
	if err != nil {
		return "", err
	}
	switch form := c.text("form", "engineer"); form {
	case "title":
		return t.Title, nil
	case "summary":
		return t.Summary, nil
	case "manager":
		return t.Manager, nil
	case "engineer":
		return t.Engineer, nil
	default:
		return "", fmt.Errorf("form %q: want title, summary, manager or engineer", form)
	}
}

// baseline prints the record in force at a time.
func (s *Story) baseline(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	at := c.at("at", s.told)
	rs := s.records[x.meta.Series]
	i := sort.Search(len(rs), func(i int) bool { return rs[i].Hour > at }) - 1
	if i < 0 || at >= rs[i].Hour.Add(time.Hour) {
		return fmt.Sprintf("%s: no record", s.wall(at)), nil
	}
	r := &rs[i]
	slot := r.Slots[r.SlotAt(at)]
	v := func(n kizashi.Num) string { return explain.Value(n, x.meta.Unit) }
	var b strings.Builder
	state := "warming up"
	switch {
	case r.Calibrat:
		state = "calibrated"
	case r.Ready:
		state = "limits count"
	}
	fmt.Fprintf(&b, "%s: %s, season %s, scale %s, band %d of %d, restarts %d\n", s.wall(at), state, r.Season, r.Transform, r.M, r.N, r.Restarts)
	fmt.Fprintf(&b, "limits %s to %s; theta up %.3g, down %.3g, spike up %.3g, down %.3g\n", v(slot.Lower), v(slot.Upper),
		r.BandUp.Theta, r.BandDown.Theta, r.SpikeUp.Theta, r.SpikeDown.Theta)
	fmt.Fprintf(&b, "R %s, learned %d samples", explain.Duration(time.Duration(r.R), explain.English), r.Samples)
	return b.String(), nil
}

// silent asserts that no alert opened, and says what was said instead.
func (s *Story) silent(c *call) (string, error) {
	from, to := c.at("from", s.start), c.at("to", s.told)
	var b strings.Builder
	var fired []string
	for _, t := range s.alerts {
		if name, ok := c.get("name"); ok && s.meta(t.alert.Series).Name() != name {
			continue
		}
		if t.alert.Opened >= from && t.alert.Opened < to {
			fired = append(fired, fmt.Sprintf("#%d", t.number))
		}
	}
	for _, x := range s.series {
		if name, ok := c.get("name"); !ok || x.name == name {
			s.calm(&b, x, from, to)
		}
	}
	if len(fired) > 0 {
		return b.String(), fmt.Errorf("not silent: %s", strings.Join(fired, ", "))
	}
	return b.String(), nil
}

// calm tells how a series' samples of a stretch were judged.
func (s *Story) calm(b *strings.Builder, x *series, from, to kizashi.Time) {
	counts := map[string]int{}
	var high, low *detect.Judgement
	js := s.judged[x.meta.Series]
	for i := range js {
		j := &js[i]
		if j.At < from || j.At >= to {
			continue
		}
		k := string(j.State)
		if j.Why != "" {
			k += " (" + string(j.Why) + ")"
		}
		counts[k]++
		if high == nil || j.Value > high.Value {
			high = j
		}
		if low == nil || j.Value < low.Value {
			low = j
		}
	}
	if len(counts) == 0 {
		fmt.Fprintf(b, "%s: no samples\n", x.name)
		return
	}
	keys := make([]string, 0, len(counts))
	for k := range counts {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%d %s", counts[k], k)
	}
	fmt.Fprintf(b, "%s: %s\n", x.name, strings.Join(keys, ", "))
	v := func(n kizashi.Num) string { return explain.Value(n, x.meta.Unit) }
	fmt.Fprintf(b, "  highest %s at %s (limit %s), lowest %s at %s (limit %s)\n",
		v(kizashi.Num(high.Value)), s.wall(high.At), v(high.Upper), v(kizashi.Num(low.Value)), s.wall(low.At), v(low.Lower))
}
