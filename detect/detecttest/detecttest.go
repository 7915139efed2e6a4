// Package detecttest says whether a detector keeps the contract of package detect.
// A test of a detector is one call:
//
//	func TestContract(t *testing.T) { detecttest.Check(t, Row()) }
//
// What it finds is an error of the test; it knows nothing of what the detector is
// for, so a detector needs tests of its own besides. It holds whatever Kizashi's own
// detectors hold, and is run on them.
package detecttest

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/detect"
)

// Check takes a row of the table of models through the contract:
//
//   - the row is whole, and has a sentence in English and in Japanese;
//   - Judge changes nothing, allocates nothing, and fills in finite numbers; a vote
//     stands only beyond its limit;
//   - there is no vote where there is no ground: on two points, on a constant;
//   - the same samples give the same votes and the same state, and a state that was
//     written and read continues bit by bit, wherever it is cut;
//   - bytes that are cut off are refused, and no bytes make it panic;
//   - nothing that a source delivers makes it fail: denormals, 1e308, 2^53+1, values
//     below a bound, a counter that resets, a unit or a period that changes, gaps of
//     weeks, 400 labels, samples late or twice.
//
// What a sample costs is logged, not judged: [detect.Budget] is what a service
// allows.
func Check(t *testing.T, row detect.Row) {
	t.Helper()
	t.Run("row", func(t *testing.T) { checkRow(t, row) })
	t.Run("words", func(t *testing.T) { checkWords(t, row) })
	for _, c := range courses() {
		t.Run(c.name, func(t *testing.T) {
			for _, set := range settings(row.Name) {
				checkCourse(t, row, c, set)
			}
		})
	}
	t.Run("bytes", func(t *testing.T) { checkBytes(t, row) })
	t.Run("cost", func(t *testing.T) { checkCost(t, row) })
}

// checkRow looks at what the row says of itself.
func checkRow(t *testing.T, row detect.Row) {
	if row.Words != (kizashi.Words{}) {
		if err := detect.CheckOwn(row); err != nil {
			t.Error(err)
		}
		return
	}
	if strings.Contains(row.Name, "-") {
		t.Errorf("detector %q: a name with a hyphen is not Kizashi's, and it has no words", row.Name)
	}
	if row.Name == "" || row.Model == nil || row.About == "" || row.Source == "" || row.Long == "" {
		t.Errorf("detector %q: name, model, about, source, long: one is missing", row.Name)
	}
}

