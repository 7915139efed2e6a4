package program

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
	"github.com/kizashi-ops/kizashi/ingest/mask"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// survey is what files of logs hold, by pattern. Of two sides, the one that is
// compared with is read first: the ids are the same for both.
type survey struct {
	miner  *pattern.Miner
	mask   *mask.Masker
	match  pattern.Match
	moves  []pattern.Event
	events int
	kept   []assigned // for --out; nil = not asked for
	keep   bool
	other  bool // what is read now is what is compared with
	sides  [2]side
	counts []patternTally // by index
	zone   *calendar.Zone
	weekly bool // counts by hour of the week are kept
	files  []fileReport
	stray  stray // of the file that is read
}

// side is the files of one side together.
type side struct {
	Lines       int
	First, Last kizashi.Time // Never = none has a time
	line        timeline
}

// assigned is the pattern of an event, and how many rows it takes.
type assigned struct {
	id   pattern.ID
	rows int
}

// patternTally is what is counted of one pattern beside what the miner counts.
type patternTally struct {
	n           [2]int
	first, last kizashi.Time // of this side
	spark       [buckets]uint32
	hours       []uint32 // by hour of the week, of the other side; nil = none
}

// buckets of a spark line. The survey's time is divided evenly; twice as much
// each time that it grows out of them.
const buckets = 32

// fileReport says what became of one file.
type fileReport struct {
	Path string `json:"path"`
	logfile.Report
	Odd int `json:"odd_time,omitempty"` // events whose time the lines around them rule out: in no span
}

func newSurvey(keep, weekly bool, zone string) (*survey, error) {
	m, err := mask.New(mask.Config{})
	if err != nil {
		return nil, err
	}
	s := &survey{miner: pattern.New(pattern.Config{}), mask: m, keep: keep, weekly: weekly}
	for i := range s.sides {
		s.sides[i].First, s.sides[i].Last = kizashi.Never, kizashi.Never
	}
	if zone != "" {
		s.zone, err = calendar.Load(zone)
	}
	return s, err
}

// begin says which file is read next, and for which side.
func (s *survey) begin(other bool) { s.other, s.stray = other, stray{top: kizashi.Never} }

// report ends a file that was written last at an instant: a leap of its last line
// beyond that cannot be.
func (s *survey) report(name string, r logfile.Report, latest kizashi.Time) {
	s.settle(s.stray.top != kizashi.Never && s.stray.at > latest.Add(leap))
	s.files = append(s.files, fileReport{name, r, s.stray.odd})
}

// add counts an event, masked; fresh = its pattern was never seen.
func (s *survey) add(text []byte, e *entry) (fresh bool) {
	s.events++
	if e.rows > 1 { // the first row is the message; the rest is where it came from
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			text = text[:i]
		}
	}
	s.miner.Add(text, e.at, &s.match)
	if s.match.New || s.events&0xfff == 0 {
		s.follow()
	}
	i := s.match.Index
	if at, ok := s.miner.Lookup(s.match.ID); ok {
		i = at
	}
	s.grow(i)
	s.count(i, e)
	if s.keep && !s.other {
		s.kept = append(s.kept, assigned{s.match.ID, e.rows})
	}
	return s.match.New
}

func (s *survey) grow(i int32) {
	for int(i) >= len(s.counts) {
		s.counts = append(s.counts, patternTally{first: kizashi.Never, last: kizashi.Never})
	}
}

func (s *survey) count(i int32, e *entry) {
	k := s.sideRead()
	s.counts[i].n[k]++
	s.sides[k].Lines++
	if e.at == kizashi.Never {
		return
	}
	if at := s.timed(e, s.match.ID); at != kizashi.Never {
		s.place(&s.counts[i], at)
	}
}

// sideRead is the number of the side that is read now.
func (s *survey) sideRead() int {
	if s.other {
		return 0
	}
	return 1
}

// place takes the time of a line in.
func (s *survey) place(t *patternTally, at kizashi.Time) {
	d := &s.sides[s.sideRead()]
	if d.First == kizashi.Never {
		d.First, d.Last = at, at
	}
	d.First, d.Last = min(d.First, at), max(d.Last, at)
	if s.other {
		if s.weekly {
			if t.hours == nil {
				t.hours = make([]uint32, 7*24)
			}
			t.hours[s.hourOfWeek(at)]++
		}
		return
	}
	if t.first == kizashi.Never {
		t.first, t.last = at, at
	}
	t.first, t.last = min(t.first, at), max(t.last, at)
	t.spark[d.line.bucket(at, s.counts)]++
}

// hourOfWeek of an instant, Sunday 0:00 first, on the clock of the survey's zone.
func (s *survey) hourOfWeek(at kizashi.Time) int {
	ms := int64(at)
	if s.zone != nil {
		ms += s.zone.Offset(ms)
	}
	h := ms / 3_600_000
	return int((h + 4*24) % (7 * 24)) // 1970-01-01 was a Thursday
}

// follow moves counts to where the miner has moved their patterns.
func (s *survey) follow() {
	s.moves = s.miner.Events(s.moves[:0])
	for _, m := range s.moves {
		if m.Kind != pattern.Merged && m.Kind != pattern.Evicted {
			continue
		}
		s.grow(max(m.Index, m.IntoIndex))
		from, to := &s.counts[m.Index], &s.counts[m.IntoIndex]
		to.add(from)
		*from = patternTally{first: kizashi.Never, last: kizashi.Never}
	}
}

func (t *patternTally) add(u *patternTally) {
	for i := range t.n {
		t.n[i] += u.n[i]
	}
	if u.first != kizashi.Never {
		if t.first == kizashi.Never {
			t.first, t.last = u.first, u.last
		}
		t.first, t.last = min(t.first, u.first), max(t.last, u.last)
	}
	for i, n := range u.spark {
		t.spark[i] += n
	}
	if t.hours == nil {
		t.hours = u.hours
		return
	}
	for i, n := range u.hours {
		t.hours[i] += n
	}
}

// end is called when all was read.
func (s *survey) end() {
	s.follow()
	s.grow(int32(s.miner.Len()))
}

// announce tells the pattern that the last event has made.
func (s *survey) announce(w io.Writer) {
	p, ok := s.miner.Pattern(s.match.Index)
	if !ok {
		return
	}
	at := "-"
	if p.First != kizashi.Never {
		at = p.First.String()
	}
	fmt.Fprintf(w, "%s %s %-5s %s\n", at, p.ID, p.Level, shown(p.Sample, 160))
}

// timeline divides a stretch of time into buckets.
type timeline struct {
	from  kizashi.Time
	width time.Duration // 0 = there is nothing yet
}

// bucket returns that of an instant, making room in counts where it lies outside.
func (l *timeline) bucket(at kizashi.Time, counts []patternTally) int {
	if l.width == 0 {
		l.from, l.width = at.Floor(time.Second), time.Second
	}
	for at >= l.from.Add(buckets*l.width) {
		l.widen(counts, 0)
	}
	for at < l.from {
		l.from = l.from.Add(-buckets * l.width)
		l.widen(counts, buckets/2)
	}
	return int(at.Sub(l.from) / l.width)
}

// widen folds two buckets into one; the result begins at bucket shift.
func (l *timeline) widen(counts []patternTally, shift int) {
	l.width *= 2
	for i := range counts {
		var to [buckets]uint32
		for k, n := range counts[i].spark {
			to[shift+k/2] += n
		}
		counts[i].spark = to
	}
}
