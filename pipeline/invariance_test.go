package pipeline_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// input is data by partition, not cut into batches yet.
type input struct {
	parts    []kizashi.Partition
	streams  map[kizashi.Partition][]gen.Stream
	commands []kizashi.Batch // of the command partition, which must be there from the start
	ends     map[kizashi.SeriesID]kizashi.Time
	revised  map[kizashi.Partition][]kizashi.Revision // by when they were seen
	coarse   map[kizashi.Partition][]gen.Stream       // coarse histories: whole before the rest begins
	informed kizashi.Time
	config   detect.Config
}

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
	}{{"generated account", account()}, {"account with commands", commanded()}, {"account with ends", ending()}, {"account with corrections", corrected()}, {"account with a coarse history", withPast()}, {"account with a calendar", calendared()}, {"real data", real(t)}} {
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
					if n := len(got); n == 0 {
						t.Fatal("no group had an alert: the test would show nothing")
					}
					if c.in.ends != nil && strings.Count(fmt.Sprint(got), `"ended":"stopped"`) < 5 {
						t.Fatal("fewer than 5 alerts ended with their series: the test would show nothing")
					}
					if c.in.revised != nil && strings.Count(fmt.Sprint(got), `"models":["revision"]`) < 20 {
						t.Fatal("fewer than 20 alerts were opened by a correction: the test would show nothing")
					}
					if c.in.config.Calendars != nil && (!told(got, string(kizashi.ClaimDay)) || !told(got, string(kizashi.ClaimSilence))) {
						t.Fatal("no alert is of a special day, or none a silence: the test would show nothing")
					}
					if c.in.coarse != nil && !told(got, string(kizashi.ClaimInformed)) {
						t.Fatal("no alert rests on a coarse history: the test would show nothing")
					}
					continue
				}
				same(t, w.name, want, got)
			}
		})
	}
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
				t.Errorf("%s: group %s, line %d differs\nwant %.600s\ngot  %.600s", name, g, i, a[i], line)
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
	for i, b := range batches {
		if w.saves > 0 && i > 0 && i%(len(batches)/(w.saves+1)) == 0 {
			p = reload(t, p, w.shards, mem)
			prompt(p, w)
		}
		if err := p.Step(b, &res); err != nil {
			t.Fatalf("%s: %v", w.name, err)
		}
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

func (in *input) add(p kizashi.Partition, s gen.Stream) {
	if in.streams == nil {
		in.streams = map[kizashi.Partition][]gen.Stream{}
	}
	if in.streams[p] == nil {
		in.parts = append(in.parts, p)
	}
	in.streams[p] = append(in.streams[p], s)
}

// account is a customer's three weeks, in three partitions of one class.
func account() input {
	var in input
	for _, s := range gen.NewAccount(3).Series {
		m := s.Meta(s.Labels())
		in.add(s.Partition(), gen.Stream{Meta: m, Samples: s.Samples(m.Series)})
	}
	return in
}

// ending is the account in which each series is stopped in the middle of its
// own incident or stretch without samples, known beforehand; what comes
// afterwards takes it back.
func ending() input {
	in := account()
	in.ends = map[kizashi.SeriesID]kizashi.Time{}
	for p, ss := range in.streams {
		for k := range ss {
			s := &ss[k]
			n := len(s.Samples)
			from, to := n*3/4+k*17, n*3/4+k*17+300
			for i := from - 10; i < from; i++ {
				s.Samples[i].Value = s.Samples[i].Value*3 + 500
			}
			in.ends[s.Meta.Series] = s.Samples[from].At.Add(time.Duration(k%7) * 11 * time.Second)
			if k%2 == 1 { // found out late: a silence is said before
				in.ends[s.Meta.Series] = s.Samples[from].At.Add(2 * time.Hour)
			}
			s.Samples = append(s.Samples[:from:from], s.Samples[to:]...)
		}
		in.streams[p] = ss
	}
	return in
}

// corrected is the account whose source corrects values twenty minutes after
// it delivered them: some upwards, one by one over ten minutes. The worst ones
// come down to what is usual, soon.
func corrected() input {
	in := account()
	in.revised = map[kizashi.Partition][]kizashi.Revision{}
	for p, ss := range in.streams {
		ss = ss[:min(len(ss), 3)]
		in.streams[p] = ss
		for k := range ss {
			vs := ss[k].Samples
			worst, sorted := 0., make([]float64, len(vs))
			for i := range vs {
				sorted[i] = vs[i].Value
				worst = max(worst, vs[i].Value)
			}
			sort.Float64s(sorted)
			usual, high := sorted[len(sorted)/2], sorted[len(sorted)*999/1000]
			for i := len(vs) / 4; i < len(vs); i++ {
				r := kizashi.Revision{Series: vs[i].Series, At: vs[i].At, Period: vs[i].Period, Old: kizashi.Num(vs[i].Value), New: usual, Seen: vs[i].End().Add(20 * time.Minute)}
				switch {
				case (i+k*100)%3000 < 10:
					r.New = worst*2 + 10
				case vs[i].Value <= high:
					continue
				default:
					r.Seen = vs[i].End().Add(2 * vs[i].Period)
				}
				in.revised[p] = append(in.revised[p], r)
			}
		}
		sort.SliceStable(in.revised[p], func(i, j int) bool { return in.revised[p][i].Seen < in.revised[p][j].Seen })
	}
	return in
}

// revise puts each correction into the first batch whose Until reaches its
// Seen; those that no batch reaches are left out.
func revise(bs []kizashi.Batch, vs []kizashi.Revision) {
	for i := range bs {
		n := sort.Search(len(vs), func(k int) bool { return vs[k].Seen > bs[i].Until })
		bs[i].Revised, vs = vs[:n:n], vs[n:]
	}
}

// commanded is the account with commands that change what was learned and
// what is in force, in the middle of batches.
func commanded() input {
	in := account()
	a := gen.NewAccount(3)
	at := func(h float64) kizashi.Time { return a.From.Add(time.Duration(h * float64(time.Hour))) }
	reload, err := json.Marshal(detect.Config{Rules: []detect.Rule{{MofN: "2/4"}}})
	if err != nil {
		panic(err)
	}
	cs := []kizashi.Command{
		{Op: kizashi.Exclude, At: at(200.3), From: at(100), To: at(140), Reason: "load test"},
		{Op: kizashi.Target, At: at(260.7), Value: (7 * 24 * time.Hour).Seconds()},
		{Op: kizashi.Include, At: at(301.9), From: at(120), To: at(130)},
		{Op: kizashi.Reload, At: at(355.2), Body: reload},
		{Op: kizashi.Expect, At: at(370.4), From: at(371.1), To: at(376.6), Low: .5, High: 3, Reason: "sale", Act: "e1"},
		{Op: kizashi.Expect, At: at(380.2), From: at(340), To: at(390), Low: 1, High: 2, Act: "e2"},
		{Op: kizashi.Feedback, At: at(385.5), From: at(150), To: at(160), Alert: "a", As: kizashi.SaidFalse, Series: in.streams[in.parts[0]][0].Meta.Series, Act: "f1"},
		{Op: kizashi.Revoke, At: at(395.7), Act: "e2"},
		{Op: kizashi.Exclude, At: at(400), From: at(401), To: at(420), Reason: "patch window"},
	}
	p := kizashi.Partition{Tenant: a.Tenant, Kind: kizashi.Commands}
	b := kizashi.Batch{Partition: p, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p, At: a.From}}}
	for t := a.From; t < a.To.Add(12*time.Hour); {
		t = t.Add(7 * time.Hour)
		b.Pos++
		b.Until = t
		for len(cs) > 0 && cs[0].At < t {
			b.Commands, cs = append(b.Commands, cs[0]), cs[1:]
		}
		in.commands = append(in.commands, b)
		b.Roster, b.Commands = nil, nil
	}
	return in
}

