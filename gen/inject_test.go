package gen

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// six are samples of six minutes with the value 10.
func six() []kizashi.Sample {
	var ss []kizashi.Sample
	for i := range 6 {
		ss = append(ss, kizashi.Sample{Series: 1, At: on(0, 0, i), Period: time.Minute, Value: 10})
	}
	return ss
}

var from, to = on(0, 0, 2), on(0, 0, 4)

// tell writes samples as minute:value, late ones with a star.
func tell(ss []kizashi.Sample) string {
	var out []string
	for _, s := range ss {
		star := ""
		if s.Late {
			star = "*"
		}
		out = append(out, fmt.Sprintf("%d%s:%g", int(s.At.Sub(firstDay).Minutes()), star, s.Value))
	}
	return strings.Join(out, " ")
}

func TestInjections(t *testing.T) {
	for _, c := range []struct {
		name, want string
		do         func(ss []kizashi.Sample) []kizashi.Sample
	}{
		{"shift", "0:10 1:10 2:15 3:15 4:10 5:10", func(ss []kizashi.Sample) []kizashi.Sample {
			if n := Shift(ss, from, to, 5); n != 2 {
				t.Errorf("shifted %d samples, want 2", n)
			}
			return ss
		}},
		{"scale", "0:10 1:10 2:30 3:30 4:10 5:10", func(ss []kizashi.Sample) []kizashi.Sample {
			if n := Scale(ss, from, to, 3); n != 2 {
				t.Errorf("scaled %d samples, want 2", n)
			}
			return ss
		}},
		{"spike inside a sample", "0:10 1:10 2:99 3:10 4:10 5:10", func(ss []kizashi.Sample) []kizashi.Sample {
			if n := Spike(ss, from.Add(59*time.Second), 89); n != 1 {
				t.Errorf("%d spikes, want 1", n)
			}
			return ss
		}},
		{"spike where nothing is", "0:10 1:10 2:10 3:10 4:10 5:10", func(ss []kizashi.Sample) []kizashi.Sample {
			if n := Spike(ss, on(0, 0, 6), 89); n != 0 {
				t.Errorf("%d spikes, want none", n)
			}
			return ss
		}},
		{"drop", "0:10 1:10 4:10 5:10", func(ss []kizashi.Sample) []kizashi.Sample { return Drop(ss, from, to) }},
		{"late", "0:10 1:10 4:10 2*:10 3*:10 5:10", func(ss []kizashi.Sample) []kizashi.Sample { return Late(ss, from, to, on(0, 0, 5)) }},
		{"late, after all", "0:10 1:10 4:10 5:10 2*:10 3*:10", func(ss []kizashi.Sample) []kizashi.Sample { return Late(ss, from, to, on(0, 0, 9)) }},
	} {
		if got := tell(c.do(six())); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestDropAndLateLeaveWhatTheyAreGiven(t *testing.T) {
	ss := six()
	Drop(ss, from, to)
	Late(ss, from, to, on(0, 0, 5))
	if tell(ss) != tell(six()) {
		t.Errorf("drop or late changed what it was given: %s", tell(ss))
	}
}
