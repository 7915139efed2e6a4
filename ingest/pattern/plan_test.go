package pattern

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// twins are two miners that see the same lines, of which one never remembers a
// shape: what they say must not differ.
type twins struct {
	t        testing.TB
	knows    *Miner
	forgets  *Miner
	a, b     Match
	n, again int
}

func newTwins(t testing.TB, c Config) *twins {
	return &twins{t: t, knows: New(c), forgets: New(c)}
}

func (w *twins) add(line []byte) {
	w.t.Helper()
	if key := w.knows.load(line); key != 0 && w.knows.recall(key) != nil {
		w.again++
	}
	w.n++
	w.forgets.plans = plans{}
	w.knows.Add(line, kizashi.Time(w.n), &w.a)
	w.forgets.Add(line, kizashi.Time(w.n), &w.b)
	if a, b := told(&w.a), told(&w.b); a != b {
		w.t.Errorf("%q\n  remembered %s\n  cut anew   %s", line, a, b)
	}
}

func (w *twins) done() {
	w.t.Helper()
	a, _ := w.knows.AppendBinary(nil)
	b, _ := w.forgets.AppendBinary(nil)
	if !bytes.Equal(a, b) {
		w.t.Error("the states differ")
	}
}

// told is all that a match says.
func told(m *Match) string {
	s := fmt.Sprintf("%s %d new %v %s json %v cut %v facets %q %s %q %q %q %d fields %q slots", m.ID, m.Index, m.New, m.Level, m.JSON, m.Cut,
		m.Facets.Stamp, m.Facets.Level, m.Facets.Component, m.Facets.Host, m.Facets.PID, m.Facets.Status, m.Fields)
	for _, v := range m.Slots {
		s += fmt.Sprintf(" %d %s %q %g", v.Slot, v.Kind, v.Text, v.Number)
	}
	return s
}

// pieces are what lines are put together of here: all whose digits are asked
// for more than that they are digits, and what looks like it.
var pieces = []string{"12:30:45", "1:02", "01:30:00.123", "2005-06-03-15.42.50.363779", "2024-01-02T03:04:05.123+09:00", "081109 203615", "1117838570", "1117838570123",
	"2005.11.09", "Jun 14 15:16:01", "Nov 09 2005", "[10.30 15:10:41]", "20171223-22:15:29:606", "eth0", "web1 web2 web3", "node-12", "debug1:", "[core:debug2]", "DEBUG1 x",
	"id1=5", "key12=abc", "status=200", "status 404", `"GET /a HTTP/1.1" 500 12`, "code=503 code=404", "10.0.0.1:80", "/10.1.2.3:50010", "1.:.5:00", "1.:35:00",
	"ab:12:34:cd:56:ef", "12:3.:123", "12:30に開始", "エラー12:30:45が3件", "日12:3:4", "接続失敗:5回", "a1::b2", "Foo80211::bar", "x5:7", "00:1a:2b", "1##2##3", "#3", "50%", "-12", "+3",
	"0x1f", "0xdeadbeef12", "a1b2c3d4-e5f6-1234-5678-9abcdef01234", "1,234", "5 ms", "12 KB", "12:30 PM", "5 Jan 2024", "user5", "user root", "INFO", "ERROR", "a.go:12",
	"host:8080", "main[123]:", "(3)", "[4]", "{5}", "<6>", "<email>", "|7|", "=8=", "9", "x=1", "y=web2", "role=\"a 1\"", "ssh2", "E0102", "I0102 03:04:05.123456       7 controller.go:114]",
	"ORA-01017", "AH00098:", "v1.2.3:", "1.4.1:", "May", "+0900", "2025", "1999", "123", "123456", "12345678", "1234567.89", "12345.6 123456", "-12345 123456",
	"-", ":", "--", "x@y1.com", "http://h1:80/a?b=1", "connection", "refused", "by", "peer", "true", "empty="}

func piecesOf(r *rand.Rand) (b []byte) {
	for range 1 + r.IntN(8) {
		b = append(b, pieces[r.IntN(len(pieces))]...)
		b = append(b, "    ,:|\t-"[r.IntN(9)])
	}
	return b
}

// redraw gives a line other digits, in place.
func redraw(line []byte, r *rand.Rand) {
	for i, c := range line {
		if isDigit(c) && r.IntN(3) > 0 {
			line[i] = '0' + byte(r.IntN(10))
		}
	}
}

// A line is the same pattern with the same facets and values whether its like
// was remembered or not, whatever its digits are.
func TestLinesRememberedByShape(t *testing.T) {
	for seed, caps := range []Config{{}, {Patterns: 300}} {
		r := rand.New(rand.NewPCG(uint64(seed), 1))
		w := newTwins(t, caps)
		var forms [][]byte
		for range 400 {
			forms = append(forms, piecesOf(r))
		}
		for range 8_000 {
			line := bytes.Clone(forms[r.IntN(1+r.IntN(len(forms)))])
			redraw(line, r)
			w.add(line)
		}
		w.done()
		if w.again < w.n/20 {
			t.Errorf("caps %+v: %d of %d lines were remembered: it tests nothing", caps, w.again, w.n)
		}
	}
}

func FuzzShape(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		f.Add(piecesOf(r), uint64(1))
	}
	f.Add([]byte("00 web0 web0\xdb 0"), uint64(2))
	f.Fuzz(func(t *testing.T, line []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		w := newTwins(t, Config{})
		for range 12 {
			w.add(line)
			line = bytes.Clone(line)
			redraw(line, r)
		}
		w.done()
	})
}

