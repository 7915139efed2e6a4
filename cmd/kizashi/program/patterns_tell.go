package program

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// found is one pattern as it is told.
type found struct {
	ID        pattern.ID   `json:"-"`
	Name      string       `json:"id"`
	Template  string       `json:"template"`
	Lines     int          `json:"lines"`
	Share     float64      `json:"share"` // of the lines of this side, 0 to 1
	First     kizashi.Time `json:"first"` // Never = no line has a time
	Last      kizashi.Time `json:"last"`
	Level     string       `json:"level"`
	Sample    string       `json:"sample"`
	Histogram []bucketOf   `json:"histogram,omitempty"`
	Slots     []slotOf     `json:"slots,omitempty"`
	of        *patternTally
}

type bucketOf struct {
	From  kizashi.Time `json:"from"`
	Lines uint32       `json:"lines"`
}

type slotOf struct {
	Slot     int32           `json:"slot"`
	Kind     string          `json:"kind"`
	Distinct float64         `json:"distinct"` // estimate
	Heavy    []pattern.Heavy `json:"heavy,omitempty"`
	Min      *float64        `json:"min,omitempty"`
	Max      *float64        `json:"max,omitempty"`
}

// patternsOut is what --json prints.
type patternsOut struct {
	Files    []fileReport `json:"files"`
	Lines    int          `json:"lines"`
	Masked   string       `json:"masked"`
	Clusters bool         `json:"clusters"`
	Reason   string       `json:"reason,omitempty"` // why counts by pattern say nothing
	Patterns []found      `json:"patterns"`
	Diff     *difference  `json:"diff,omitempty"`
}

// found lists the patterns, the most frequent first; those without a line of this
// side too, where all are asked for.
func (s *survey) found(all bool) []found {
	var out []found
	for p := range s.miner.Patterns() {
		t := &s.counts[p.Index]
		if t.n[1] == 0 && (!all || t.n[0] == 0) {
			continue
		}
		f := found{ID: p.ID, Name: p.ID.String(), Template: p.Template, Lines: t.n[1], First: t.first, Last: t.last, Level: p.Level.String(), Sample: p.Sample, of: t}
		if n := s.sides[1].Lines; n > 0 {
			f.Share = float64(t.n[1]) / float64(n)
		}
		out = append(out, f.with(s, p.Slots))
	}
	slices.SortStableFunc(out, func(a, b found) int { return cmp.Or(b.Lines-a.Lines, cmp.Compare(a.ID, b.ID)) })
	return out
}

// with adds histogram and slots.
func (f found) with(s *survey, slots []pattern.SlotStats) found {
	l := s.sides[1].line
	for i, n := range f.of.spark {
		if n > 0 {
			f.Histogram = append(f.Histogram, bucketOf{l.from.Add(time.Duration(i) * l.width), n})
		}
	}
	for i := range slots {
		x := &slots[i]
		o := slotOf{Slot: x.Slot, Kind: x.Kind.String(), Distinct: x.Distinct, Heavy: frequent(x.Heavy)}
		if x.Numbers > 0 {
			o.Min, o.Max = &x.Min, &x.Max
		}
		f.Slots = append(f.Slots, o)
	}
	return f
}

// frequent leaves out values of which next to nothing is known: what is sure of
// their count is less than a tenth of it.
func frequent(all []pattern.Heavy) []pattern.Heavy {
	return slices.DeleteFunc(all, func(h pattern.Heavy) bool { return 10*(h.Lines-h.Over) < h.Lines })
}

// tell writes what was asked for.
func (f *patternFlags) tell(e env, s *survey, st explain.Style) error {
	if f.out != "" {
		if err := create(f.out, s.writeRows); err != nil {
			return err
		}
	}
	var d *difference
	if len(f.diff) > 0 {
		d = s.difference()
	}
	h, c := s.miner.Health(), s.mask.Counts()
	if f.json {
		enc := json.NewEncoder(e.out)
		enc.SetIndent("", "  ")
		return enc.Encode(patternsOut{Files: s.files, Lines: s.sides[1].Lines, Masked: c.String(), Clusters: h.Clusters, Reason: h.Reason, Patterns: s.found(false), Diff: d})
	}
	w := bufio.NewWriter(e.out)
	for i := range s.files {
		s.files[i].tell(w, st)
	}
	if c.Masked > 0 {
		fmt.Fprintln(w, masked(c, st))
	}
	if !h.Clusters {
		fmt.Fprintln(w, loose(h.Reason, st))
	}
	fmt.Fprintln(w)
	if d != nil {
		s.tellDifference(w, d, f.top, st)
	} else {
		s.tellTable(w, f.top, st)
	}
	return w.Flush()
}

