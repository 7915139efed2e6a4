package program

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// shelf is an archive that has counts, of the minutes after noon; what is asked of it is
// alone what they were.
type shelf struct {
	archive
	have map[kizashi.SeriesID]map[int]float64
}

var noon = kizashi.TimeOf(time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC))

func afterNoon(m int) kizashi.Time { return noon.Add(time.Duration(m) * time.Minute) }

func (s shelf) Samples(id kizashi.SeriesID, from, to kizashi.Time) (out []kizashi.Sample, err error) {
	for at := from; at < to; at = at.Add(time.Minute) {
		if n, ok := s.have[id][int(at.Sub(noon)/time.Minute)]; ok {
			out = append(out, kizashi.Sample{Series: id, At: at, Period: time.Minute, Value: n})
		}
	}
	return out, nil
}

// judgedCount is an alert that judges a count of a pattern between two minutes after noon.
func judgedCount(model string, from, to int, seen float64, usual kizashi.Num, parts ...kizashi.Part) (kizashi.Alert, kizashi.Justification) {
	id := kizashi.LabelsOf(map[string]string{"log_group": "/shop", "pattern": "00000000000000a1"})
	j := kizashi.Justification{Meta: kizashi.Meta{Tenant: "acme", Identity: id, Series: kizashi.IDOf("acme", id)}, Log: &kizashi.LogFacts{Group: "/shop"}}
	j.Opening.Value = kizashi.Num(seen)
	for i := range parts {
		parts[i].From, parts[i].To = afterNoon(from), afterNoon(to)
	}
	j.Grounds = []kizashi.Ground{{Model: model, From: afterNoon(from), To: afterNoon(to), Usual: usual, Parts: parts}}
	return kizashi.Alert{ID: "0123456789abcdef", To: afterNoon(to)}, j
}

// linesAt are counts, one for each minute that is named.
func linesAt(at ...int) map[int]float64 {
	out := map[int]float64{}
	for _, m := range at {
		out[m]++
	}
	return out
}

// eachMinute are all of a stretch, each with so many lines.
func eachMinute(from, to int, n float64) map[int]float64 {
	out := map[int]float64{}
	for m := from; m < to; m++ {
		out[m] = n
	}
	return out
}