// A slot that a user split off, patterns that merge and those that the caps
// evict are not missed by lines that are remembered.
func TestWhatChangesIsNotRemembered(t *testing.T) {
	w := newTwins(t, Config{Patterns: 4})
	each := func(f func(m *Miner) error) {
		t.Helper()
		for _, m := range []*Miner{w.knows, w.forgets} {
			if err := f(m); err != nil {
				t.Fatal(err)
			}
		}
	}
	lines := func(form string, words ...string) {
		t.Helper()
		for i, s := range words {
			for j := range 4 {
				w.add(fmt.Appendf(nil, form, s, 10+i, 20+j))
			}
		}
	}
	lines("moved part %s to shelf %d in %d ms", "17", "18", "17")
	each(func(m *Miner) error { _, err := m.Split(w.a.ID, 0, "17"); return err })
	lines("moved part %s to shelf %d in %d ms", "17", "18", "17")
	lines("node %s went down after %d tries, %d left", "alpha", "beta", "gamma", "delta", "omega", "alpha", "beta")
	lines("%s came and %d went and %d stayed", "nobody", "nothing", "none of them", "somebody else", "nobody")
	lines("moved part %s to shelf %d in %d ms", "17", "18", "17")
	each(func(m *Miner) error {
		state, err := m.AppendBinary(nil)
		if err == nil {
			err = m.Decode(state)
		}
		return err
	})
	lines("node %s went down after %d tries, %d left", "alpha", "beta", "zeta")
	w.done()
}

// What a word is depends on the words beside it, not on where it stood before.
func TestListsAfterTheirWords(t *testing.T) {
	a, b := New(Config{}), New(Config{})
	var x, y Match
	for range 3 {
		a.Add([]byte("alone web9:up here"), 0, &x)
	}
	a.Add([]byte("the list web8 web2 web9:up and on"), 0, &x)
	b.Add([]byte("the list web8 web2 web9:up and on"), 0, &y)
	if x.ID != y.ID {
		t.Errorf("%s behind other lines, %s as the first", told(&x), told(&y))
	}
}

// Bytes that multiply to nothing in the key make no other line of a line.
func TestShapesOfCraftedLines(t *testing.T) {
	nothing := string(binary.LittleEndian.AppendUint64(nil, mul2))
	w := newTwins(t, Config{})
	for _, n := range []int{8, 24, 40, 408} { // the eight bytes stand where the key's second half of sixteen does
		before := strings.Repeat("came and went again, ", 40)[:n-8]
		for range 4 {
			w.add([]byte(before + " granted" + nothing + " and left with 5 items"))
		}
		for range 4 {
			w.add([]byte(before + " refused" + nothing + " and left with 5 items"))
		}
	}
	w.done()
}

// A level that ends in a digit is read from within other words too.
func TestLevelsWithDigitsInOtherWords(t *testing.T) {
	for _, form := range []string{"2024-01-02 03:04:05 [http://x:debug%d] a message came along", "2024-01-02 03:04:05 [/a/b:debug%d] a message came along", "2024-01-02 03:04:05,123debug%d - x message came"} {
		w := newTwins(t, Config{})
		for _, n := range []int{1, 1, 1, 9, 9, 2, 1} {
			w.add(fmt.Appendf(nil, form, n))
		}
		w.done()
	}
}

// Of numbers alone, more than there are tokens for, the rest says nothing.
func TestMoreNumbersThanAreRead(t *testing.T) {
	w := newTwins(t, Config{})
	for _, form := range []string{"1 2 3 ", "1 2 3 ", "1 2 3 ", "1 2 4 ", "1 2 4 "} {
		w.add([]byte(strings.Repeat(form, 70)))
	}
	w.done()
}

// A miner that was read back remembers no line for longer than one that went on: where a
// slot that is proven joins another, the lines of both are one pattern.
func TestARestartRemembersNoLonger(t *testing.T) {
	run := func(restart bool) (id ID, live int) {
		m := New(Config{})
		var x Match
		line := func(a, b string) { m.Add(fmt.Appendf(nil, "part %s became %s at once", a, b), 0, &x) }
		for _, a := range strings.Fields("alpha beta gamma delta omega zeta") {
			line(a, "full")
		}
		if restart {
			b, err := m.AppendBinary(nil)
			if err != nil {
				t.Fatal(err)
			}
			m = New(Config{})
			if err := m.Decode(b); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			line("theta", "full")
		}
		for _, a := range strings.Fields("empty lost found old new") {
			line("theta", a)
		}
		for range 5 {
			line("theta", "full")
		}
		return x.ID, m.live
	}
	a, n := run(false)
	if b, k := run(true); a != b || n != k {
		t.Errorf("%s and %d patterns without, %s and %d with a restart", a, n, b, k)
	}
}

// What is remembered is bounded, and a line that comes again allocates nothing.
func TestPlansAreBounded(t *testing.T) {
	m := New(Config{})
	var match Match
	for range 3 {
		for i := range 40_000 {
			m.Add(fmt.Appendf(nil, "took %0*d and %0*d and %0*d and %0*d ms", 1+i%20, i, 1+i/20%20, i, 1+i/400%20, i, 1+i/8000, i), 0, &match)
		}
	}
	taken := 0
	for _, set := range m.plans.made.sets {
		for _, k := range set.keys {
			taken += int(truth(k != 0))
		}
	}
	if n := len(m.plans.made.sets) * ways; n > 8192 || taken < n/4 {
		t.Errorf("%d places, %d taken", n, taken)
	}
	line := []byte("took 1 and 22 and 333 and 4444 ms")
	for range 3 {
		m.Add(line, 0, &match)
	}
	if n := testing.AllocsPerRun(100, func() { m.Add(line, 0, &match) }); n != 0 {
		t.Errorf("%g allocations a line", n)
	}
}
