package alert_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

const id kizashi.SeriesID = 7

// script plays one sample a minute: ^ a vote stands upwards, v downwards, S a
// silence, . none stands, M none stands and the baseline moved, _ nothing is
// admitted. It returns the changes, as "minute state(why)".
func script(l *alert.Life, text string, wait time.Duration) string {
	var out []string
	for i, c := range text {
		at := kizashi.Time(i) * 60_000
		x := kizashi.Crossing{Series: id, At: at, End: at.Add(time.Minute), Value: kizashi.Num(10 + i), Recover: 3, Quiet: kizashi.Duration(time.Hour)}
		side := kizashi.Both
		switch c {
		case '_':
			continue
		case 'M':
			x.Event = kizashi.ClaimMoved
		case '^':
			side = kizashi.Up
		case 'v':
			side = kizashi.Down
		case 'S':
			x.Value = kizashi.None()
		}
		if strings.ContainsRune("^vS", c) {
			x.Verdict.Votes = []kizashi.Vote{{Model: "m", Side: side, Crossed: true}}
			x.Proof = []kizashi.Proof{{Side: side, Meta: kizashi.Meta{Tenant: "acme"}, Settings: kizashi.Settings{For: kizashi.Duration(wait)}}}
		}
		for _, ch := range l.Admit(x.End, &x, nil) {
			s := fmt.Sprintf("%d %s", i, ch.Alert.State)
			if ch.Alert.Side != kizashi.Up {
				s += " " + ch.Alert.Side.String()
			}
			if ch.Alert.Ended != "" {
				s += "(" + string(ch.Alert.Ended) + ")"
			}
			if ch.Alert.Reopened > 0 {
				s += fmt.Sprintf(" again %d", ch.Alert.Reopened)
			}
			if ch.Proof != nil {
				s += "!"
			}
			out = append(out, s)
		}
	}
	return strings.Join(out, ", ")
}

func TestLife(t *testing.T) {
	hour := strings.Repeat("_", 59)
	for _, c := range []struct {
		name, script string
		wait         time.Duration
		want         string
	}{
		{"fires at once, recovers after 3", "^^....", 0, "0 firing!, 4 resolved(back)"},
		{"a vote in between starts the recovery anew", "^..^...", 0, "0 firing!, 6 resolved(back)"},
		{"pending first", "^^^^^...", 3 * time.Minute, "0 pending!, 3 firing, 7 resolved(back)"},
		{"pending ends at the first sample without a vote", "^^.", 3 * time.Minute, "0 pending!, 2 resolved(back)"},
		{"pending again inside the gap is no re-open: it never fired", "^.^^^^", 3 * time.Minute, "0 pending!, 1 resolved(back), 2 pending, 5 firing"},
		{"opens again inside the gap, and then recovers half as fast", "^...^......", 0, "0 firing!, 3 resolved(back), 4 firing again 1, 10 resolved(back) again 1"},
		{"damping ends at eight times", strings.Repeat("^"+strings.Repeat(".", 24), 6), 0,
			"0 firing!, 3 resolved(back), 25 firing again 1, 31 resolved(back) again 1, 50 firing again 2, 62 resolved(back) again 2, " +
				"75 firing again 3, 99 resolved(back) again 3, 100 firing again 4, 124 resolved(back) again 4, 125 firing again 5, 149 resolved(back) again 5"},
		{"60 minutes later it is the same", "^..." + hour[:56] + "^", 0, "0 firing!, 3 resolved(back), 60 firing again 1"},
		{"61 minutes later it is a new one", "^..." + hour[:57] + "^", 0, "0 firing!, 3 resolved(back), 61 firing!"},
		{"an adopted level ends it at once", "^M", 0, "0 firing!, 1 resolved(moved)"},
		{"sides live on their own", "^v....", 0, "0 firing!, 1 firing down!, 3 resolved(back), 4 resolved down(back)"},
		{"a silence ends when samples come", "S...", 0, "0 firing both!, 3 resolved both(back)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := script(alert.NewLife(), c.script, c.wait); got != c.want {
				t.Errorf("%s\ngot  %s\nwant %s", c.script, got, c.want)
			}
		})
	}
}

func TestPeakAndModels(t *testing.T) {
	l := alert.NewLife()
	script(l, "^^^", 0)
	open := l.Open()
	if len(open) != 1 || !l.Firing(id) {
		t.Fatalf("%d open, firing %v", len(open), l.Firing(id))
	}
	a := open[0]
	if a.Peak.Value != 12 || a.Opening.Value != 10 || a.To != 3*60_000 || a.ID != kizashi.AlertID(id, kizashi.Up, 0) {
		t.Errorf("peak %v, opening %v, to %v, id %s", a.Peak.Value, a.Opening.Value, a.To, a.ID)
	}
	if fmt.Sprint(a.Models) != "[m]" {
		t.Errorf("models %v", a.Models)
	}
	d := alert.NewLife()
	script(d, "vvv", 0)
	if p := d.Open()[0].Peak.Value; p != 10 {
		t.Errorf("downwards the peak is the lowest value, not %v", p)
	}
}

