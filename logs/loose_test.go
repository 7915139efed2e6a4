package logs

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// A log group whose lines do not cluster is said to be one, once, also over a restart.
func TestALogGroupThatDoesNotCluster(t *testing.T) {
	z := newDiary(t)
	told := func() (n int) {
		for _, note := range z.out.Notes {
			if note.Fact.Claim == kizashi.ClaimLogLoose && note.Fact.Count > note.Fact.Of/2 {
				n++
			}
		}
		return n
	}
	word := func(n int) string {
		s := ""
		for ; n > 0; n /= 26 {
			s += string(rune('a' + n%26))
		}
		return s
	}
	hour := func(h int) {
		var ls []kizashi.Line
		for i := range 2000 {
			n := (h*2000+i)*7919 + 104729
			ls = append(ls, kizashi.Line{Series: z.meta.Series, At: z.at.Add(time.Duration(i) * time.Second), Text: fmt.Sprintf("%s %s %s %s", word(n), word(n*31), word(n*17+5), word(n*13+3))})
		}
		if _, err := z.e.Take(ls); err != nil {
			t.Fatal(err)
		}
		z.out.Reset()
		z.at = z.at.Add(time.Hour)
		if err := z.e.Close(z.meta.Series, z.at, z.about, &z.out); err != nil {
			t.Fatal(err)
		}
	}
	z.hours(3, 2)
	if told() != 0 {
		t.Error("lines of one pattern do not cluster")
	}
	hour(1)
	if told() != 1 {
		t.Errorf("told %d times that they do not cluster", told())
	}
	b, err := z.e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	z.e = New(pattern.Config{})
	if err := z.e.Decode(b); err != nil {
		t.Fatal(err)
	}
	hour(2)
	if told() != 0 {
		t.Error("it is told again")
	}
}
