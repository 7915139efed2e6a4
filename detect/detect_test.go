package detect_test

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/models"
)

var start = kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))

func hours(h float64) kizashi.Time { return start.Add(time.Duration(h * float64(time.Hour))) }

// loop is an engine with one series, and what it said.
type loop struct {
	t      *testing.T
	e      *detect.Engine
	meta   kizashi.Meta
	stored []kizashi.Sample
	out    detect.Judged
}

func metaOf(name string) kizashi.Meta {
	identity := kizashi.LabelsOf(map[string]string{"name": name})
	return kizashi.Meta{Series: kizashi.IDOf("acme", identity), Tenant: "acme", Identity: identity, Labels: identity,
		Period: kizashi.Duration(time.Minute), Lower: kizashi.None(), Upper: kizashi.None(), Zone: "Asia/Tokyo"}
}

func newLoop(t *testing.T, cfg detect.Config) *loop {
	t.Helper()
	l := &loop{t: t, meta: metaOf("p99")}
	l.e = l.engine(cfg)
	if err := l.e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
		t.Fatal(err)
	}
	return l
}

// engine has the loop's own samples for its past.
func (l *loop) engine(cfg detect.Config) *detect.Engine {
	e, err := detect.NewEngine(cfg, models.All(), 1, func(_ kizashi.SeriesID, upTo kizashi.Time) ([]kizashi.Sample, error) {
		var out []kizashi.Sample
		for _, s := range l.stored {
			if s.At <= upTo {
				out = append(out, s)
			}
		}
		return out, nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

// samples are 300 + 20 noise from hour to hour.
func (l *loop) samples(from, to float64) []kizashi.Sample {
	n, err := gen.NewNoise("gauss", 4+uint64(from), gen.Options{Period: time.Minute})
	if err != nil {
		l.t.Fatal(err)
	}
	vs := make([]float64, int(math.Round((to-from)*60)))
	n.Fill(vs)
	out := make([]kizashi.Sample, len(vs))
	for i, v := range vs {
		out[i] = kizashi.Sample{Series: l.meta.Series, At: hours(from).Add(time.Duration(i) * time.Minute), Period: time.Minute, Value: 300 + 20*v}
	}
	return out
}

func (l *loop) judge(ss ...kizashi.Sample) []detect.Judgement {
	l.t.Helper()
	l.out = detect.Judged{}
	if err := l.e.Judge(ss, &l.out); err != nil {
		l.t.Fatal(err)
	}
	l.stored = append(l.stored, ss...)
	return l.out.Judgements
}

func (l *loop) state() string {
	l.t.Helper()
	b, err := l.e.AppendBinary(nil)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

// said is all that came of the last samples, as JSON.
func (l *loop) said() string {
	l.t.Helper()
	b, err := json.Marshal(l.out)
	if err != nil {
		l.t.Fatal(err)
	}
	return string(b)
}

func (l *loop) command(c kizashi.Command) {
	l.t.Helper()
	if err := l.e.Command(c); err != nil {
		l.t.Fatal(err)
	}
}

func TestLateIsCountedAndChangesNothing(t *testing.T) {
	l := newLoop(t, detect.Config{})
	l.judge(l.samples(0, 72)...)
	before := l.state()
	for _, back := range []time.Duration{time.Minute, 10 * time.Minute, 80 * time.Hour} {
		js := l.judge(kizashi.Sample{Series: l.meta.Series, At: hours(72).Add(-back), Period: time.Minute, Value: 9000})
		if js[0].State != kizashi.LateSample || len(l.out.Crossings) > 0 {
			t.Errorf("%s back: %s, %d crossings", back, js[0].State, len(l.out.Crossings))
		}
	}
	if l.state() != before {
		t.Error("a late sample changed what is known")
	}
	js := l.judge(kizashi.Sample{Series: l.meta.Series, At: hours(72), Period: time.Minute, Value: 9000, Late: true})
	if js[0].State == kizashi.LateSample || len(l.out.Crossings) != 1 || !l.out.Crossings[0].Late {
		t.Errorf("marked late, but after the last one: %s, %d crossings", js[0].State, len(l.out.Crossings))
	}
}

func TestUndeclaredIsAnError(t *testing.T) {
	l := newLoop(t, detect.Config{})
	err := l.e.Judge([]kizashi.Sample{{Series: 99, At: start}}, &detect.Judged{})
	if err == nil || !strings.Contains(err.Error(), "0000000000000063 was not declared") {
		t.Errorf("got %v", err)
	}
	m := l.meta
	m.Identity = kizashi.LabelsOf(map[string]string{"name": "other"})
	if err := l.e.Declare(kizashi.Declaration{Meta: m}); err == nil {
		t.Error("two identities under one id were taken")
	}
}

// A declaration from a later time on changes what is judged from then on.
func TestDeclarationHoldsFromItsTime(t *testing.T) {
	l := newLoop(t, detect.Config{})
	m := l.meta
	m.Upper, m.Zone = 310, "America/New_York"
	if err := l.e.Declare(kizashi.Declaration{From: hours(80.5), Meta: m}); err != nil {
		t.Fatal(err)
	}
	for _, j := range l.judge(l.samples(0, 96)...) {
		bounded := j.Upper == 310
		if bounded != (j.At >= hours(81)) && j.At >= hours(80) { // limits are frozen for the hour
			t.Fatalf("at %s the limit is %v", j.At, j.Upper)
		}
	}
	if now, _ := l.e.Meta(l.meta.Series); now.Upper != 310 || now.Zone != "Asia/Tokyo" {
		t.Errorf("upper %v, zone %s: wall time is part of what was learned", now.Upper, now.Zone)
	}
}

// Commands are applied by their time, whatever order they came in, and to
// series that are declared later too.
func TestCommandsInOrderOfTime(t *testing.T) {
	target := func(days float64, at float64) kizashi.Command {
		return kizashi.Command{Op: kizashi.Target, At: hours(at), Value: days * 86400}
	}
	for _, order := range [][]kizashi.Command{
		{target(7, 10), target(90, 20)}, {target(90, 20), target(7, 10)},
	} {
		l := newLoop(t, detect.Config{})
		for _, c := range order {
			l.command(c)
		}
		l.judge(l.samples(0, 30)...)
		var got []string
		for _, r := range l.out.Records {
			got = append(got, fmt.Sprintf("%g", time.Duration(r.R).Hours()/24))
		}
		// A command is applied before the first sample of its hour, the record was frozen after it.
		want := strings.Repeat("28 ", 10) + strings.Repeat("7 ", 10) + strings.Repeat("90 ", 10)
		if strings.Join(got, " ")+" " != want {
			t.Errorf("targets by the hour: %v", got)
		}
	}
	l := newLoop(t, detect.Config{})
	l.command(target(7, 0))
	other := metaOf("other")
	if err := l.e.Declare(kizashi.Declaration{From: start, Meta: other}); err != nil {
		t.Fatal(err)
	}
	l.judge(kizashi.Sample{Series: other.Series, At: hours(5), Period: time.Minute, Value: 1})
	if r := l.out.Records[0].R; time.Duration(r) != 7*24*time.Hour {
		t.Errorf("a series declared after the command has %s", time.Duration(r))
	}
	match := kizashi.Command{Op: kizashi.Target, At: hours(6), Value: 86400}
	m, err := kizashi.ParseMatcher(`name="p99"`)
	if err != nil {
		t.Fatal(err)
	}
	match.Match = kizashi.Matchers{m}
	l.command(match)
	l.judge(kizashi.Sample{Series: other.Series, At: hours(7), Period: time.Minute, Value: 1})
	if r := l.out.Records[0].R; time.Duration(r) != 7*24*time.Hour {
		t.Errorf("a command for another series gave it %s", time.Duration(r))
	}
}

// An exclusion of the past leaves the series as if it had been known before,
// wherever the batch in hand was cut; revoking it undoes that.
func TestPastIsLearnedAnew(t *testing.T) {
	all := newLoop(t, detect.Config{}).samples(0, 120)
	gen.Shift(all, hours(60), hours(66), 200)
	ex := kizashi.Command{Op: kizashi.Exclude, At: hours(100), From: hours(60), To: hours(66), Reason: "load test"}

	known := newLoop(t, detect.Config{})
	early := ex
	early.At = start
	known.command(early)
	known.judge(all...)
	want := known.out.Records[len(known.out.Records)-1]

	for _, cut := range []int{60, 1000, len(all)} {
		l := newLoop(t, detect.Config{})
		l.command(ex)
		var last kizashi.Record
		for ss := all; len(ss) > 0; {
			n := min(cut, len(ss))
			l.judge(ss[:n]...)
			ss = ss[n:]
			if k := len(l.out.Records); k > 0 {
				last = l.out.Records[k-1]
			}
		}
		if hash(t, last) != hash(t, want) {
			t.Errorf("batches of %d\ngot  %+v\nwant %+v", cut, last, want)
		}
	}

	plain, undone := newLoop(t, detect.Config{}), newLoop(t, detect.Config{})
	plain.judge(all...)
	undone.command(ex)
	undone.command(kizashi.Command{Op: kizashi.Include, At: hours(110), From: hours(60), To: hours(66)})
	undone.judge(all...)
	a, b := plain.out.Records[len(plain.out.Records)-1], undone.out.Records[len(undone.out.Records)-1]
	if hash(t, a) != hash(t, b) {
		t.Errorf("excluded and revoked\ngot  %+v\nwant %+v", b, a)
	}
}

// hash of what a record says, whatever it points to.
func hash(t *testing.T, r kizashi.Record) string {
	h, err := kizashi.HashOf(r)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPastWithoutHistoryIsAnError(t *testing.T) {
	e, err := detect.NewEngine(detect.Config{}, models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &loop{t: t, e: e, meta: metaOf("p99")}
	if err := e.Declare(kizashi.Declaration{From: start, Meta: l.meta}); err != nil {
		t.Fatal(err)
	}
	l.judge(l.samples(0, 3)...)
	l.command(kizashi.Command{Op: kizashi.Exclude, At: hours(4), From: hours(1), To: hours(2)})
	if err := e.Judge(l.samples(4, 5), &detect.Judged{}); err == nil || !strings.Contains(err.Error(), "no history") {
		t.Errorf("got %v", err)
	}
}

// A guard rail that stands does not keep a sample out of the baseline, and the
// state says so.
func TestHeldOutIsWhatIsNotLearned(t *testing.T) {
	v := 100.
	l := newLoop(t, detect.Config{Rules: []detect.Rule{{Guards: []detect.StaticRule{{Above: &v}}}}})
	for _, j := range l.judge(l.samples(0, 60)...) {
		if !j.Stands || j.State == kizashi.HeldOut && j.At < hours(48) {
			t.Fatalf("at %s: stands %v, %s", j.At, j.Stands, j.State)
		}
	}
	if n := l.out.Records[59].Samples; n < 58*60 {
		t.Errorf("%d samples learned", n)
	}
}

func TestReloadIsCheckedWhenItComes(t *testing.T) {
	l := newLoop(t, detect.Config{})
	for body, want := range map[string]string{
		`{"rules": [{"m_of_n": "6/5"}]}`:           `rules[0]: m_of_n "6/5"`,
		`{"rules": [{}, {"class": "urgent"}]}`:     `rules[1]: class "urgent"`,
		`{"rules": [{"static": [{"note": "x"}]}]}`: "rules[0]: static[0]",
		`{`: "command reload",
	} {
		err := l.e.Command(kizashi.Command{Op: kizashi.Reload, At: start, Body: json.RawMessage(body)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

// A saved engine goes on bit for bit, with commands that lie before and after.
func TestDecodeGoesOn(t *testing.T) {
	cfg := detect.Config{Rules: []detect.Rule{{MofN: "2/4"}}}
	for _, cut := range []float64{0, 1, 49.5, 70, 101} {
		l := newLoop(t, cfg)
		l.command(kizashi.Command{Op: kizashi.Exclude, At: hours(60), From: hours(50), To: hours(52)})
		l.command(kizashi.Command{Op: kizashi.Reload, At: hours(80), Body: json.RawMessage(`{"rules":[{"m_of_n":"3/5"}]}`)})
		l.command(kizashi.Command{Op: kizashi.Target, At: hours(100), Value: 86400})
		l.judge(l.samples(0, cut)...)
		m := &loop{t: t, meta: l.meta, stored: append([]kizashi.Sample(nil), l.stored...)}
		m.e = m.engine(detect.Config{})
		rest, err := m.e.Decode([]byte(l.state() + "rest"))
		if err != nil || string(rest) != "rest" {
			t.Fatalf("cut at %g: rest %q, %v", cut, rest, err)
		}
		if m.state() != l.state() {
			t.Errorf("cut at %g: it does not save as the same bytes", cut)
		}
		l.judge(l.samples(cut, 120)...)
		m.judge(m.samples(cut, 120)...)
		if m.state() != l.state() || m.said() != l.said() {
			t.Errorf("cut at %g: it goes on otherwise", cut)
		}
	}
}

// Damaged state is an error or is fit to go on; it never panics.
func TestDecodeOfDamage(t *testing.T) {
	l := newLoop(t, detect.Config{})
	l.judge(l.samples(0, 50)...)
	good := []byte(l.state())
	for n := 0; n < len(good); n += 7 {
		if _, err := l.engine(detect.Config{}).Decode(good[:n:n]); err == nil {
			t.Fatalf("%d of %d bytes were enough", n, len(good))
		}
	}
	for i := 0; i < len(good); i += 11 {
		b := append([]byte(nil), good...)
		b[i] ^= 1 << (i % 8)
		goOn(l, b)
	}
}

// goOn decodes and, where that is accepted, judges on.
func goOn(l *loop, b []byte) {
	e := l.engine(detect.Config{})
	if _, err := e.Decode(b); err != nil {
		return
	}
	ids := e.Series()
	var ss []kizashi.Sample
	for i := range 130 {
		for _, id := range ids {
			ss = append(ss, kizashi.Sample{Series: id, At: hours(60).Add(time.Duration(i) * time.Minute), Period: time.Minute, Value: float64(300 + i%5)})
		}
	}
	_ = e.Judge(ss, &detect.Judged{}) // an error is an answer, a panic is not
	for _, id := range ids {
		e.RunOut(id, hours(2000), &detect.Judged{})
	}
}

func FuzzDecode(f *testing.F) {
	t := &testing.T{}
	l := newLoop(t, detect.Config{})
	l.judge(l.samples(0, 3)...)
	f.Add([]byte(l.state()))
	l.command(kizashi.Command{Op: kizashi.Exclude, At: hours(4), From: hours(1), To: hours(2)})
	l.judge(l.samples(3, 50)...)
	f.Add([]byte(l.state()))
	f.Fuzz(func(t *testing.T, b []byte) { goOn(l, b) })
}

func TestHintsLieBetweenDefaultsAndRules(t *testing.T) {
	m := metaOf("credits")
	m.Hints = kizashi.Hints{Class: "record", Direction: kizashi.Down, Sparse: true, Guards: []kizashi.Limit{{Side: kizashi.Down, Value: 5, M: 1, N: 1}},
		Forecast: &kizashi.Ahead{Side: kizashi.Down, Within: kizashi.DefaultAhead}}
	set, _, err := detect.Config{}.Resolve(&m)
	if err != nil || set.Class != "record" || set.Direction != kizashi.Down || set.Silence || len(set.Guards) != 1 || len(set.Forecast) != 1 || set.R != detect.Defaults().R {
		t.Errorf("without rules: %+v, %v", set, err)
	}
	yes, up := true, kizashi.Up
	cfg := detect.Config{Rules: []detect.Rule{{Class: "act", Direction: &up, Silence: &yes, Guards: []detect.StaticRule{}, Forecast: []detect.ForecastRule{}}}}
	if set, _, err = cfg.Resolve(&m); err != nil || set.Class != "act" || set.Direction != kizashi.Up || !set.Silence || len(set.Guards) != 0 || set.Forecast == nil || len(set.Forecast) != 0 {
		t.Errorf("with a rule: %+v, %v", set, err)
	}
	e, err := detect.NewEngine(cfg, models.All(), 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Declare(kizashi.Declaration{From: start, Meta: m}); err != nil {
		t.Fatal(err)
	}
	if at, _, err := e.SettingsAt(&m, start); err != nil || fmt.Sprint(at) != fmt.Sprint(set) {
		t.Errorf("SettingsAt gives %+v, %v; want %+v", at, err, set)
	}
	if kinds, hours, err := e.DaysAt(&m, start); err != nil || kinds != nil || hours != nil {
		t.Errorf("DaysAt gives %v, %v, %v without a calendar", kinds, hours, err)
	}
	for _, h := range []kizashi.Hints{{Class: "urgent"}, {Guards: []kizashi.Limit{{Side: kizashi.Up, M: 3, N: 2}}}, {Guards: []kizashi.Limit{{M: 1, N: 1}}},
		{Forecast: &kizashi.Ahead{Within: kizashi.DefaultAhead}}, {Forecast: &kizashi.Ahead{Side: kizashi.Up}}} {
		m.Hints = h // of a series known already, and of a new one
		if err := e.Declare(kizashi.Declaration{From: hours(1), Meta: m}); err == nil || !strings.Contains(err.Error(), "hints") {
			t.Errorf("%+v: %v", h, err)
		}
		n := metaOf("new")
		n.Hints = h
		if err := e.Declare(kizashi.Declaration{From: start, Meta: n}); err == nil || !strings.Contains(err.Error(), "hints") {
			t.Errorf("new series, %+v: %v", h, err)
		}
	}
}

func TestNewSeriesStartsWithABaselineOfItsKind(t *testing.T) {
	kind := func(name, metric, group string) kizashi.Meta {
		m := metaOf(name)
		m.Group, m.Labels = group, kizashi.LabelsOf(map[string]string{"name": name, "metric": metric})
		return m
	}
	l := &loop{t: t, meta: kind("old", "CPU", "web")}
	l.e = l.engine(detect.Config{})
	young := kind("young", "CPU", "web")
	for _, m := range []kizashi.Meta{l.meta, young} {
		if err := l.e.Declare(kizashi.Declaration{From: start, Meta: m}); err != nil {
			t.Fatal(err)
		}
	}
	l.judge(l.samples(0, 80)...)
	child := func(m kizashi.Meta, like kizashi.SeriesID) detect.Judgement {
		t.Helper()
		if err := l.e.Declare(kizashi.Declaration{From: hours(80), Meta: m, Like: like}); err != nil {
			t.Fatal(err)
		}
		// What was declared must outlive a snapshot.
		b, err := l.e.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		l.e = l.engine(detect.Config{})
		if rest, err := l.e.Decode(b); err != nil || len(rest) > 0 {
			t.Fatal(err)
		}
		return l.judge(kizashi.Sample{Series: m.Series, At: hours(80), Period: time.Minute, Value: 305})[0]
	}
	if j := child(kind("new", "CPU", "web"), l.meta.Series); j.State == kizashi.Warming || !j.Upper.Ok() {
		t.Errorf("its first sample: %+v", j)
	}
	if n := l.out.Notes; len(n) != 1 || n[0].Fact.Claim != kizashi.ClaimInherited || n[0].Fact.Text != "old" {
		t.Errorf("notes %+v", n)
	}
	if r := l.out.Records[0]; r.Inherited == nil || r.Inherited.Own != 0 || r.Calibrat || r.Restarts != 1 || r.Since != hours(80) || r.Samples != 0 {
		t.Errorf("record %+v, %+v", r, r.Inherited)
	}
	for name, j := range map[string]detect.Judgement{
		"another metric": child(kind("a", "Memory", "web"), l.meta.Series), "another group": child(kind("b", "CPU", "db"), l.meta.Series),
		"no such donor": child(kind("c", "CPU", "web"), 77), "a donor that is not ready": child(kind("d", "CPU", "web"), young.Series),
		"no metric": child(kind("e", "", "web"), l.meta.Series),
	} {
		if j.State != kizashi.Warming {
			t.Errorf("%s: %+v", name, j)
		}
	}
	// A second declaration cannot change what was learned.
	if err := l.e.Declare(kizashi.Declaration{From: hours(81), Meta: young, Like: l.meta.Series}); err != nil {
		t.Fatal(err)
	}
	if j := l.judge(kizashi.Sample{Series: young.Series, At: hours(82), Period: time.Minute, Value: 305})[0]; j.State != kizashi.Warming {
		t.Errorf("known before: %+v", j)
	}
}
