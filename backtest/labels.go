package backtest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Label is a stretch in which something was wrong, by a person's word: an
// entry of an incident ledger. Both ends belong to it.
type Label struct {
	Series string       `json:"series"` // a series' name, file or file stem, or a glob over them; "" = any
	From   kizashi.Time `json:"from"`
	To     kizashi.Time `json:"to"`
	Name   string       `json:"name,omitempty"`
	Line   int          `json:"line,omitempty"`
}

// Covers says whether the label speaks of a series.
func (l *Label) Covers(s *Series) bool {
	if l.Series == "" {
		return true
	}
	stem := strings.TrimSuffix(path.Base(s.File), ".gz")
	stem = strings.TrimSuffix(stem, path.Ext(stem))
	for _, name := range [...]string{s.Meta.Name(), s.File, path.Base(s.File), stem} {
		if ok, err := path.Match(l.Series, name); err == nil && ok {
			return true
		}
	}
	return strings.HasSuffix("/"+s.File, "/"+l.Series) || strings.HasSuffix(l.Series, "/"+s.File)
}

// ReadLabels reads NAB's windows (JSON: file to a list of [from, to]) or CSV
// with the columns series, from, to and perhaps name. Times without a zone
// are of zone.
func ReadLabels(file, zone string) ([]Label, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	z, err := calendar.Load(zone)
	if err != nil {
		return nil, err
	}
	var ls []Label
	if t := bytes.TrimSpace(b); len(t) > 0 && t[0] == '{' {
		ls, err = windows(t, z.Location())
	} else {
		ls, err = ledger(b, z.Location())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return ls, nil
}

func windows(b []byte, loc *time.Location) ([]Label, error) {
	var m map[string][][]string
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, fmt.Errorf("windows: want an object of file names, each with a list of [from, to]: %w", err)
	}
	var ls []Label
	for name, ws := range m {
		for i, w := range ws {
			if len(w) != 2 {
				return nil, fmt.Errorf("%s: window %d has %d times, want from and to", name, i+1, len(w))
			}
			l, err := labelOf(name, w[0], w[1], "", loc)
			if err != nil {
				return nil, fmt.Errorf("%s: window %d: %w", name, i+1, err)
			}
			ls = append(ls, l)
		}
	}
	sort.Slice(ls, func(i, j int) bool {
		if ls[i].Series != ls[j].Series {
			return ls[i].Series < ls[j].Series
		}
		return ls[i].From < ls[j].From
	})
	return ls, nil
}

func ledger(b []byte, loc *time.Location) ([]Label, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))))
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty; want the columns series,from,to,name")
	}
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, h := range head {
		at[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, want := range [...]string{"series", "from", "to"} {
		if _, ok := at[want]; !ok {
			return nil, fmt.Errorf("line 1: no column %q; want series,from,to,name", want)
		}
	}
	var ls []Label
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return ls, nil
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		field := func(name string) string {
			if i, ok := at[name]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		l, err := labelOf(field("series"), field("from"), field("to"), field("name"), loc)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		l.Line = line
		ls = append(ls, l)
	}
}

func labelOf(series, from, to, name string, loc *time.Location) (Label, error) {
	l := Label{Series: series, Name: name}
	if _, err := path.Match(series, ""); err != nil {
		return l, fmt.Errorf("series %q: a bad pattern", series)
	}
	var err error
	if l.From, err = ParseTime(from, loc); err != nil {
		return l, fmt.Errorf("from: %w", err)
	}
	if l.To, err = ParseTime(to, loc); err != nil {
		return l, fmt.Errorf("to: %w", err)
	}
	if l.To < l.From {
		return l, fmt.Errorf("it ends at %s, before it begins at %s", l.To, l.From)
	}
	return l, nil
}

// ParseTime reads a time as people write it; without a zone it is of loc.
func ParseTime(s string, loc *time.Location) (kizashi.Time, error) {
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02 15:04:05.999999", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04",
		"2006/1/2 15:04:05", "2006/1/2 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return kizashi.TimeOf(t), nil
		}
	}
	return 0, fmt.Errorf("time %q: want RFC 3339, or YYYY-MM-DD HH:MM[:SS]", s)
}
