package service

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/backtest"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// slow is a detector that finds values over 350, and takes its time: each sample
// moves the stopwatch on.
type slow struct {
	watch *atomic.Int64
	takes time.Duration
}

func (m *slow) New(*kizashi.Meta, *kizashi.Settings) detect.State { return &slowState{m: m} }

type slowState struct {
	m *slow
	n uint64
}

func (s *slowState) Judge(c *detect.Case, v *kizashi.Vote) bool {
	s.m.watch.Add(int64(s.m.takes))
	v.Side, v.Stat, v.Limit = kizashi.Up, c.Sample.Value, 350
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), 350
	v.Crossed = v.Stat > v.Limit
	return true
}
func (s *slowState) Learn(*detect.Case, bool)                { s.n++ }
func (s *slowState) Explain(*detect.Case) []kizashi.Evidence { return nil }
func (s *slowState) AppendBinary(b []byte) []byte            { return binary.LittleEndian.AppendUint64(b, s.n) }
func (s *slowState) Decode(b []byte) ([]byte, error) {
	if len(b) < 8 {
		return nil, errors.New("state ends early")
	}
	s.n = binary.LittleEndian.Uint64(b)
	return b[8:], nil
}

const slowName = "acme-slow"

func slowRow(m *slow) detect.Row {
	return detect.Row{Name: slowName, Kind: kizashi.Value, Model: m, Outside: true, About: "values over 350", Source: "ours",
		Words: kizashi.Words{English: "{value} is over {limit}.", Japanese: "{value}が{limit}を超過。"}}
}

// watched is a service with that detector.
func watched(t *testing.T, takes time.Duration) *running {
	t.Helper()
	o, at := fleetOptions(t, 40, fleetRules)
	watch := &atomic.Int64{}
	o.Own = []detect.Row{slowRow(&slow{watch, takes})}
	o.Stopwatch = func() time.Duration { return time.Duration(watch.Load()) }
	return start(t, o, at, nil)
}

// quarterly runs a day in steps of five minutes, as it would come.
func (r *running) quarterly(t *testing.T, f *fleet) {
	t.Helper()
	if r.day == 0 {
		r.clock(t)
	}
	r.declare(t, f)
	from := firstDay.Add(time.Duration(r.day) * day)
	r.day++
	for at := from; at < from.Add(day); at = at.Add(5 * time.Minute) {
		to := at.Add(5 * time.Minute)
		*r.at = to.UTC()
		r.clock(t)
		r.pos++
		b := kizashi.Batch{Partition: minutely, Pos: r.pos, Until: to}
		for i := range f.samples {
			for _, s := range f.samples[i] {
				if s.At == at {
					b.Samples = append(b.Samples, s)
				}
			}
		}
		r.step(t, b)
	}
}

// judged are the alerts, without the notes about our own work, and on how many the
// detector stood.
func (r *running) judged(t *testing.T, before kizashi.Time) (out map[string]string, ours int) {
	out = r.told(t, before)
	for id, a := range out {
		if strings.Contains(a, `"group":"`+ownGroup+`"`) {
			delete(out, id)
		} else if strings.Contains(a, slowName) {
			ours++
		}
	}
	return out, ours
}