// calendared is the account with commands, in which Tuesdays and Thursdays are
// days of their own and samples are expected in office hours.
func calendared() input {
	in := commanded()
	rule := detect.Rule{Calendar: "jp", Schedule: &detect.ScheduleRule{Hours: "office", Late: kizashi.Duration(20 * time.Minute)}}
	in.config = detect.Config{
		Calendars: []detect.Calendar{{Name: "jp", Special: []detect.Special{{Name: "paying out", Rule: "Tue,Thu"}}}},
		Hours:     []detect.Hours{{Name: "office", Zone: "Asia/Tokyo", Open: []string{"Mon-Fri 08:00-18:00"}}},
		Rules:     []detect.Rule{rule},
	}
	again := in.config
	again.Rules = []detect.Rule{{MofN: "2/4"}, rule}
	reload, err := json.Marshal(again)
	if err != nil {
		panic(err)
	}
	for i := range in.commands {
		for k := range in.commands[i].Commands {
			if c := &in.commands[i].Commands[k]; c.Op == kizashi.Reload {
				c.Body = reload
			}
		}
	}
	return in
}

// real is Amazon's part of the NAB corpus, a tenant a file, as a replay of
// unmapped files has it; empty where it is not there.
func real(t *testing.T) input {
	t.Helper()
	files, err := filepath.Glob("../../shared/data/nab/data/realAWSCloudWatch/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	var in input
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".csv")
		identity := kizashi.LabelsOf(map[string]string{"name": name})
		m := kizashi.Meta{Series: kizashi.IDOf(name, identity), Tenant: name, Identity: identity, Labels: identity, Group: name,
			Lower: kizashi.None(), Upper: kizashi.None()}
		in.add(kizashi.Partition{Tenant: name, Kind: kizashi.Metrics}, gen.Stream{Meta: m, Samples: read(t, f, m.Series)})
	}
	return in
}

// read returns a file's rows in order; rows that go back are left out.
func read(t *testing.T, file string, id kizashi.SeriesID) []kizashi.Sample {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []kizashi.Sample
	sc := bufio.NewScanner(f)
	for line := 1; sc.Scan(); line++ {
		stamp, value, ok := strings.Cut(sc.Text(), ",")
		if line == 1 && ok {
			continue
		}
		at, err := time.Parse("2006-01-02 15:04:05", stamp)
		if err != nil {
			t.Fatalf("%s:%d: %v", file, line, err)
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatalf("%s:%d: %v", file, line, err)
		}
		if k := kizashi.TimeOf(at); len(out) == 0 || k > out[len(out)-1].At {
			out = append(out, kizashi.Sample{Series: id, At: k, Value: v})
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].At < out[j].At })
	return out
}