// loose says that counts by pattern say nothing of lines.
func loose(reason string, st explain.Style) string {
	return pick(st, "these lines do not cluster: "+reason, "この入力はパターンにまとまりません: 半数を超える行が、1 行だけのパターンか other にあります")
}

// tellTable prints the patterns: a line of figures with the template, and one with
// a sample.
func (s *survey) tellTable(w io.Writer, top int, st explain.Style) {
	all := s.found(false)
	fmt.Fprintln(w, pick(st, "pattern              lines   share  first                last                 level", "パターン              行数    割合  最初                 最後                 レベル"))
	for i, f := range all {
		if top > 0 && i == top {
			rest := 0
			for _, g := range all[i:] {
				rest += g.Lines
			}
			fmt.Fprintln(w, pick(st, "... and "+many(len(all)-i, "more pattern")+" with "+many(rest, "line")+" (--top 0 lists all)", fmt.Sprintf("... ほか %d パターン %d 行 (--top 0 で全件)", len(all)-i, rest)))
			break
		}
		fmt.Fprintf(w, "%s %9d %6.2f%%  %-20s %-20s %-5s %s\n", f.Name, f.Lines, 100*f.Share, stampOf(f.First), stampOf(f.Last), f.Level, s.sides[1].sparkOf(f.of))
		fmt.Fprintf(w, "    %s\n", shown(f.Template, 200))
		if f.Sample != f.Template {
			fmt.Fprintf(w, "    %s %s\n", pick(st, "e.g.", "例:"), shown(f.Sample, 200))
		}
	}
	n := s.sides[1].Lines
	fmt.Fprintln(w, pick(st, many(n, "line")+" in "+many(len(all), "pattern"), fmt.Sprintf("%d 行、%d パターン", n, len(all))))
}

func stampOf(t kizashi.Time) string {
	if t == kizashi.Never {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// shown makes text of a log fit for a terminal, and for a line.
func shown(s string, most int) string {
	r := []rune(explain.Clean(s))
	if len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return string(r)
}

// sparkOf draws a pattern's lines over the time of the side; "" = it has none.
func (d *side) sparkOf(t *patternTally) string {
	if d.line.width == 0 || d.First == kizashi.Never {
		return ""
	}
	from, to := int(d.First.Sub(d.line.from)/d.line.width), int(d.Last.Sub(d.line.from)/d.line.width)
	most := slices.Max(t.spark[:])
	var b strings.Builder
	for _, n := range t.spark[max(from, 0) : min(to, buckets-1)+1] {
		switch {
		case n == 0 || most == 0:
			b.WriteByte('.')
		default:
			b.WriteRune([]rune("▁▂▃▄▅▆▇█")[(uint64(n)*8-1)/uint64(most)])
		}
	}
	return b.String()
}

// writeRows writes line,pattern_id,template for each row of the input, in order;
// rows that go on with the one above have its pattern.
func (s *survey) writeRows(w io.Writer) error {
	templates := map[pattern.ID]string{}
	for p := range s.miner.Patterns() {
		templates[p.ID] = p.Template
	}
	out := csv.NewWriter(w)
	row := []string{"line", "pattern_id", "template"}
	if err := out.Write(row); err != nil {
		return err
	}
	n := 0
	for _, a := range s.kept {
		id := s.miner.Resolve(a.id)
		t, ok := templates[id]
		if !ok { // it was evicted, and its ids were forgotten
			id = pattern.OtherID
			t = templates[id]
		}
		row[1], row[2] = id.String(), t
		for range a.rows {
			n++
			row[0] = strconv.Itoa(n)
			if err := out.Write(row); err != nil {
				return err
			}
		}
	}
	out.Flush()
	return out.Error()
}
