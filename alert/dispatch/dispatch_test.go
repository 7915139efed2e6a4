package dispatch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// at is a time of the story, before or after noon.
func at(d time.Duration) kizashi.Time { return kizashi.TimeOf(noon.Add(d)) }

func turn(id string, seq int, state kizashi.AlertState, to time.Duration) kizashi.Alert {
	return kizashi.Alert{ID: id, Tenant: "shop", Seq: seq, State: state, From: at(to), To: at(to), Changed: at(to)}
}

// says is what a pass changed, a line a thread.
func says(r Result) string {
	var out []string
	for _, t := range r.Threads {
		out = append(out, fmt.Sprintf("%s %s-%d %s %s", t.Lane, t.ID, t.Seq, t.State, t.Reason))
	}
	return strings.Join(out, "\n")
}

func want(t *testing.T, what string, r Result, lines ...string) {
	t.Helper()
	if got, want := says(r), strings.Join(lines, "\n"); got != want {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

func alone() Policy {
	return Policy{Receivers: []Receiver{{Name: "default", Lanes: []Lane{{Name: "sns", Each: true, Machine: true}}}}, MaxAge: time.Hour, Patience: 5 * time.Minute}
}

func TestEachAlertHasItsThread(t *testing.T) {
	d := New(alone(), nil, nil)
	d.Note(turn("a", 1, kizashi.Pending, 0))
	want(t, "pending", d.Pass(noon))
	d.Note(turn("a", 2, kizashi.Firing, 0), turn("b", 1, kizashi.Firing, 0), turn("b", 2, kizashi.Resolved, 0))
	want(t, "one fires, one came and went", d.Pass(noon), "sns a-2 firing opened", "sns b-2 resolved resolved")
	want(t, "nothing new", d.Pass(noon.Add(time.Hour)))
	d.Note(turn("a", 3, kizashi.Resolved, time.Hour), turn("a", 4, kizashi.Firing, time.Hour))
	r := d.Pass(noon.Add(time.Hour))
	want(t, "it came back", r, "sns a-4 firing again")
	if got := r.Threads[0]; got.Fired != 4 || got.Opened != noon || got.Members[0].Turn.Seq != 4 {
		t.Errorf("%+v", got)
	}
}

// What is old when it is first seen waits for its end, or for proof that it
// goes on.
func TestThePastWaits(t *testing.T) {
	d := New(alone(), nil, nil)
	d.Note(turn("back-fill", 1, kizashi.Firing, -3*time.Hour), turn("goes on", 1, kizashi.Firing, -3*time.Hour))
	r := d.Pass(noon)
	want(t, "both are old", r)
	if r.Next != noon.Add(time.Minute) {
		t.Errorf("looks again at %s", r.Next)
	}
	d.Note(turn("back-fill", 2, kizashi.Resolved, -2*time.Hour))
	want(t, "the end is known: its lane skips it", d.Pass(noon.Add(time.Minute)), "sns back-fill-2 resolved resolved")
	want(t, "it goes on", d.Pass(noon.Add(5*time.Minute)), "sns goes on-1 firing opened")
}

func TestWhatNeverFiredIsForgotten(t *testing.T) {
	d := New(alone(), nil, nil)
	d.Note(turn("pending", 1, kizashi.Pending, 0), turn("nothing", 1, kizashi.Pending, 0), turn("nothing", 2, kizashi.Resolved, 0), turn("fired", 1, kizashi.Firing, 0), turn("fired", 2, kizashi.Resolved, 0))
	want(t, "one fired", d.Pass(noon), "sns fired-2 resolved resolved")
	if len(d.alerts) != 2 || d.alerts["nothing"] != nil {
		t.Errorf("%d alerts at hand", len(d.alerts))
	}
	d.Note(turn("nothing", 3, kizashi.Pending, time.Minute), turn("nothing", 4, kizashi.Firing, time.Minute))
	want(t, "the next time it does", d.Pass(noon.Add(time.Minute)), "sns nothing-4 firing opened")
}

func TestWhatIsPastIsAskedAgain(t *testing.T) {
	p, past := alone(), true
	p.Past = func(kizashi.Alert) bool { return past }
	d := New(p, nil, []Episode{{turn("a", 1, kizashi.Firing, 0), 1}})
	want(t, "past", d.Pass(noon))
	past = false
	want(t, "present", d.Pass(noon.Add(time.Minute)), "sns a-1 firing opened")
}

func TestWhatANoteSumsUp(t *testing.T) {
	p := alone()
	p.Summed = func(a kizashi.Alert) bool { return a.State == kizashi.Resolved }
	d := New(p, nil, nil)
	d.Note(turn("a", 1, kizashi.Firing, 0), turn("a", 2, kizashi.Resolved, 0))
	if r := d.Pass(noon); len(r.Threads) != 1 || r.Threads[0].Sum != alert.SumAbsence {
		t.Errorf("%+v", r.Threads)
	}
}

// A justification that is made later decides nothing: thousands of them after a
// storm make dispatch look at nothing again.
func TestALateJustificationIsNoReasonToLook(t *testing.T) {
	p, asked := alone(), 0
	p.Past = func(kizashi.Alert) bool { asked++; return false }
	d := New(p, nil, nil)
	a := turn("a", 1, kizashi.Firing, 0)
	d.Note(a)
	want(t, "it fires", d.Pass(noon), "sns a-1 firing opened")
	looked := asked
	a.Justify = "made later"
	d.Note(a)
	want(t, "justified", d.Pass(noon.Add(time.Second)))
	if asked != looked {
		t.Error("dispatch looked at all alerts again")
	}
	a.Justify, a.Seq, a.State = "made later", 2, kizashi.Resolved
	d.Note(a)
	want(t, "over", d.Pass(noon.Add(time.Minute)), "sns a-2 resolved resolved")
}
