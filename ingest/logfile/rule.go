package logfile

import "bytes"

// rule tells rows that go on with the event above from those that begin one.
type rule struct {
	margin int  // of the event's first row
	dated  bool // that row looks as if it began with a time
	trace  byte // inside a trace whose rows may have no margin: 'p' of Python, 'g' of Go; 0 = none
}

func margin(row []byte) int {
	n := 0
	for n < len(row) && (row[n] == ' ' || row[n] == '\t') {
		n++
	}
	return n
}

func (r *rule) begin(row []byte) {
	r.margin, r.trace = margin(row), 0
	r.dated = len(row) > 8 && (row[0]-'0' <= 9 || row[0] == '[' || month(row) > 0)
	r.enter(row)
}

// enter notes that a row begins a trace.
func (r *rule) enter(row []byte) {
	switch {
	case bytes.HasSuffix(row, []byte("Traceback (most recent call last):")):
		r.trace = 'p'
	case bytes.HasPrefix(row, []byte("goroutine ")) && bytes.HasSuffix(row, []byte("]:")):
		r.trace = 'g'
	}
}

// starts are what rows of traces begin with that have no margin.
var starts = [][]byte{[]byte("Caused by:"), []byte("Suppressed:"), []byte("... "), []byte("Traceback (most recent call last):"), []byte("During handling of the above exception"),
	[]byte("The above exception was the direct cause"), []byte("--- End of "), []byte("[signal "), []byte("created by ")}

func (r *rule) goesOn(row []byte) bool {
	if len(row) == 0 {
		return true
	}
	switch c := row[0]; c {
	case ' ', '\t':
		return margin(row) > r.margin
	case 'C', 'S', '.', 'T', 'D', '-', '[', 'c':
		for _, s := range starts {
			if bytes.HasPrefix(row, s) {
				r.enter(row)
				return true
			}
		}
	case '}', ']', ')':
		if len(row) <= 3 { // of JSON over rows
			return true
		}
	case 'a':
		if bytes.HasPrefix(row, []byte("at ")) && (bytes.IndexByte(row, '(') > 0 || bytes.Contains(row, []byte(":line "))) {
			return true
		}
	case 'g':
		if r.enter(row); r.trace == 'g' && bytes.HasPrefix(row, []byte("goroutine ")) {
			return true
		}
	}
	if r.dated && thrown(row) {
		return true
	}
	switch r.trace {
	case 'p':
		r.trace = 0 // its last row: what was raised
		return raised(row)
	case 'g':
		return row[len(row)-1] == ')' && bytes.IndexByte(row, '(') > 0
	}
	return false
}

// raised says whether a row is the last of a Python trace: ValueError: x,
// pkg.mod.SomeError.
func raised(row []byte) bool {
	n, last := 0, 0
	for n < len(row) && (row[n]-'0' <= 9 || (row[n]|0x20)-'a' <= 25 || row[n] == '_' || row[n] == '.') {
		if row[n] == '.' {
			last = n + 1
		}
		n++
	}
	return n > last && row[last]-'A' <= 25 && (n == len(row) || row[n] == ':')
}

// thrown says whether a row tells a Java exception: java.io.IOException: x. It
// stands without a margin below the row of the log that it belongs to.
func thrown(row []byte) bool {
	n, last := 0, 0
	for n < len(row) && (row[n]-'0' <= 9 || (row[n]|0x20)-'a' <= 25 || row[n] == '_' || row[n] == '$' || row[n] == '.') {
		if row[n] == '.' {
			last = n + 1
		}
		n++
	}
	name := row[:n]
	return last > 0 && row[0]-'a' <= 25 && (n == len(row) || row[n] == ':') &&
		(bytes.HasSuffix(name, []byte("Exception")) || bytes.HasSuffix(name, []byte("Error")) || bytes.HasSuffix(name, []byte("Throwable")))
}
