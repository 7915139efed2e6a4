package replay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// AlarmChange is one change of state of an alarm that somebody runs already.
// It says what that alarm did, so it is a label to compare with, never a
// sample.
type AlarmChange struct {
	Alarm  string       `json:"alarm"` // its name
	At     kizashi.Time `json:"at"`
	From   string       `json:"from"` // OK, ALARM or INSUFFICIENT_DATA
	To     string       `json:"to"`
	Reason string       `json:"reason,omitempty"` // in CloudWatch's words; "" = not told
}

// historyPage is one page of what `aws cloudwatch describe-alarm-history`
// prints.
type historyPage struct {
	AlarmHistoryItems *[]historyItem
}

type historyItem struct {
	AlarmName       string
	Timestamp       json.RawMessage
	HistoryItemType string
	HistorySummary  string
	HistoryData     string // JSON in a string
}

// historyData is HistoryData of a StateUpdate.
type historyData struct {
	OldState, NewState struct{ StateValue, StateReason string }
}

// AlarmHistory reads what `aws cloudwatch describe-alarm-history` prints, one
// page or several in a row, and returns the changes of state, oldest first. A
// change that stands on two pages is one. Items of another type (actions,
// configuration) are passed over.
//
// An error names the item, or the line at which the text breaks off; the
// changes read before it come with it.
func AlarmHistory(r io.Reader) ([]AlarmChange, error) {
	var out []AlarmChange
	c, err := newClock("")
	if err != nil {
		return nil, err
	}
	s, err := openStream(r, "")
	if err != nil {
		return nil, fmt.Errorf("alarm history: %w", err)
	}
	b, err := s.whole(maxWhole)
	if err != nil {
		return nil, fmt.Errorf("alarm history: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	for page := 1; ; page++ {
		begin := dec.InputOffset()
		var p historyPage
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF) && page > 1:
			return oldestFirst(out), nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("alarm history: empty")
		case err != nil:
			return oldestFirst(out), fmt.Errorf("alarm history: page %d, %w", page, unreadable(b, begin, err))
		case p.AlarmHistoryItems == nil:
			return oldestFirst(out), fmt.Errorf("alarm history: page %d has no AlarmHistoryItems", page)
		}
		cs, err := p.changes(c)
		if out = append(out, cs...); err != nil {
			return oldestFirst(out), fmt.Errorf("alarm history: page %d, %w", page, err)
		}
	}
}

// changes are the changes of state of one page.
func (p historyPage) changes(c *clock) (out []AlarmChange, err error) {
	for i, item := range *p.AlarmHistoryItems {
		if item.HistoryItemType != "StateUpdate" {
			continue
		}
		change, err := item.change(c)
		if err != nil {
			return out, fmt.Errorf("item %d (alarm %q): %w", i+1, cut(item.AlarmName), err)
		}
		out = append(out, change)
	}
	return out, nil
}

// summaryForm is how CloudWatch sums up a StateUpdate.
var summaryForm = regexp.MustCompile(`from (\w+) to (\w+)`)

func (h historyItem) change(c *clock) (AlarmChange, error) {
	out := AlarmChange{Alarm: h.AlarmName}
	if h.AlarmName == "" {
		return out, errors.New("no AlarmName")
	}
	stamp := scalar(h.Timestamp)
	at, kind, fault := c.parse(stamp)
	if kind != zoned || fault != "" {
		return out, fmt.Errorf("timestamp %q: want a time with its zone", cut(string(stamp)))
	}
	out.At = at
	var d historyData
	if err := json.Unmarshal([]byte(h.HistoryData), &d); err == nil {
		out.From, out.To, out.Reason = d.OldState.StateValue, d.NewState.StateValue, d.NewState.StateReason
	}
	// The data is cut where a reason is very long; the summary never is.
	if m := summaryForm.FindStringSubmatch(h.HistorySummary); m != nil {
		out.From, out.To = cmp.Or(out.From, m[1]), cmp.Or(out.To, m[2])
	}
	for _, s := range []string{out.From, out.To} {
		switch s {
		case "OK", "ALARM", "INSUFFICIENT_DATA":
		default:
			return out, fmt.Errorf("state %q: want OK, ALARM or INSUFFICIENT_DATA (summary %q)", s, cut(h.HistorySummary))
		}
	}
	return out, nil
}

// oldestFirst sorts changes; those of one instant stay in the order in which
// they happened, which is the reverse of how CloudWatch lists them.
func oldestFirst(cs []AlarmChange) []AlarmChange {
	slices.Reverse(cs)
	slices.SortStableFunc(cs, func(a, b AlarmChange) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Alarm, b.Alarm))
	})
	return slices.Compact(cs)
}
