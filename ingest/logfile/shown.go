package logfile

import "strings"

// lookForZone looks which offset the times in the beginning of a file have. Where
// nobody stated a zone and it is one only, times without a zone are taken to be of
// the same clock: an access log says +0900, and the application beside it nothing.
func (f *Reader) lookForZone() {
	if f.clock.stated || f.rep.Format != Text && f.rep.Format != JSONLines {
		return
	}
	var rule rule
	found, offset := false, int64(0)
	n := 0
	for row := range strings.Lines(string(f.in.head)) {
		text, whole := strings.CutSuffix(row, "\n")
		if !whole {
			break // the rest of it may be its zone
		}
		b := []byte(strings.TrimSuffix(text, "\r"))
		if n++; n > 1 && f.goesOn(&rule, b) {
			continue
		}
		rule.begin(b)
		var s stamp
		if !f.clock.look(b, &s) || !s.zoned || s.day == 0 { // an epoch has none
			continue
		}
		if found && s.offset != offset {
			return
		}
		found, offset = true, s.offset
	}
	if found {
		f.clock.adopt(offset)
	}
}

// goesOn says whether a row in the beginning of the file goes on with an event.
func (f *Reader) goesOn(r *rule, row []byte) bool {
	switch {
	case f.opt.Single:
		return false
	case f.opt.First != nil:
		return !f.opt.First.Match(row)
	}
	return r.goesOn(row)
}