// Forgetting must not change what comes: within the gap an alert opens again
// whether Prune was called or not, and after it a new one opens.
func TestPrune(t *testing.T) {
	for _, c := range []struct {
		now  time.Duration
		want string
	}{{90 * time.Minute, "60 firing again 1"}, {3 * time.Hour, "60 firing again 1"}, {31 * 24 * time.Hour, "60 firing!"}} {
		l := alert.NewLife()
		script(l, "^...", 0)
		l.Prune(kizashi.Time(c.now.Milliseconds()))
		if got := script(l, strings.Repeat("_", 60)+"^", 0); got != c.want {
			t.Errorf("pruned at %s: got %s, want %s", c.now, got, c.want)
		}
	}
	l := alert.NewLife()
	script(l, "^", 0)
	if l.Prune(kizashi.Time(1 << 40)); len(l.Open()) != 1 {
		t.Error("Prune forgot an alert that fires")
	}
}

func TestLifeGoesOnAfterJSON(t *testing.T) {
	const text = "^^..^....vv^....S.^......"
	for cut := range len(text) {
		l := alert.NewLife()
		first := script(l, text[:cut], 0)
		b, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		var m alert.Life
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		rest := script(&m, strings.Repeat("_", cut)+text[cut:], 0)
		got := strings.Trim(first+", "+rest, ", ")
		if want := script(alert.NewLife(), text, 0); got != want {
			t.Errorf("cut at %d\ngot  %s\nwant %s", cut, got, want)
		}
	}
}

// past is a history of one record, with a limit of 40 upwards, and of samples.
type past []kizashi.Sample

func (p past) Samples(_ kizashi.SeriesID, from, to kizashi.Time) (out []kizashi.Sample, err error) {
	for _, s := range p {
		if s.At >= from && s.At < to {
			out = append(out, s)
		}
	}
	return out, nil
}

func (past) Records(_ kizashi.SeriesID, from, to kizashi.Time) (out []kizashi.Record, err error) {
	for h := from.Floor(time.Hour); h < to; h = h.Add(time.Hour) {
		r := kizashi.Record{Series: id, Hour: h, Ready: true}
		for i := range r.Slots {
			r.Slots[i] = kizashi.Slot{Center: 10, Scale: 1, Lower: kizashi.None(), Upper: 40}
		}
		out = append(out, r)
	}
	return out, nil
}

func (p past) Limits(id kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Record, error) {
	return p.Records(id, from, to)
}

func revised(minute int, v float64) kizashi.Revision {
	return kizashi.Revision{Series: id, At: kizashi.Time(minute) * 60_000, Period: time.Minute, Old: 20, New: v}
}

// A correction that adds to an alert which is over is told, also where another
// of the same tick opens the next one.
func TestEachRevisedAlertIsTold(t *testing.T) {
	l := alert.NewLife()
	told := func(tick int, vs ...kizashi.Revision) string {
		at := kizashi.Time(tick) * 60_000
		out, err := l.Revise(at, vs, kizashi.Proof{Settings: kizashi.Settings{Direction: kizashi.Up}}, past{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, ch := range l.EndRevised(at, out) {
			said = append(said, fmt.Sprintf("%d %s peak %v, %d facts", ch.Alert.Opened/60_000, ch.Alert.State, ch.Alert.Peak.Value, len(ch.Alert.Facts)))
		}
		return strings.Join(said, "; ")
	}
	for _, c := range []struct{ got, want string }{
		{told(100, revised(50, 60)), "50 firing peak 60, 1 facts; 50 resolved peak 60, 1 facts"},
		{told(300, revised(51, 70), revised(52, 80), revised(200, 50)), "50 resolved peak 80, 3 facts; 200 firing peak 50, 1 facts; 200 resolved peak 50, 1 facts"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

// An alert may be open for longer than anybody looks back: a correction looks
// at three days of it, and leaves a peak that lies before them.
func TestCorrectionOfALongAlert(t *testing.T) {
	l, days := alert.NewLife(), past{}
	minutes := 5 * 24 * 60
	for i := range minutes {
		v := 50.
		if i == 7 {
			v = 90
		}
		c := kizashi.Crossing{Series: id, At: kizashi.Time(i) * 60_000, End: kizashi.Time(i+1) * 60_000, Value: kizashi.Num(v), Recover: 3, Quiet: kizashi.Duration(time.Hour)}
		c.Verdict.Votes = []kizashi.Vote{{Model: "band", Side: kizashi.Up, Crossed: true}}
		c.Proof = []kizashi.Proof{{Side: kizashi.Up}}
		l.Admit(c.End, &c, nil)
		days = append(days, kizashi.Sample{Series: id, At: c.At, Period: time.Minute, Value: v})
	}
	from := kizashi.Time(minutes)*60_000 - kizashi.Time(alert.ReviseWithin.Milliseconds())
	out, err := l.Revise(kizashi.Time(minutes)*60_000, []kizashi.Revision{revised(minutes-5, 45)}, kizashi.Proof{Meta: kizashi.Meta{Period: kizashi.Duration(time.Minute)}},
		bounded{days, from}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(out) != 1 || out[0].Alert.State != kizashi.Firing || out[0].Alert.Peak.Value != 90 || len(out[0].Alert.Facts) != 1 {
		t.Errorf("got %+v, want it firing with its peak of 90 and the correction", out)
	}
}

// bounded is a past that fails where it is asked for more than it keeps.
type bounded struct {
	past
	from kizashi.Time
}

func (b bounded) Samples(s kizashi.SeriesID, from, to kizashi.Time) ([]kizashi.Sample, error) {
	if from < b.from {
		return nil, fmt.Errorf("samples from %s are not kept in full, only from %s on", from, b.from)
	}
	return b.past.Samples(s, from, to)
}
