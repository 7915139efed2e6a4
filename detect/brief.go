package detect

import "unsafe"

// brief asks the rows whether their votes would stand. A row that panics has no
// opinion.
func (j *judge) brief() {
	j.votes, j.onset, j.opinions, j.stands = j.votes[:0], 0, 0, false
	for k := 0; k < len(j.s.set.briefs); {
		k = j.briefs(k)
	}
}

// briefs asks from a row on; where one panics, the next call goes on behind it.
func (j *judge) briefs(k int) (next int) {
	steps := j.s.set.briefs
	defer j.guarded(steps, &next)
	apart := j.apart()
	for next = k; next < len(steps); next++ {
		t := &steps[next]
		if t.long {
			j.soon.some()
		}
		votes, d := t.votes, &j.drafts[t.row]
		d.Set = false
		if apart && t.share > 0 {
			votes = false
		}
		if !votes && t.weight == 0 {
			continue
		}
		j.c.Share, j.c.Draft = t.share, d
		said, onset := t.briefOf(j.s).Brief(&j.c)
		if onset != 0 && !j.ranks(t, onset) {
			continue
		}
		if votes && said != NoOpinion {
			j.opinions++
			j.stands = j.stands || said == Stands && (t.share == 0 || j.tellable())
		}
	}
	return next
}

// ranks takes in how surprising a row finds the sample. Of one that says no number
// nothing else is taken either.
func (j *judge) ranks(t *step, onset float64) (ok bool) {
	if onset-onset != 0 {
		j.fault(t.row, "a vote that is no number")
		return false
	}
	j.onset += t.weight * onset
	return true
}

// guarded is deferred by who asks one row after the other: a panic is a fault of the
// next one, and what comes next is the one behind it.
func (j *judge) guarded(steps []step, next *int) {
	if what := recover(); what != nil {
		j.fault(steps[*next].row, what)
		*next++
	}
}

// learn lets the rows learn the sample.
func (j *judge) learn() {
	if j.measure || j.s.others != nil {
		j.work(j.s.set.learned, false, learnRow)
		return
	}
	for k := 0; k < len(j.s.set.learns); {
		k = j.learns(k)
	}
}

func (j *judge) learns(k int) (next int) {
	steps := j.s.set.learns
	defer j.guarded(steps, &next)
	for next = k; next < len(steps); next++ {
		t := &steps[next]
		if t.long {
			j.soon.some()
		}
		if j.s.others != nil { // a fault just now
			learnRow(j, t.row)
			continue
		}
		d := &j.drafts[t.row]
		d.Set = d.Set && t.asked
		j.c.Share, j.c.Draft = t.share, d
		t.stateOf(j.s).Learn(&j.c, j.held)
	}
	return next
}

// briefOf is a series' state at a place.
func (p *place) briefOf(s *series) (m Brief) {
	if p.field == 0 {
		return p.short
	}
	*(*state)(unsafe.Pointer(&m)) = state{p.brief, unsafe.Add(unsafe.Pointer(s), p.at)}
	return m
}

// hourlyOf is a series' state of a row that has something to do when an hour begins.
func (l *layout) hourlyOf(s *series, row int) (m Hourly, ok bool) {
	if p := &l.rows[row]; s.others == nil && p.field > 0 && p.hours != nil {
		*(*state)(unsafe.Pointer(&m)) = state{p.hours, unsafe.Add(unsafe.Pointer(s), p.at)}
		return m, true
	}
	m, ok = l.state(s, row).(Hourly)
	return m, ok
}

// stateOf is a series' state at a place, with all that states can do.
func (p *place) stateOf(s *series) (m State) {
	if p.field == 0 {
		return p.all
	}
	*(*state)(unsafe.Pointer(&m)) = state{p.table, unsafe.Add(unsafe.Pointer(s), p.at)}
	return m
}
