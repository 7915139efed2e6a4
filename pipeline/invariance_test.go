package pipeline_test

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// way is one way of handing the same data over.
type way struct {
	name   string
	cut    func() gen.Cutter
	mix    uint64 // order of the partitions' batches; 0 = 1
	shards int
	saves  int  // Save and Load so many times on the way
	owing  bool // no justification is made with its alert
	caught int  // so many of those that are owed are made after each step
}

// ways must all come to the same alerts as the first one does.
func ways() []way {
	hours := func(h int) func() gen.Cutter {
		return func() gen.Cutter { return gen.Spans(time.Duration(h) * time.Hour) }
	}
	every := func(n int) func() gen.Cutter { return func() gen.Cutter { return gen.Every(n) } }
	random := func(seed uint64, most int) func() gen.Cutter {
		return func() gen.Cutter { return gen.Random(seed, most) }
	}
	ws := []way{{name: "hourly", cut: hours(1)}, {name: "at once", cut: every(math.MaxInt), shards: 2},
		{name: "2 shards", cut: every(20_000), shards: 2}, {name: "8 shards", cut: every(20_000), shards: 8},
		{name: "saved 20 times", cut: hours(1), saves: 20}, {name: "saved 20 times, cut at random", cut: random(7, 900), saves: 20, shards: 2},
		{name: "small batches", cut: every(97)}}
	for seed := range uint64(3) {
		ws = append(ws, way{name: fmt.Sprintf("cut at random %d", seed), cut: random(seed, 3000), mix: 1 + seed})
		ws = append(ws, way{name: fmt.Sprintf("interleaved %d", seed), cut: hours(6), mix: 10 + seed})
	}
	return ws
}

func TestAlertsAreAFunctionOfTheData(t *testing.T) {
	for _, c := range []struct {
		name string
		in   input
	}{{"generated account", account()}, {"account with commands", commanded()}, {"account with ends", ending()}, {"account with corrections", corrected()}, {"account with a coarse history", withPast()}, {"account with a calendar", calendared()}, {"account with a low-volume guard", guarded()}, {"hosts of one kind", herd()}, {"real data", real(t)}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if len(c.in.parts) == 0 {
				t.Skip("LOUD: ../shared/data/nab is not there, so nothing was tested on real data")
			}
			var want map[string]string
			for i, w := range ways() {
				got := run(t, c.in, w)
				if i == 0 {
					want = got
					shows(t, c.in, got)
					continue
				}
				same(t, w.name, want, got)
			}
		})
	}
}

// shows fails where what an input is for did not happen in it: the test would
// show nothing.
func shows(t *testing.T, in input, got map[string]string) {
	t.Helper()
	all := fmt.Sprint(got)
	guarded, counted := 0, strings.Count(all, `"claim":"volume"`)
	for _, r := range in.config.Rules {
		if r.Volume != nil {
			guarded++
		}
	}
	if guarded > 0 {
		free := in
		free.config = detect.Config{}
		if n, of := strings.Count(all, `"seq":1,`), strings.Count(fmt.Sprint(run(t, free, ways()[0])), `"seq":1,`); n >= of {
			t.Fatalf("%d alerts opened, %d without the guard, of %d the requests were counted: the test would show nothing", n, of, counted)
		}
	}
	for _, c := range []struct {
		missing bool
		what    string
	}{
		{len(got) == 0, "no group had an alert"},
		{in.ends != nil && strings.Count(all, `"ended":"stopped"`) < 5, "fewer than 5 alerts ended with their series"},
		{in.revised != nil && strings.Count(all, `"models":["revision"]`) < 20, "fewer than 20 alerts were opened by a correction"},
		{in.config.Calendars != nil && (!told(got, string(kizashi.ClaimDay)) || !told(got, string(kizashi.ClaimSilence))), "no alert is of a special day, or none a silence"},
		{in.coarse != nil && !told(got, string(kizashi.ClaimInformed)), "no alert rests on a coarse history"},
		{guarded > 0 && counted < 5, fmt.Sprintf("of only %d alerts the requests were counted", counted)},
		{in.herd && (strings.Count(all, `"models":["sibling"]`) < 3 || strings.Count(all, `"sibling"`) > 60), "no host was unlike the others, or all were"},
		{grown(t, got) == 0, "no peak grew so far that it was told again"},
	} {
		if c.missing {
			t.Fatalf("%s: the test would show nothing", c.what)
		}
	}
}

// grown counts the alerts that were told again under the Seq that they had, for
// their peak.
func grown(t *testing.T, groups map[string]string) (n int) {
	t.Helper()
	for _, lines := range groups {
		last := map[string]kizashi.Alert{}
		for _, l := range strings.Split(lines, "\n") {
			var a kizashi.Alert
			if json.Unmarshal([]byte(l), &a) != nil || a.ID == "" {
				continue
			}
			if b, ok := last[a.ID]; ok && b.Seq == a.Seq && b.Peak.Value != a.Peak.Value {
				n++
			}
			last[a.ID] = a
		}
	}
	return n
}

func same(t *testing.T, name string, want, got map[string]string) {
	t.Helper()
	if len(want) != len(got) {
		t.Errorf("%s: %d groups had alerts, want %d", name, len(got), len(want))
	}
	for g, w := range want {
		a, b := strings.Split(w, "\n"), strings.Split(got[g], "\n")
		for i := range a {
			if i >= len(b) || a[i] != b[i] {
				line := "nothing"
				if i < len(b) {
					line = b[i]
				}
				from := 0 // where they part, and a little before
				for from < min(len(a[i]), len(line)) && a[i][from] == line[from] {
					from++
				}
				from = max(0, from-300)
				t.Errorf("%s: group %s, line %d differs\nwant %.120s ... %.600s\ngot  %.120s ... %.600s", name, g, i, a[i], a[i][from:], line, line[from:])
				break
			}
		}
		if len(b) > len(a) {
			t.Errorf("%s: group %s: %d lines, want %d", name, g, len(b), len(a))
		}
	}
}

