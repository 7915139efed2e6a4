// Package explain turns the evidence of an alert into words, in English and
// Japanese: what happened, why that is unusual, what the limit rests on, and
// how much it is worth. It is the only place where prose is written; the
// engine deals in facts ([kizashi.Evidence]), and each kind of fact
// ([kizashi.Claim]) has a row in one table here, with a sentence in either
// language.
//
// Everything is a pure function of an alert and its justification: nothing is
// looked up, and the same data give the same text for good. Charts are drawn
// by explain/chart, HTML by explain/report.
//
// Names, notes and reasons come from outside. They are passed through [Clean]
// before they stand in a text; a page that shows a text has to escape it.
package explain

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Lang is the language of a text.
type Lang string

const (
	English  Lang = "en"
	Japanese Lang = "ja"
)

// ParseLang reads en or ja, and what LANG holds ("ja_JP.UTF-8"); everything
// that is not Japanese reads English.
func ParseLang(s string) Lang {
	if s == "ja" || strings.HasPrefix(s, "ja_") || strings.HasPrefix(s, "ja-") || strings.HasPrefix(s, "ja.") {
		return Japanese
	}
	return English
}

// Style is how a text is written.
type Style struct {
	Lang Lang
	// Threshold is the tenant's Japanese word for a threshold: しきい値 ("" means
	// it) or 閾値. A document never holds both.
	Threshold string
}

// Check refuses what would end in a text of two languages or two words.
func (s Style) Check() error {
	if s.Lang != English && s.Lang != Japanese {
		return fmt.Errorf("language %q: want en or ja", s.Lang)
	}
	switch s.Threshold {
	case "", thresholdKana, thresholdKanji:
		return nil
	}
	return fmt.Errorf("word for threshold %q: want %s or %s", s.Threshold, thresholdKana, thresholdKanji)
}

const (
	thresholdKana  = "しきい値"
	thresholdKanji = "閾値"
)

// threshold is the Japanese word.
func (s Style) threshold() string {
	if s.Threshold == "" {
		return thresholdKana
	}
	return s.Threshold
}

// Texts is an alert in words. None ends in a line break.
type Texts struct {
	Title    string // one line: state, series, value and limit, when
	Summary  string // a few lines for a notification, without the title
	Manager  string // two or three sentences without statistics
	Engineer string // the whole justification in paragraphs, the title first
}

// Text explains an alert by its justification. The justification may be
// empty where none was kept; then only the alert's own data are told. It
// fails on a style it does not know and on an unknown time zone.
func Text(a kizashi.Alert, j kizashi.Justification, s Style) (Texts, error) {
	t, err := newTeller(a, j, s)
	if err != nil {
		return Texts{}, fmt.Errorf("explain alert %s: %w", Clean(a.ID), err)
	}
	if t.note() {
		return t.noteTexts(), nil
	}
	x := Texts{Title: t.title()}
	x.Engineer = x.Title + "\n\n" + t.engineer()
	t.missingSaid = false // each text is a document of its own
	x.Summary = t.summary()
	x.Manager = t.forLay().manager()
	return x, nil
}

// Fact tells one fact about a series, such as a note that its baseline moved.
func Fact(e kizashi.Evidence, m kizashi.Meta, s Style) (string, error) {
	t, err := newTeller(kizashi.Alert{}, kizashi.Justification{Meta: m}, s)
	if err != nil {
		return "", fmt.Errorf("tell %q of %s: %w", Clean(string(e.Claim)), Clean(m.Name()), err)
	}
	return t.facts([]kizashi.Evidence{e}), nil
}

// newTeller lays out what sentences may look at.
func newTeller(a kizashi.Alert, j kizashi.Justification, s Style) (*teller, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	zone, err := calendar.Load(j.Meta.Zone)
	if err != nil {
		return nil, err
	}
	t := &teller{Style: s, a: &a, j: &j, loc: zone.Location(), unit: unitOf(j.Meta.Unit)}
	if a.Opening.At == 0 && j.Opening.At != 0 {
		t.a.Opening = j.Opening
	}
	t.side = a.Side
	t.digits = t.enough(usualDigits)
	return t, nil
}
