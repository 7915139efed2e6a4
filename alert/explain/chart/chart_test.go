package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

const minute = kizashi.Time(60_000)

// week is a week of minutes with a daily course, a band, an alert at a peak
// of one sample, and a label.
func week() Data {
	const n = 7 * 1440
	start := kizashi.TimeOf(time.Date(2026, 9, 27, 15, 0, 0, 0, time.UTC))
	d := Data{Zone: time.FixedZone("JST", 9*3600), Unit: "Seconds"}
	for i := range n {
		center := .2 + .05*math.Sin(float64(i)/1440*2*math.Pi)
		d.Times = append(d.Times, start+kizashi.Time(i)*minute)
		d.Values = append(d.Values, center+.02*math.Sin(float64(i)*12.9898))
		d.Expected = append(d.Expected, center)
		d.Lower, d.Upper = append(d.Lower, center-.05), append(d.Upper, center+.06)
	}
	d.Values[5000] = .61
	d.Alerts = []kizashi.Stretch{{From: d.Times[5000], To: d.Times[5001]}, {From: d.Times[9000], To: kizashi.Forever}}
	d.Labels = []kizashi.Stretch{{From: d.Times[4900], To: d.Times[5300]}}
	return d
}

func draw1(t *testing.T, d Data) string {
	t.Helper()
	var b bytes.Buffer
	if err := Band(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBandIsDeterministicXML(t *testing.T) {
	a, b := draw1(t, week()), draw1(t, week())
	if a != b {
		t.Error("two drawings of the same data differ")
	}
	dec := xml.NewDecoder(strings.NewReader(a))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range a {
		if r > '~' {
			t.Fatalf("the chart holds %q", r)
		}
	}
	if path := os.Getenv("CHART_OUT"); path != "" {
		if err := os.WriteFile(path, []byte(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The PNG is the same drawing, opaque, each time.
func TestPNG(t *testing.T) {
	var a, b bytes.Buffer
	if err := errors.Join(PNG(&a, week()), PNG(&b, week())); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two drawings of the same data differ")
	}
	img, err := png.Decode(&a)
	if err != nil {
		t.Fatal(err)
	}
	colors := map[color.Color]bool{}
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			c := img.At(x, y)
			colors[c] = true
			if _, _, _, alpha := c.RGBA(); alpha != 0xffff {
				t.Fatalf("pixel %d,%d can be seen through", x, y)
			}
		}
	}
	if w := img.Bounds().Dx(); w < 1300 || w > 1400 || len(colors) < 50 {
		t.Errorf("%d pixels wide with %d colors", w, len(colors))
	}
	if err := PNG(io.Discard, Data{}); err == nil {
		t.Error("a chart without points was drawn")
	}
	if path := os.Getenv("CHART_OUT"); path != "" {
		if err := os.WriteFile(path+".png", b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// The axis is in wall time and in the unit that people read.
func TestAxes(t *testing.T) {
	s := draw1(t, week())
	for _, want := range []string{">09-28<", ">10-04<", ">ms<", ">600<"} {
		if !strings.Contains(s, want) {
			t.Errorf("the chart does not hold %s", want)
		}
	}
}

func TestThinKeepsThePeakBesideItsLimit(t *testing.T) {
	d := week()
	got := d.thin()
	if len(got.Times) > most {
		t.Errorf("%d points, want at most %d", len(got.Times), most)
	}
	for i, at := range got.Times {
		if at == d.Times[5000] {
			if got.Values[i] != .61 || got.Upper[i] != d.Upper[5000] {
				t.Errorf("at the peak: value %v, upper %v", got.Values[i], got.Upper[i])
			}
			return
		}
	}
	t.Error("the peak was thinned away")
}

func TestNoLineOverAGap(t *testing.T) {
	d := week()
	for _, col := range []*[]float64{&d.Values, &d.Lower, &d.Upper, &d.Expected} {
		*col = append((*col)[:3000:3000], (*col)[5000:]...)
	}
	d.Times = append(d.Times[:3000:3000], d.Times[5000:]...)
	d = d.thin()
	g, runs := newGraph(d), 0
	err := g.runs(func(i int) bool { return finite(at(d.Values, i)) }, func(a, b int) error { runs++; return nil })
	if err != nil || runs != 2 {
		t.Errorf("%d lines, %v; want one on each side of the gap", runs, err)
	}
}

func TestSparseData(t *testing.T) {
	nan := math.NaN()
	at := kizashi.TimeOf(time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC))
	for name, d := range map[string]Data{
		"one point":     {Times: []kizashi.Time{at}, Values: []float64{3}},
		"nothing known": {Times: []kizashi.Time{at, at + minute}, Values: []float64{nan, nan}},
		"upper only":    {Times: []kizashi.Time{at, at + minute}, Values: []float64{1, 2}, Upper: []float64{5, math.Inf(1)}},
		"flat":          {Times: []kizashi.Time{at, at + minute}, Values: []float64{0, 0}},
		"far limit":     {Times: []kizashi.Time{at, at + minute}, Values: []float64{1, 2}, Upper: []float64{1e9, 1e9}},
		"negative":      {Times: []kizashi.Time{at, at + minute}, Values: []float64{-1, -2}, Unit: "µs"},
	} {
		s := draw1(t, d)
		if strings.Contains(s, "NaN") || strings.Contains(s, "Inf") {
			t.Errorf("%s: the chart holds NaN or Inf", name)
		}
	}
}

func TestBandRefusesBadData(t *testing.T) {
	d := week()
	for want, bad := range map[string]Data{
		"no points":     {},
		"2 values for":  {Times: d.Times, Values: []float64{1, 2}},
		"times go back": {Times: []kizashi.Time{2, 1}, Values: []float64{1, 2}},
	} {
		if err := Band(io.Discard, bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, not %v", want, err)
		}
	}
}

func TestTicksAreRoundOnTheWall(t *testing.T) {
	ny, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2026, 10, 30, 0, 0, 0, 0, ny) // the clocks go back on Nov 1
	var got []string
	for _, k := range (wallTicks{ny}).Ticks(float64(from.Unix()), float64(from.AddDate(0, 0, 4).Unix())) {
		got = append(got, time.Unix(int64(k.Value), 0).In(ny).Format("01-02 15:04"))
	}
	want := "10-30 00:00 10-30 12:00 10-31 00:00 10-31 12:00 11-01 00:00 11-01 12:00 11-02 00:00 11-02 12:00 11-03 00:00"
	if s := strings.Join(got, " "); s != want {
		t.Errorf("ticks at %s\nwant %s", s, want)
	}
}
