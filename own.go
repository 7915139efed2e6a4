package kizashi

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Own is what a justification keeps of a detector that is not Kizashi's: the
// sentence in which it is told. So an alert explains itself wherever it is read,
// by a program without that detector too.
type Own struct {
	Model string    `json:"model"`
	Words Words     `json:"words"`
	Limit Published `json:"limit,omitempty"`
}

// Published says which limit the value votes of a detector that is not Kizashi's
// stand on, where it is one that others can compute again.
type Published string

const (
	OfItself Published = ""      // one of its own, taken at its word
	OfHour   Published = "hour"  // that of the band, in the series' unit
	OfBound  Published = "bound" // a bound of the series, of its unit or by the catalogue
	OfPerson Published = "set"   // a static limit or a guard rail
)

// Check says what is wrong with it, if anything is.
func (p Published) Check() error {
	switch p {
	case OfItself, OfHour, OfBound, OfPerson:
		return nil
	}
	return errText("limit", string(p), "hour, bound, set, or none")
}

// Words is a sentence in either language. What stands in braces is replaced by
// what the vote holds: {value}, {expected}, {lower} and {upper} in the series' unit,
// {stat} and {limit} in the vote's own.
type Words struct {
	English  string `json:"en"`
	Japanese string `json:"ja"`
}

// longestWords is the length of a sentence at the most, in bytes: it stands among
// others in a message.
const longestWords = 600

// Check says what is wrong with it, if anything is.
func (w Words) Check() error {
	for _, s := range []struct{ lang, text string }{{"English", w.English}, {"Japanese", w.Japanese}} {
		switch {
		case strings.TrimSpace(s.text) == "":
			return fmt.Errorf("words: no sentence in %s", s.lang)
		case len(s.text) > longestWords || !utf8.ValidString(s.text) || strings.ContainsAny(s.text, "\n\r"):
			return fmt.Errorf("words: the sentence in %s: want one line of at most %d bytes", s.lang, longestWords)
		}
		if _, err := Fill(s.text, func(string) string { return "" }); err != nil {
			return fmt.Errorf("words: the sentence in %s: %w", s.lang, err)
		}
	}
	if !strings.ContainsFunc(w.Japanese, japanese) {
		return errors.New("words: the sentence in Japanese has no Japanese in it")
	}
	return nil
}

// japanese are kana and the usual kanji.
func japanese(r rune) bool { return r >= 0x3040 && r <= 0x9fff }

// places are what a sentence may name in braces.
var places = []string{"value", "expected", "lower", "upper", "stat", "limit"}

// Fill replaces what stands in braces by what of says of it.
func Fill(text string, of func(place string) string) (string, error) {
	var b strings.Builder
	for {
		before, rest, open := strings.Cut(text, "{")
		b.WriteString(before)
		if !open {
			return b.String(), nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !known(name) {
			return b.String(), fmt.Errorf("{%s: want one of {%s}", name, strings.Join(places, "}, {"))
		}
		b.WriteString(of(name))
		text = after
	}
}

func known(place string) bool {
	for _, p := range places {
		if p == place {
			return true
		}
	}
	return false
}
