package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"pgregory.net/rapid"
)

// What is said of learning (an exclusion, an expectation) changes nothing of
// what is delivered: the same story is told with it and without it. Feedback is
// an acknowledgement besides.
func TestWhatIsSaidOfLearningChangesNoDelivery(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t)
		w := &world{T: t, p: p, d: New(p, nil, nil), now: noon, store: map[place]alert.Thread{}, known: map[string]kizashi.Alert{}, fired: map[string]int{}}
		plain := New(p, nil, nil)
		said, noted := 0, map[string]int{}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			acts := len(w.acts)
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1, 2:
				w.change()
			case 3:
				w.act()
			case 4:
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 200).Draw(t, "minutes")) * time.Minute)
			}
			plain.Say(w.acts[acts:]...)
			for id, a := range w.known {
				if noted[id] != a.Seq {
					plain.Note(a)
					noted[id] = a.Seq
				}
			}
			w.d.Say(ofLearning(t, w.now, said))
			said++
			for range 3 {
				// When to look again may be sooner than need be.
				with, without := w.d.Pass(w.now), plain.Pass(w.now)
				with.Next, without.Next = time.Time{}, time.Time{}
				got, want := fmt.Sprintf("%+v", with), fmt.Sprintf("%+v", without)
				if got != want {
					t.Fatalf("with what was said of learning:\n%s\nwithout:\n%s", got, want)
				}
			}
		}
	})
}

// ofLearning draws an act that is about what is learned.
func ofLearning(t *rapid.T, now time.Time, n int) handling.Said {
	a := alert.Act{ID: fmt.Sprint("l", n), At: now, Tenant: rapid.SampledFrom([]string{"shop", "bank"}).Draw(t, "tenant"), Author: "x", Until: now.Add(time.Hour),
		Kind: rapid.SampledFrom([]alert.ActKind{alert.ActExclude, alert.ActExpect}).Draw(t, "of learning")}
	if a.Kind == alert.ActExpect {
		a.Value = "1..3"
	}
	a.Match = matchOne(rapid.SampledFrom([]string{`service="web"`, `host="h1"`}).Draw(t, "of labels"))
	return handling.Said{Act: a}
}
