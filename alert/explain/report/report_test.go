package report

import (
	"bytes"
	"errors"
	"math"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/chart"
)

const hour = kizashi.Time(3_600_000)

var (
	none   = kizashi.None()
	opened = kizashi.TimeOf(time.Date(2026, 10, 5, 6, 2, 0, 0, time.UTC))
)

// alertOf is an alert of a series, minutes after opened.
func alertOf(name string, minutes int) Alert {
	ls := kizashi.LabelsOf(map[string]string{"name": name})
	m := kizashi.Meta{Series: kizashi.IDOf("acme", ls), Tenant: "acme", Identity: ls, Labels: ls, Unit: "Seconds", Zone: "Asia/Tokyo", Lower: none, Upper: none}
	at := opened + kizashi.Time(minutes)*60_000
	v := kizashi.Vote{Model: "band", Kind: kizashi.Value, Side: kizashi.Up, Crossed: true, Stat: 6, Limit: 5, Unit: "scales", Center: .224, Lower: none, Upper: .412}
	o := kizashi.Moment{At: at, Value: .431, Verdict: kizashi.Verdict{State: kizashi.HeldOut, Expected: .224, Lower: none, Upper: .412, Votes: []kizashi.Vote{v}}}
	fact := func(c kizashi.Claim, f func(*kizashi.Evidence)) kizashi.Evidence {
		e := kizashi.Evidence{Claim: c, Value: none, Low: none, High: none}
		f(&e)
		return e
	}
	a := Alert{Outcome: Caught, Label: "release 4711", Alert: kizashi.Alert{ID: kizashi.AlertID(m.Series, kizashi.Up, at), Series: m.Series, Side: kizashi.Up, Labels: ls,
		State: kizashi.Resolved, Ended: kizashi.ClaimBack, Opened: at, From: at, To: at + hour/2, Opening: o, Peak: o, Models: []string{"band"}, Justify: "sha256:x"}}
	a.Justification = kizashi.Justification{Format: kizashi.JustificationFormat, Alert: a.Alert.ID, Meta: m, Opening: o,
		Record: &kizashi.Record{Season: kizashi.Weekly, Period: kizashi.Duration(time.Minute), M: 3, N: 5},
		Window: kizashi.Window{From: at - 14*24*hour, To: at},
		Evidence: []kizashi.Evidence{
			fact(kizashi.ClaimBand, func(e *kizashi.Evidence) { e.Value, e.High, e.Count, e.Of = .431, .412, 3, 5 }),
			fact(kizashi.ClaimComparable, func(e *kizashi.Evidence) { e.Value, e.Low, e.High, e.Count = .224, .188, .26, 7 }),
			fact(kizashi.ClaimRange, func(e *kizashi.Evidence) { e.Low, e.High = .398, .421 }),
		}}
	for d := kizashi.Time(3); d > 0; d-- {
		a.Justification.Comparable = append(a.Justification.Comparable, kizashi.Comparable{From: at - d*24*hour, To: at - d*24*hour + hour, Count: 60, Low: .188, Median: .224, High: .26, Held: d == 2})
	}
	return a
}

func chartOf(unit string) chart.Data {
	d := chart.Data{Unit: unit, Zone: time.FixedZone("JST", 9*3600), Labels: []kizashi.Stretch{{From: opened, To: opened + hour}}}
	for i := range 2000 {
		d.Times = append(d.Times, opened+kizashi.Time(i-1000)*60_000)
		d.Values = append(d.Values, .2+.05*math.Sin(float64(i)/200))
		d.Upper = append(d.Upper, .412)
	}
	return d
}

func full(l explain.Lang) Report {
	delay := 4 * time.Minute
	tally := Tally{Alerts: 4, Weekly: .31, Caught: 3, Missed: 0, Undecided: 1, Delay: &delay}
	old := Tally{Alerts: 1, Weekly: .08, Caught: 1, Missed: 2}
	return Report{Style: explain.Style{Lang: l}, From: opened - 90*24*hour, To: opened, Zone: time.FixedZone("JST", 9*3600), Labelled: true, Inherited: ">0.5 3/5",
		Rows:  []Row{{Name: "checkout p99", Ours: tally, Inherited: old}, {Name: "<script>alert(1)</script>", Ours: tally, Inherited: old}},
		Total: &Row{Ours: tally, Inherited: old},
		Sections: []Section{
			{Name: "checkout p99", Chart: chartOf("Seconds"), Alerts: []Alert{alertOf("checkout p99", 0), alertOf("checkout p99", 300)},
				Silent: []Silence{{From: opened - 40*hour, To: opened - 38*hour, Name: "nightly backup", Meta: alertOf("x", 0).Justification.Meta,
					Facts: []kizashi.Evidence{{Claim: kizashi.ClaimInside, Value: .3, Low: none, High: .412}}}}},
			{Name: "<script>alert(1)</script>", Chart: chartOf("<script>"), Alerts: []Alert{alertOf("<script>alert(1)</script>", 60)}},
			{Name: "quiet"},
		}}
}

