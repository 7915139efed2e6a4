package calibrate

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

func at(h int) kizashi.Time { return kizashi.Time(h) * 3_600_000 }

func opened(h int, models ...string) kizashi.Alert {
	return kizashi.Alert{Opened: at(h), To: at(h).Add(20 * time.Minute), State: kizashi.Resolved, Models: models}
}

func counts(model string) bool { return model == "band" || model == "spike" }

// A series is watched for two weeks, with a gap, first at one in 7 days, then at
// one in 14.
func TestStatedAgainstObserved(t *testing.T) {
	in := Input{Meta: kizashi.Meta{Tenant: "acme", Labels: kizashi.LabelsOf(map[string]string{"name": "cpu"})},
		Settings: kizashi.Settings{R: kizashi.Duration(2 * week), Class: "act", Division: &kizashi.Division{Weekly: 1, Series: 2}}}
	for h := range 336 {
		r := kizashi.Duration(week)
		if h >= 168 {
			r *= 2
		}
		if h < 20 || h >= 68 { // 48 hours in which nothing came
			in.Watched.Add(at(h), r)
		}
	}
	if len(in.Watched) != 3 {
		t.Errorf("%d stretches, want 3", len(in.Watched))
	}
	in.Alerts = []kizashi.Alert{opened(10, "band"), opened(30, "spike"), opened(100, "static"), opened(150, "silence"), opened(200, "band", "static"), opened(201, "spike"), opened(400, "band")}
	in.Alerts = append(in.Alerts, kizashi.Alert{Opened: at(99), To: at(100), State: kizashi.Pending, Models: []string{"band"}})
	told := func() string {
		s := Of([]Input{in}, counts).Series[0]
		return fmt.Sprintf("%.3f weeks, %.3f stated, %d observed, %d marked, ratio %.2f", s.Weeks, s.Stated, s.Observed, s.Marked, s.Ratio)
	}
	// 288 hours: 120 at a week, 168 at two. The one at 30 lies in the gap, that at
	// 400 behind all; static limits and silences are outside the target.
	if got, want := told(), "1.714 weeks, 1.214 stated, 3 observed, 0 marked, ratio 2.47"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	in.Marks = []Mark{{at(200).Add(10 * time.Minute), at(200).Add(30 * time.Minute)}} // the hour goes, and the alert that touches it
	if got, want := told(), "1.708 weeks, 1.211 stated, 2 observed, 1 marked, ratio 1.65"; got != want {
		t.Errorf("marked: %s, want %s", got, want)
	}
}

func TestTotalsByTenantAndClass(t *testing.T) {
	var in []Input
	for i, c := range []string{"act", "act", "check"} {
		x := Input{Meta: kizashi.Meta{Tenant: "acme", Series: kizashi.SeriesID(i + 1)}, Settings: kizashi.Settings{R: kizashi.Duration(2 * week), Class: c}}
		for h := range 336 {
			x.Watched.Add(at(h), x.Settings.R)
		}
		x.Alerts = []kizashi.Alert{opened(100, "band")}
		tail := kizashi.Tail{U: 2, Lambda: 2, N: 23, N0: 20, W: .25}
		x.Record = &kizashi.Record{Ready: true, N: 5, BandUp: tail, BandDown: tail, SpikeUp: tail, SpikeDown: tail}
		if i == 1 {
			x.Settings.R, x.Settings.Division = kizashi.Duration(700*24*time.Hour), &kizashi.Division{Weekly: 1, Series: 100}
		}
		in = append(in, x)
	}
	in[2].Record.Ready = false
	r := Of(in, counts)
	if len(r.Classes) != 2 || r.Classes[0].Class != "act" || r.Classes[1].Class != "check" {
		t.Fatalf("%+v", r.Classes)
	}
	// A = (s² - 1/(n+n0/4)) (n+n0), s = ln 10 / 1.96: R = w/lambda exp(sqrt(12.5 (sqrt(1+4A/25) - 1)))
	// days, over 14 lambda / (n + 2) = 1.12, by which a tail of 23 episodes in 11.5 days is young.
	s := math.Log(10) / 1.96
	want := .125 * math.Exp(math.Sqrt(12.5*(math.Sqrt(1+4./25*(s*s-1./28)*43)-1))) / 1.12
	act := r.Classes[0]
	if got := float64(r.Series[0].Supported) / 86400; math.Abs(got/want-1) > 1e-9 || r.Series[0].TooLong {
		t.Errorf("supported %v days, want %v; too long %t", got, want, r.Series[0].TooLong)
	}
	if !r.Series[1].TooLong || act.Unsupported != 1 || act.Warming != 0 || r.Classes[1].Warming != 1 {
		t.Errorf("%+v, %+v", act, r.Classes[1])
	}
	if act.Asked != 1 || math.Abs(act.Implied-.51) > 1e-9 || math.Abs(act.Least-14/want) > 1e-9 || math.Abs(float64(act.Weekly)-1) > 1e-9 || act.Observed != 2 {
		t.Errorf("%+v", act)
	}
	if r.All.Series != 3 || r.All.Observed != 3 || r.All.Asked.Ok() || math.Abs(r.All.Stated-3) > 1e-9 {
		t.Errorf("in all %+v", r.All)
	}
}

// Nobody divides by what is not there.
func TestNothingWasWatched(t *testing.T) {
	r := Of([]Input{{Settings: kizashi.Settings{R: kizashi.Duration(week), Class: "check"}}}, counts)
	if s := r.Series[0]; s.Ratio.Ok() || s.Supported.Ok() || s.Weeks != 0 || r.All.Weekly.Ok() || r.All.Warming != 1 {
		t.Errorf("%+v, %+v", s, r.All)
	}
	if r := Of(nil, counts); r.All.Series != 0 || r.All.Ratio.Ok() {
		t.Errorf("%+v", r)
	}
}

// The exact limits are those of Garwood 1936.
func TestPoissonInterval(t *testing.T) {
	for _, c := range []struct {
		n         int
		low, high float64
	}{{0, 0, 3.689}, {1, .0253, 5.572}, {2, .2422, 7.225}, {10, 4.795, 18.39}, {100, 81.36, 121.63}} {
		low, high := poisson(c.n)
		if math.Abs(high/c.high-1) > .045 || c.n > 1 && math.Abs(low/c.low-1) > .13 || c.n > 9 && math.Abs(low/c.low-1) > .01 {
			t.Errorf("%d: %.3f to %.3f, want %.3f to %.3f", c.n, low, high, c.low, c.high)
		}
	}
}
