package calendar

import "errors"

// DayRule names days of each month or week in the words of accounting: 五十日,
// month end, 締め日, the n-th business day, and to where a closed one moves.
type DayRule struct{}

// Due is a day that a rule names.
type Due struct {
	Date    Date // after it was moved
	Nominal Date // before: the 25th, a Sunday
	Known   bool // false where moving it asked a year whose holidays are not listed
}

// ParseDayRule reads the written form (see DayRule).
func ParseDayRule(s string) (DayRule, error) {
	return DayRule{}, errors.New("calendar: not built yet")
}

// Dates returns the days from and to, both included, that the rule names,
// after moving, in order, each once.
func (r DayRule) Dates(days *Days, from, to Date) []Due { return nil }

// String is the written form.
func (r DayRule) String() string { return "" }

// Text is the rule in prose: 五十日(前営業日、銀行営業日).
func (r DayRule) Text() Name { return Name{} }