func TestAnomaliesSayWhatIsStored(t *testing.T) {
	part := func(n int) kizashi.Part { return kizashi.Part{Count: n} }
	surge, nothing, many, ratio := "log_surge", "log_absent", "log_many", "log_ratio"
	for name, c := range map[string]struct {
		model     string
		from, to  int
		seen      float64
		usual     kizashi.Num
		parts     []kizashi.Part
		own, read map[int]float64
		want      string
	}{
		"all of it":                        {surge, 0, 15, 4, 1, []kizashi.Part{part(4)}, linesAt(1, 7, 7, 12), eachMinute(0, 15, 50), "seen 4 of 1, 12:00 1, 12:05 2, 12:10 1"},
		"none in the first minutes":        {surge, 0, 15, 2, 1, []kizashi.Part{part(2)}, linesAt(12, 12), eachMinute(0, 15, 50), "seen 2 of 1, 12:10 2"},
		"none in the first, of a run":      {surge, 3, 18, 2, 1, []kizashi.Part{part(2)}, linesAt(12, 12), eachMinute(3, 20, 50), "seen 2 of 1, 12:10 2"},
		"some were another pattern's":      {surge, 0, 15, 5, 1, []kizashi.Part{part(5)}, linesAt(12, 12), eachMinute(0, 15, 50), "seen 5 of 1, 12:10 2; 3 of the 5 lines of the judged stretch: they are not stored under this series"},
		"all were another pattern's":       {surge, 0, 15, 5, 1, []kizashi.Part{part(5)}, nil, eachMinute(0, 15, 50), "seen 5 of 1, 12:00 5; 5 of the 5 lines of the judged stretch: they are not stored under this series"},
		"the first minutes are gone":       {surge, 0, 15, 5, 1, []kizashi.Part{part(5)}, linesAt(12, 12), eachMinute(10, 15, 50), "seen 5 of 1, 12:10 2; counts before 2026-05-01T12:10:00Z: they are not stored"},
		"all is gone":                      {surge, 0, 15, 5, 1, []kizashi.Part{part(5)}, nil, nil, "seen 5 of 1, 12:00 5; counts beyond the judged stretch: none of the time is stored"},
		"a ground without a count":         {surge, 0, 15, 5, 1, nil, linesAt(12, 12), eachMinute(0, 15, 50), "seen 5 of 1, 12:10 2; 3 of the 5 lines of the judged stretch: they are not stored under this series"},
		"nothing came":                     {nothing, 0, 60, 0, 1.02, []kizashi.Part{{Sum: 30}}, nil, eachMinute(0, 60, 50), "seen 0 of 30"},
		"new patterns, and not all lines":  {many, 0, 60, 7, 0, []kizashi.Part{part(7)}, eachMinute(0, 60, 50), eachMinute(0, 60, 50), "seen 7 of 0, 12:00 7; counts beyond the judged stretch: the histogram is of new patterns, and when each came is not stored"},
		"the few are short":                {ratio, 0, 60, 17, 1, []kizashi.Part{part(120), part(17)}, eachMinute(43, 60, 1), eachMinute(0, 60, 200), "seen 17 of 120, 12:40 2, 12:45 5, 12:50 5, 12:55 5"},
		"the few are short, twice as many": {ratio, 0, 60, 17, 2, []kizashi.Part{part(120), part(17)}, eachMinute(43, 60, 1), eachMinute(0, 60, 200), "seen 17 of 60, 12:40 2, 12:45 5, 12:50 5, 12:55 5"},
		"the many are short":               {ratio, 0, 60, 3, 2, []kizashi.Part{part(3), part(60)}, eachMinute(57, 60, 1), eachMinute(0, 60, 200), "seen 3 of 120, 12:55 3"},
	} {
		a, j := judgedCount(c.model, c.from, c.to, c.seen, c.usual, c.parts...)
		x := anomalyOf(&a, &j, "")
		if err := x.fill(shelf{have: map[kizashi.SeriesID]map[int]float64{j.Meta.Series: c.own, j.Meta.AllLines(): c.read}}, &a, &j); err != nil {
			t.Fatal(err)
		}
		if got := saidOf(x); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
	}
}

// What a file says of two lines that are out of step, and of new patterns, is what a data
// directory does.
func TestAnomaliesOfAFile(t *testing.T) {
	beyond := "; counts beyond the judged stretch: they are in the data directory of a service alone"
	for _, c := range []struct {
		model string
		seen  float64
		parts []kizashi.Part
		want  string
	}{
		{"log_ratio", 17, []kizashi.Part{{Count: 120}, {Count: 17}}, "seen 17 of 120, 12:00 17" + beyond},
		{"log_ratio", 3, []kizashi.Part{{Count: 3}, {Count: 60}}, "seen 3 of 60, 12:00 3" + beyond},
		{"log_many", 7, []kizashi.Part{{Count: 7}}, "seen 7 of 1, 12:00 7; counts beyond the judged stretch: the histogram is of new patterns, and when each came is not stored"},
	} {
		a, j := judgedCount(c.model, 0, 60, c.seen, 1, c.parts...)
		x := anomalyOf(&a, &j, "")
		if err := x.fill(&outcome{}, &a, &j); err != nil {
			t.Fatal(err)
		}
		if got := saidOf(x); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.model, got, c.want)
		}
	}
}

// saidOf writes what an anomaly counts, and lacks.
func saidOf(x anomaly) string {
	s := fmt.Sprintf("seen %d of %v", x.Kizashi.Seen, float64(x.Kizashi.Expected))
	n := 0
	for m := range 60 {
		if k, ok := x.Histogram[histogramTime(afterNoon(m))]; ok {
			s, n = s+fmt.Sprintf(", %s %d", afterNoon(m).UTC().Format("15:04"), k), n+1
		}
	}
	if n != len(x.Histogram) {
		s += fmt.Sprintf(", and %v", x.Histogram)
	}
	return strings.Join(append([]string{s}, x.Kizashi.Lacks...), "; ")
}