// checkWords tells a vote in both languages.
func checkWords(t *testing.T, row detect.Row) {
	identity := kizashi.LabelsOf(map[string]string{"name": "x"})
	meta := kizashi.Meta{Series: 1, Identity: identity, Labels: identity, Lower: kizashi.None(), Upper: kizashi.None()}
	vote := kizashi.Vote{Model: row.Name, Kind: row.Kind, Side: kizashi.Up, Crossed: true, Stat: 3, Limit: 2, Unit: "samples",
		Center: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}
	m := kizashi.Moment{At: 1, Value: 5, Verdict: kizashi.Verdict{State: kizashi.Judged, Votes: []kizashi.Vote{vote},
		Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
	a := kizashi.Alert{ID: "0123456789ab", Series: 1, Labels: identity, Side: kizashi.Up, State: kizashi.Firing, Opened: 1, Opening: m, Peak: m, Models: []string{row.Name}}
	j := kizashi.Justification{Meta: meta, Opening: m, Evidence: []kizashi.Evidence{{Claim: kizashi.Claim(row.Name), Value: 5, Low: kizashi.None(), High: kizashi.None()}}}
	if row.Words != (kizashi.Words{}) {
		j.Own = []kizashi.Own{{Model: row.Name, Words: row.Words}}
	}
	said := map[explain.Lang]string{}
	for lang, unknown := range map[explain.Lang]string{explain.English: "The detector \"" + row.Name + "\" gave", explain.Japanese: "検知器「" + row.Name + "」の値は"} {
		x, err := explain.Text(a, j, explain.Style{Lang: lang})
		if err != nil {
			t.Errorf("%s: %v", lang, err)
		}
		if strings.Contains(x.Engineer, unknown) || strings.ContainsAny(x.Summary, "{}") {
			t.Errorf("%s: there is no sentence for a vote of %s, or it names what a vote has not:\n%s", lang, row.Name, x.Engineer)
		}
		said[lang] = x.Summary
	}
	if !strings.ContainsFunc(said[explain.Japanese], func(r rune) bool { return r >= 0x3040 && r < 0xa000 }) {
		t.Errorf("the Japanese sentence has no Japanese in it: %s", said[explain.Japanese])
	}
}

// checkCourse takes one course of samples through the detector, alone and in an
// engine.
func checkCourse(t *testing.T, row detect.Row, c course, set kizashi.Settings) {
	first := newDrive(t, row, c, set)
	if first == nil {
		return
	}
	cuts := cutsOf(len(c.samples))
	var resumed []*drive
	for i := range c.samples {
		for _, at := range cuts {
			if i == at {
				resumed = append(resumed, first.resume(t, row))
			}
		}
		v, ok := first.put(t, &c.samples[i], i%101 == 0)
		if c.ground == none && ok && v.Crossed && len(set.Static) == 0 {
			t.Fatalf("sample %d: it stands, and there is nothing that it could rest on: %+v", i, v)
		}
		for _, d := range resumed {
			if w, also := d.put(t, &c.samples[i], false); w != v || also != ok {
				t.Fatalf("sample %d: read back it says %+v (%v), and it was %+v (%v)", i, w, also, v, ok)
			}
		}
	}
	want := first.state.AppendBinary(nil)
	for k, d := range append(resumed, again(t, row, c, set)) {
		if got := d.state.AppendBinary(nil); !bytes.Equal(got, want) {
			t.Errorf("state %d of %d: read back, or made anew, it comes to another state", k, len(resumed))
		}
	}
	inEngine(t, row, c, set)
}

// again is a second run.
func again(t *testing.T, row detect.Row, c course, set kizashi.Settings) *drive {
	d := newDrive(t, row, c, set)
	for i := range c.samples {
		d.put(t, &c.samples[i], false)
	}
	return d
}

// cutsOf a course: before the first sample, early, and late.
func cutsOf(n int) []int { return []int{0, 1, n / 7, n / 2, n - 2} }

// inEngine takes a course through the engine, which counts what goes wrong.
func inEngine(t *testing.T, row detect.Row, c course, set kizashi.Settings) {
	rule := ruleOf(set)
	e, err := detect.NewEngine(detect.Config{Rules: []detect.Rule{rule}}, []detect.Row{row}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out detect.Judged
	for _, d := range c.declared {
		if err := e.Declare(d); err != nil {
			t.Fatal(err)
		}
	}
	half := len(c.delivered) / 2
	if err := e.Judge(c.delivered[:half], &out); err != nil {
		t.Fatal(err)
	}
	raw, err := e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := detect.NewEngine(detect.Config{}, []detect.Row{row}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if rest, err := loaded.Decode(raw); err != nil || len(rest) > 0 {
		t.Fatalf("an engine's state does not load: %d bytes left, %v", len(rest), err)
	}
	for _, one := range []*detect.Engine{e, loaded} {
		if err := one.Judge(c.delivered[half:], &out); err != nil {
			t.Fatal(err)
		}
		for _, id := range one.Series() {
			one.RunOut(id, c.end().Add(14*24*time.Hour), &out)
		}
	}
	a, _ := e.AppendBinary(nil)
	b, _ := loaded.AppendBinary(nil)
	if !bytes.Equal(a, b) {
		t.Error("an engine that was read back comes to another state")
	}
	for _, f := range out.Faults {
		t.Errorf("at %s it failed: %s", f.At, f.What)
	}
	for _, x := range out.Crossings {
		for _, p := range x.Proof {
			for _, g := range p.Grounds {
				if math.IsNaN(g.Stat + g.Limit) {
					t.Errorf("at %s it rests on what is no number: %+v", x.At, g)
				}
			}
		}
	}
}

// checkBytes cuts and bends a state.
func checkBytes(t *testing.T, row detect.Row) {
	c := courses()[0]
	set := settings(row.Name)[0]
	d := again(t, row, c, set)
	raw := d.state.AppendBinary([]byte{1, 2, 3})
	if !bytes.HasPrefix(raw, []byte{1, 2, 3}) {
		t.Fatal("AppendBinary does not append")
	}
	raw = raw[3:]
	if rest, err := row.Model.New(d.c.Meta, d.c.Settings).Decode(append(bytes.Clone(raw), 7, 8)); err != nil || !bytes.Equal(rest, []byte{7, 8}) {
		t.Errorf("Decode leaves %v (%v) of what comes behind its state, want [7 8]", rest, err)
	}
	step := max(1, len(raw)/200)
	for n := 0; n < len(raw); n += step {
		if _, err := guarded(t, row, d, raw[:n]); err == nil {
			t.Errorf("%d of %d bytes are taken for a state", n, len(raw))
			break
		}
	}
	for i := range 8 * min(len(raw), 400) {
		bent := bytes.Clone(raw)
		at := i / 8 * len(raw) / min(len(raw), 400)
		bent[at] ^= 1 << (i % 8)
		s, err := guarded(t, row, d, bent)
		if err != nil || s == nil {
			continue
		}
		bending := *d
		bending.state = s
		bending.few(t, c, at)
	}
}

// guarded decodes, and says so where that panics.
func guarded(t *testing.T, row detect.Row, d *drive, raw []byte) (s detect.State, err error) {
	defer func() {
		if what := recover(); what != nil {
			t.Errorf("Decode of bad bytes panics: %v", what)
		}
	}()
	s = row.Model.New(d.c.Meta, d.c.Settings)
	_, err = s.Decode(raw)
	return s, err
}

// checkCost counts what Judge allocates and measures what a sample takes.
func checkCost(t *testing.T, row detect.Row) {
	c := courses()[0]
	for _, set := range settings(row.Name) {
		d := again(t, row, c, set)
		d.look(&c.samples[len(c.samples)-1])
		var v kizashi.Vote
		if n := testing.AllocsPerRun(100, func() {
			v = kizashi.Vote{Model: row.Name, Kind: row.Kind}
			d.state.Judge(&d.c, &v)
		}); n > 0 {
			t.Errorf("Judge allocates %v times a sample", n)
		}
	}
	d := newDrive(t, row, c, settings(row.Name)[0])
	var spent time.Duration
	for i := range c.samples {
		d.look(&c.samples[i])
		begin := time.Now()
		var v kizashi.Vote
		d.state.Judge(&d.c, &v)
		d.learn()
		spent += time.Since(begin)
	}
	t.Logf("%s: %d ns a sample with the reading of the clock; a service allows %s", row.Name, spent.Nanoseconds()/int64(len(c.samples)), detect.Budget)
}