// run returns, for each group, its changes of alerts in order and their
// justifications, as JSON lines. A group lives in one settling class: one name
// may stand for a group in each.
func run(t *testing.T, in input, w way) map[string]string {
	t.Helper()
	var parts [][]kizashi.Batch
	for _, p := range in.parts {
		bs, err := gen.Batches(p, in.streams[p], w.cut())
		if err != nil {
			t.Fatal(err)
		}
		for i := range bs {
			for _, d := range bs[i].Declare {
				if at, ok := in.ends[d.Meta.Series]; ok {
					bs[i].Declare = append(bs[i].Declare, kizashi.Declaration{From: at, Meta: d.Meta, Ended: kizashi.Stopped})
				}
			}
		}
		revise(bs, in.revised[p])
		parts = append(parts, bs)
	}
	if in.commands != nil {
		parts = append(parts, in.commands)
	}
	batches := append(in.past(t, w), gen.Interleave(max(w.mix, 1), parts...)...)
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Shards: w.shards, Detect: in.config}, models.All(), mem)
	if err != nil {
		t.Fatal(err)
	}
	class := map[kizashi.SeriesID]kizashi.Class{}
	for part, streams := range in.streams {
		for _, s := range streams {
			class[s.Meta.Series] = part.Class()
		}
	}
	out := map[string]*strings.Builder{}
	var res pipeline.Result
	prompt(p, w)
	compared := 0
	for i, b := range batches {
		if w.saves > 0 && i > 0 && i%(len(batches)/(w.saves+1)) == 0 {
			p = reload(t, p, w.shards, mem)
			prompt(p, w)
		}
		if err := p.Step(b, &res); err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
		compared += len(res.Compared)
		note(t, out, &res, class)
		if err := mem.Keep(&res); err != nil {
			t.Fatal(err)
		}
		if w.caught > 0 && p.Owes() > 0 {
			if err := p.CatchUp(w.caught, &res); err != nil {
				t.Fatal(err)
			}
			note(t, out, &res, class)
		}
	}
	if in.herd && compared == 0 {
		t.Errorf("%s: no vote of a comparison is told of", w.name)
	}
	texts := map[string]string{}
	for g, b := range out {
		texts[g] = b.String()
	}
	return texts
}

func prompt(p *pipeline.Pipeline, w way) {
	if w.owing {
		p.Promptly(0)
	}
}

// TestWhatIsOwedIsAFunctionOfTheData: when a justification is made changes
// nothing but when it is told.
func TestWhatIsOwedIsAFunctionOfTheData(t *testing.T) {
	in := account()
	at := run(t, in, ways()[0])
	var want map[string]string
	all := ways()
	for i, w := range []way{all[0], all[1], all[5], all[8]} {
		w.owing, w.caught = true, i%2
		got := run(t, in, w)
		same(t, w.name+", in the end", final(at), final(got))
		switch {
		case w.caught > 0:
		case want == nil:
			want = got
		default:
			same(t, w.name, want, got)
		}
	}
}

// final is what is stored in the end: of each change what was told last.
func final(groups map[string]string) map[string]string {
	out := map[string]string{}
	for g, lines := range groups {
		last := map[string]string{}
		for _, l := range strings.Split(lines, "\n") {
			var a kizashi.Alert
			if err := json.Unmarshal([]byte(l), &a); err != nil || a.ID == "" {
				last[l] = l // a justification
				continue
			}
			last[fmt.Sprint(a.ID, " ", a.Seq)] = l
		}
		var all []string
		for _, l := range last {
			all = append(all, l)
		}
		sort.Strings(all)
		out[g] = strings.Join(all, "\n")
	}
	return out
}

func reload(t *testing.T, p *pipeline.Pipeline, shards int, mem *pipeline.Memory) *pipeline.Pipeline {
	t.Helper()
	b, err := p.Save()
	if err != nil {
		t.Fatal(err)
	}
	q, err := pipeline.Load(b, models.All(), shards, mem)
	if err != nil {
		t.Fatal(err)
	}
	again, err := q.Save()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(b) {
		t.Fatal("what was loaded does not save as the same bytes")
	}
	return q
}

func note(t *testing.T, out map[string]*strings.Builder, r *pipeline.Result, class map[kizashi.SeriesID]kizashi.Class) {
	t.Helper()
	just := map[string]kizashi.Justification{}
	for _, j := range r.Justifications {
		just[j.Alert] = j
	}
	for _, a := range r.Alerts {
		if a.Models[0] == string(kizashi.ClaimRevision) {
			// Its justification lists what is held out as of the step, which may be
			// some samples ahead: corrected data is not settled.
			if a.Justify == "" {
				t.Fatalf("alert %s, change %d: no justification", a.ID, a.Seq)
			}
			a.Justify = ""
			delete(just, a.ID)
		}
		g := a.Tenant + "/" + a.Group + "/" + class[a.Series].String()
		if out[g] == nil {
			out[g] = &strings.Builder{}
		}
		fmt.Fprintf(out[g], "%s\n", text(t, a))
		if j, ok := just[a.ID]; ok && a.Seq == 1 && a.Justify != "" {
			fmt.Fprintf(out[g], "%s\n", text(t, j))
			delete(just, a.ID)
		}
	}
	if len(just) > 0 {
		t.Fatalf("%d justifications without an alert that opens", len(just))
	}
}

func text(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
