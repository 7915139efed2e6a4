package journal

import (
	"errors"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/store/codec"
)

// folder reads segments in order, joins the parts of batches and keeps the
// books on what is missing.
type folder struct {
	*tracker
	report Report
	// fn, if set, gets every whole batch, still encoded.
	fn func(body []byte) error
}

// folded is what a segment holds, as far as a repair needs it.
type folded struct {
	index   int
	out     [][]byte // its sound records, and gap records where others are missing
	dirty   bool     // out is not what the file holds
	gaps    bool     // out holds gap records
	batches int
	end     int  // behind the last sound record
	holes   bool // damage with something sound behind it, or a gap to be noted
	size    int
}

// unit is a batch: one record or the parts of one.
type unit struct {
	span
	recs   [][]byte
	frames []frame
	body   []byte
}

// segment folds in one segment.
func (f *folder) segment(index int, data []byte) (folded, error) {
	f.report.Segments++
	f.report.Bytes += int64(len(data))
	s := folded{index: index, size: len(data)}
	var u unit
	for _, it := range scan(data) {
		if err := f.item(&s, &u, it); err != nil {
			return s, err
		}
	}
	f.abandon(&s, &u)
	return s, nil
}

func (f *folder) item(s *folded, u *unit, it item) error {
	fr, err := frame{}, errDamaged
	if it.rec != nil {
		fr, err = unseal(it.rec)
	}
	switch {
	case errors.Is(err, codec.ErrNewer):
		return err
	case err != nil:
		f.abandon(s, u)
		f.hurt(s, it.span)
		return nil
	case fr.kind == kindBatch:
		return f.part(s, u, it, fr)
	}
	f.abandon(s, u)
	return f.note(s, it, fr)
}

// hurt notes damage in the segment.
func (f *folder) hurt(s *folded, d span) {
	s.dirty = true
	f.damage(s.index, d)
}

// abandon gives up a batch some of whose parts never came.
func (f *folder) abandon(s *folded, u *unit) {
	if len(u.recs) > 0 {
		f.hurt(s, u.span)
	}
	*u = unit{}
}

// sound notes a record that can be read, n numbers from seq on, and before it
// what is missing.
func (f *folder) sound(s *folded, at span, seq, n uint64, recs ...[]byte) {
	if s.dirty {
		s.holes = true
	}
	before := f.next
	if f.meet(s.index, at.from, seq) > 0 {
		s.out = append(s.out, gapRecord(before, seq))
		s.dirty, s.gaps, s.holes = true, true, true
	}
	f.next = seq + n
	s.end = at.to
	s.out = append(s.out, recs...)
}

// part takes in a batch, or a part of one.
func (f *folder) part(s *folded, u *unit, it item, fr frame) error {
	if n := len(u.frames); fr.part != uint16(n) || n > 0 && (fr.parts != u.frames[0].parts || fr.seq != u.frames[0].seq+uint64(n)) {
		f.abandon(s, u)
	}
	if fr.part != uint16(len(u.frames)) || f.started && fr.seq < f.next {
		f.hurt(s, it.span)
		return nil
	}
	if len(u.frames) == 0 {
		u.from = it.from
	}
	u.to = it.to
	u.recs, u.frames, u.body = append(u.recs, it.rec), append(u.frames, fr), append(u.body, fr.payload...)
	if len(u.frames) < int(fr.parts) {
		return nil
	}
	whole := *u
	*u = unit{}
	return f.whole(s, whole)
}

func (f *folder) whole(s *folded, u unit) error {
	part, pos, err := codec.Head(u.body)
	if errors.Is(err, codec.ErrNewer) {
		return err
	}
	if err != nil {
		f.hurt(s, u.span)
		return nil
	}
	f.sound(s, u.span, u.frames[0].seq, uint64(len(u.frames)), u.recs...)
	f.batch(part, pos)
	s.batches++
	f.report.Batches++
	if f.fn == nil {
		return nil
	}
	return f.fn(u.body)
}

// note takes in a head or a gap.
func (f *folder) note(s *folded, it item, fr frame) error {
	if f.started && fr.seq < f.next {
		f.hurt(s, it.span)
		return nil
	}
	if fr.kind == kindGap {
		to, err := gapEnd(fr)
		if err != nil {
			f.hurt(s, it.span)
			return nil
		}
		f.sound(s, it.span, fr.seq, 0, it.rec)
		f.gap(s.index, it.from, to)
		s.gaps = true
		return nil
	}
	positions, err := codec.DecodePositions(fr.payload)
	if errors.Is(err, codec.ErrNewer) {
		return err
	}
	if err != nil {
		f.hurt(s, it.span)
		return nil
	}
	f.sound(s, it.span, fr.seq, 0, it.rec)
	f.raise(positions)
	return nil
}

// raise takes in positions that were reached, whatever the records say.
func (t *tracker) raise(positions map[kizashi.Partition]uint64) {
	for p, pos := range positions {
		if have, ok := t.positions[p]; !ok || pos > have {
			t.positions[p] = pos
		}
	}
}
