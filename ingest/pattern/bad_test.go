package pattern

import (
	"bytes"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// What nobody should write is a line all the same: it has a pattern, and the
// same one when it comes again.
func TestBadLinesHavePatterns(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 1000) + "1" + strings.Repeat("}", 1000)
	bad := map[string]string{
		"5 MB":              "start " + strings.Repeat("word ", 1<<20),
		"5 MB of one word":  strings.Repeat("x", 5<<20),
		"5 MB of digits":    strings.Repeat("7", 5<<20),
		"5 MB of dots":      strings.Repeat(".", 5<<20),
		"NUL":               "a\x00b\x00\x00c",
		"broken UTF-8":      "user \xff\xfe\xc3 logged \xe3\x81",
		"half a surrogate":  `{"msg":"broken \ud83d half \udc00 done"}`,
		"escape at the end": `{"msg":"x\`,
		"1000 deep":         deep,
		"1000 lists deep":   `{"a":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + "}",
		"unclosed":          `{"a":{"b":"c"`,
		"quotes":            `key="never closed`,
		"brackets":          "2024-01-01 00:00:00 " + strings.Repeat("[", 3000),
		"year 9999":         "9999-12-31 23:59:59 ERROR late",
		"stamp alone":       "2024-01-01 00:00:00",
		"colons":            strings.Repeat(":", 5000),
		"many keys":         strings.Repeat("k=v ", 3000),
		"tabs":              "\t\t\t",
		"only <":            strings.Repeat("<", 4096),
	}
	m := New(Config{})
	for name, line := range bad {
		var a, b Match
		m.Add([]byte(line), 0, &a)
		m.Add([]byte(line), 0, &b)
		if a.ID != b.ID || b.New || a.ID == OtherID {
			t.Errorf("%s: %s, then %s", name, a.ID, b.ID)
		}
		if long := len(line) > MaxBytes; long && !a.Cut {
			t.Errorf("%s: %d bytes, and not said to be cut", name, len(line))
		}
	}
	if total(m) != uint64(2*len(bad)) {
		t.Errorf("%d lines of %d", total(m), 2*len(bad))
	}
	for p := range m.Patterns() {
		if len(p.Template) > 2*MaxBytes || len(p.Sample) > sampleBytes {
			t.Errorf("%s: template of %d bytes, sample of %d", p.ID, len(p.Template), len(p.Sample))
		}
	}
}

// A line is never changed, and its values lie in it.
func FuzzAdd(f *testing.F) {
	for _, h := range headers {
		f.Add([]byte(h.line))
	}
	for _, s := range stories {
		for _, l := range s.lines {
			f.Add([]byte(l))
		}
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		m := New(Config{})
		was := bytes.Clone(line)
		var a, b Match
		m.Add(line, 0, &a)
		id := a.ID
		for _, s := range a.Slots {
			if !a.JSON && !bytes.Contains(line, s.Text) {
				t.Errorf("slot %q is not in the line", s.Text)
			}
		}
		m.Add(line, 0, &b)
		if !bytes.Equal(line, was) {
			t.Error("the line was changed")
		}
		if id != b.ID || total(m) != 2 {
			t.Errorf("%s, then %s; %d lines", id, b.ID, total(m))
		}
		state, err := m.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		again := New(Config{})
		if err := again.Decode(state); err != nil {
			t.Fatal(err)
		}
		if again.Add(line, 0, &b); b.ID != id {
			t.Errorf("%s after a restart, %s before", b.ID, id)
		}
	})
}

func FuzzDecode(f *testing.F) {
	m, _ := mine(stories[0].lines...)
	state, _ := m.AppendBinary(nil)
	f.Add(state)
	m, _ = mine(stories[3].lines...)
	state, _ = m.AppendBinary(nil)
	f.Add(state)
	f.Fuzz(func(t *testing.T, b []byte) {
		m := New(Config{Patterns: 100})
		if m.Decode(b) != nil && (m.Lines() != 0 || total(m) != 0) {
			t.Error("something is left of what could not be read")
		}
		var match Match
		for _, s := range stories {
			for _, l := range s.lines {
				m.Add([]byte(l), kizashi.Time(5), &match)
			}
		}
		if total(m) != m.Lines() {
			t.Errorf("%d lines of %d", total(m), m.Lines())
		}
	})
}