// A detector that takes twice what is allowed is switched off by one command: after a
// kill, and from files with that command, all is as it was live. One that takes half
// of it goes on.
func TestASlowDetectorIsSwitchedOff(t *testing.T) {
	const last = 6
	f := fleetOf(t, days(10, 0), last)
	end := firstDay.Add((last - 1) * day)
	fast := watched(t, detect.Budget/2)
	for fast.day < last {
		fast.quarterly(t, f)
	}
	_, all := fast.judged(t, end)
	if off := fast.pipeline.Engine().Off(); len(off) > 0 || all < 10 {
		t.Fatalf("within its budget: %d alerts, off: %+v", all, off)
	}

	r := watched(t, 2*detect.Budget)
	for r.day < last {
		r.quarterly(t, f)
	}
	off := r.pipeline.Engine().Off()
	if len(off) != 1 || off[0].Model != slowName || off[0].Command.Author != "kizashi" || !strings.Contains(off[0].Command.Reason, "too slow: 100µs a sample over 1000 samples, 50µs are allowed") {
		t.Fatalf("off: %+v", off)
	}
	// A step of 5 minutes measures one sample: a thousand are 3.5 days.
	if since := off[0].Command.At.Sub(firstDay); since < 3*day || since > 4*day {
		t.Errorf("it was switched off after %s", since)
	}
	want, some := r.judged(t, end)
	if some == 0 || some >= all {
		t.Errorf("it stood on %d alerts, and on %d where it was never off", some, all)
	}
	k := r.killed(t)
	got, _ := k.judged(t, end)
	same(t, "after a kill", got, want)
	if len(k.pipeline.Engine().Off()) != 1 {
		t.Error("after a kill it is on again")
	}
	cs, err := r.store.Ledger().Commands()
	if err != nil {
		t.Fatal(err)
	}
	o, err := backtest.Run(t.Context(), backtest.Spec{Input: f.input(), Config: r.opt.Config.Detect, Own: r.opt.Own, Commands: cs})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "from files", asText(t, o.Alerts, end), want)
	for _, a := range o.Alerts {
		if set, err := o.SettingsOf(&o.Series[0].Meta, a.Opened); err != nil || fmt.Sprint(set.Off) != map[bool]string{true: "[" + slowName + "]", false: "[]"}[a.Opened >= off[0].Command.At] {
			t.Fatalf("alert of %s: settings have off: %v, %v", a.Opened, set.Off, err)
		}
	}
	r.seenToBeOff(t)
	r.backOn(t)
}

// seenToBeOff looks at where an operator looks first.
func (r *running) seenToBeOff(t *testing.T) {
	t.Helper()
	for range 2 { // told once, however often it is looked at
		r.detectors.news = true
		if err := r.tellSwitched(*r.at); err != nil {
			t.Fatal(err)
		}
	}
	notes, err := r.store.Ledger().Alerts(ledger.Filter{Group: ownGroup, From: kizashi.Never, To: kizashi.Forever})
	if err != nil || len(notes) != 0 {
		t.Fatalf("a switch of two days ago is told: %+v, %v", notes, err)
	}
	at := r.pipeline.Engine().Off()[0].Command.At.UTC()
	r.detectors.news = true
	for range 2 {
		if err := r.tellSwitched(at.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		r.detectors.news = true
	}
	notes, err = r.store.Ledger().Alerts(ledger.Filter{Group: ownGroup, From: kizashi.Never, To: kizashi.Forever})
	if err != nil || len(notes) != 1 || notes[0].Facts[0].Claim != kizashi.ClaimTooSlow || notes[0].Facts[0].Text != slowName {
		t.Fatalf("notes: %+v, %v", notes, err)
	}
	if _, body := ask(r.Service, "GET", "/metrics"); !strings.Contains(body, `kizashi_model_off{model="acme-slow"} 1`) || !strings.Contains(body, `kizashi_model_sample_seconds{model="acme-slow"} `) {
		t.Error("the metrics do not say that it is off, or what it took")
	}
	st, err := r.status()
	if err != nil || len(st.Detectors) != 1 || st.Detectors[0].Off == nil || !strings.Contains(st.Detectors[0].Off.Reason, "too slow") {
		t.Errorf("status: %+v, %v", st.Detectors, err)
	}
}

// backOn lets a person switch it on again.
func (r *running) backOn(t *testing.T) {
	t.Helper()
	on := Switching{Model: slowName, On: true, Author: "ann", Reason: "it is faster now"}
	if err := r.Switch(on); !errors.Is(err, errEarly) {
		t.Errorf("before it is ready: %v", err)
	}
	r.ready.Store(true)
	for _, bad := range []Switching{{Model: "nobody", Reason: "x"}, {Model: slowName, On: true}, {Model: slowName, Reason: "off twice"}, {Model: "band", On: true, Reason: "on twice"}} {
		if err := r.Switch(bad); !errors.Is(err, errBadAct) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if code, body := ask(r.Service, "POST", "/api/models"); code != 401 {
		t.Errorf("without the token: %d %s", code, body)
	}
	if err := r.Switch(on); err != nil {
		t.Fatal(err)
	}
	r.clock(t)
	if off := r.pipeline.Engine().Off(); len(off) > 0 {
		t.Errorf("off: %+v", off)
	}
	if _, body := ask(r.Service, "GET", "/metrics"); !strings.Contains(body, `kizashi_model_off{model="acme-slow"} 0`) {
		t.Error("the metrics do not say that it is on")
	}
}