func render(t *testing.T, d Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReport(t *testing.T) {
	for _, l := range []explain.Lang{explain.English, explain.Japanese} {
		d := full(l)
		s := render(t, d)
		for _, sec := range d.Sections {
			for _, a := range sec.Alerts {
				if !strings.Contains(s, `id="alert-`+a.Alert.ID+`"`) {
					t.Errorf("%s: alert %s is not in the report", l, a.Alert.ID)
				}
			}
		}
		for _, bad := range []string{"http:", "https:", "<script", "url(", "@import", "ZgotmplZ"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s: the report holds %s", l, bad)
			}
		}
		if n := strings.Count(s, "&lt;script&gt;"); n < 4 {
			t.Errorf("%s: the series named <script> is written %d times", l, n)
		}
		if n := strings.Count(s, "<svg"); n != 2 {
			t.Errorf("%s: %d charts, want 2", l, n)
		}
		if strings.Contains(s, "xmlns") || strings.Contains(s, "<?xml") {
			t.Errorf("%s: the charts still have the heading of a file", l)
		}
		if path := os.Getenv("REPORT_OUT"); path != "" {
			if err := os.WriteFile(path+"."+string(l)+".html", []byte(s), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

var tag = regexp.MustCompile(`(?s)<style>.*?</style>|<svg.*?</svg>|<[^>]*>`)

// lines of the report as they are read.
func read(s string) []string {
	var out []string
	for _, l := range strings.Split(tag.ReplaceAllString(s, "\n"), "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func TestSummaryStandsSideBySide(t *testing.T) {
	got := strings.Join(read(render(t, full(explain.English))), "|")
	want := "checkout p99|Kizashi|4|0.3|3|0|1|4 minutes|&gt;0.5 3/5|1|0.1|1|2|0|-|"
	if !strings.Contains(got, want) {
		t.Errorf("the summary does not hold\n%s\nin\n%.900s", want, got)
	}
	for _, want := range []string{"Caught: release 4711", "nightly backup|300 ms lies inside the usual band (up to 412 ms).", "No alert in this span.", "held out of learning",
		"188 ms|224 ms|260 ms"} {
		if !strings.Contains(got, want) {
			t.Errorf("the report does not hold %q", want)
		}
	}
}

func TestWithoutLabelsAndInheritedAlarm(t *testing.T) {
	d := full(explain.English)
	d.Labelled, d.Inherited = false, ""
	got := strings.Join(read(render(t, d)), "|")
	if !strings.Contains(got, "Alerts a week|checkout p99|4|0.3|&lt;script") || !strings.Contains(got, "Nobody has labelled this span") {
		t.Errorf("%.900s", got)
	}
}

func TestSameBytes(t *testing.T) {
	if render(t, full(explain.Japanese)) != render(t, full(explain.Japanese)) {
		t.Error("two reports of the same data differ")
	}
}

func TestNoWordIsMissing(t *testing.T) {
	for lang, w := range map[string]words{"en": english, "ja": japanese} {
		v := reflect.ValueOf(w)
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).String() == "" && !(lang == "ja" && name == "Between") {
				t.Errorf("%s: no word for %s", lang, name)
			}
		}
	}
}

type full1 struct{}

func (full1) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestErrors(t *testing.T) {
	if err := HTML(full1{}, full(explain.English)); err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("disk full: %v", err)
	}
	bad := full(explain.English)
	bad.Sections[0].Chart.Values = bad.Sections[0].Chart.Values[:3]
	var b bytes.Buffer
	if err := HTML(&b, bad); err == nil || !strings.Contains(err.Error(), "checkout p99") || b.Len() > 0 {
		t.Errorf("bad chart: %v, %d bytes written", err, b.Len())
	}
	bad = full("de")
	if err := HTML(&b, bad); err == nil || !strings.Contains(err.Error(), `language "de"`) {
		t.Errorf("language: %v", err)
	}
	bad = full("de")
	bad.Sections = nil
	if err := HTML(&b, bad); err == nil {
		t.Error("language de was taken where there are no alerts")
	}
}

// What strangers wrote into a log line stands in the page as text, a line each.
func TestLogLinesAreText(t *testing.T) {
	a := alertOf("x", 0)
	a.Justification.Record = nil
	a.Justification.Log = &kizashi.LogFacts{Group: "/ecs/<b>shop</b>", Pattern: "4be0c0ffee123456", Template: "login of <*> failed <script>alert(1)</script>", Level: "error",
		First: opened, Lines: 3, Bound: none, Samples: []kizashi.LogLine{{At: opened, Text: "login of <email> failed </p><img src=x onerror=alert(1)>"}, {At: opened, Text: "javascript:alert(1)"}}}
	for _, l := range []explain.Lang{explain.English, explain.Japanese} {
		d := full(l)
		d.Sections = []Section{{Name: "x", Alerts: []Alert{a}}}
		got := render(t, d)
		for _, bad := range []string{"<script>alert", "<img", "<b>shop"} {
			if strings.Contains(got, bad) {
				t.Errorf("%s: the page holds %s", l, bad)
			}
		}
		for _, want := range []string{"login of &lt;*&gt; failed", "\n  15:02:00 login of &lt;email&gt; failed", "4be0c0ffee123456", wordsOf(l).Lines} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the page does not hold %q", l, want)
			}
		}
	}
}
