package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// What follows is about patterns that become one: a word turns out to vary.

func TestAnAlertOfAPatternThatBecameAnotherEnds(t *testing.T) {
	d := newDesk(t)
	d.usual(30 * time.Hour)
	d.minute("ERROR replica went away for reason alpha today")
	d.usual(20 * time.Hour)
	d.told()
	d.minute("ERROR replica went away for reason beta today")
	var told kizashi.SeriesID
	for i := range d.all {
		if c := &d.all[i]; len(c.Proof) > 0 && c.Verdict.Votes[0].Model == "log_new" {
			told = c.Series
		}
	}
	if told == 0 {
		t.Fatal("the second reason was not told: the test would show nothing")
	}
	d.all = nil
	d.usual(3 * time.Minute)
	for _, w := range []string{"gamma", "delta", "omega", "kappa", "sigma"} {
		d.minute("ERROR replica went away for reason " + w + " today")
	}
	d.usual(6 * time.Hour)
	calm, ended := 0, false
	for i := range d.all {
		if c := &d.all[i]; c.Series == told {
			ended = ended || c.Ended == kizashi.ClaimMerged
			if len(c.Verdict.Votes) == 0 {
				calm++
			}
		}
	}
	if !ended && calm < 3 {
		t.Error("its pattern is part of another one, and its alert would stand for ever")
	}
}

func TestTheStateComesBackRightAfterAMerge(t *testing.T) {
	d := newDesk(t)
	for i := range 1200 {
		d.minute(fmt.Sprintf("INFO copy of %s table took %d seconds", [...]string{"alpha", "beta", "gamma", "delta"}[i%4], i%3))
	}
	for i, w := range []string{"omega", "kappa", "sigma", "lambda", "theta"} {
		d.minute(fmt.Sprintf("INFO copy of %s table took %d seconds", w, i%3), "INFO copy of alpha table took 1 seconds")
		b, err := d.e.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := logs.New(pattern.Config{}).Decode(b); err != nil {
			t.Errorf("after %s: %v", w, err)
		}
	}
}

func TestSlotsThatMovedAreLearnedAnew(t *testing.T) {
	d := newDesk(t)
	for n := range 4 * 24 * 60 {
		d.minute(fmt.Sprintf("INFO the copier moved part %d to shelf %d", n%4, n%90000))
	}
	d.told()
	for i, w := range strings.Fields("printer washer dryer cutter packer stacker loader feeder folder welder miller grinder shaper lifter mixer binder sealer baler") {
		d.minute(fmt.Sprintf("INFO the %s moved part %d to shelf %d", w, i%4, i), fmt.Sprintf("INFO the copier moved part %d to shelf %d", i%4, i+7))
	}
	for n := range 6 * 60 {
		d.minute(fmt.Sprintf("INFO the copier moved part %d to shelf %d", n%4, n%90000))
	}
	if got := d.told(); strings.Contains(got, "log_value") || strings.Contains(got, "log_share") {
		t.Errorf("what varies in the pattern is in other slots now, and was judged by the old ones: %s", got)
	}
}

func TestASurgeHidesNoDrop(t *testing.T) {
	d := newDesk(t)
	d.usual(5 * 24 * time.Hour)
	for range 60 {
		ls := make([]string, 400)
		for i := range ls {
			ls[i] = fmt.Sprintf("INFO order %d accepted in %d ms", i, 20+i%17)
		}
		d.minute(ls...)
	}
	d.usual(5 * 24 * time.Hour)
	d.told()
	for n := range 6 * 60 { // a tenth of the orders
		if n%5 == 0 {
			d.minute("INFO order 4 accepted in 30 ms", fmt.Sprintf("INFO heartbeat number %d", int(d.at/60000)))
		} else {
			d.minute()
		}
	}
	if got := d.told(); !strings.Contains(got, "log_drop") {
		t.Errorf("a drop to a tenth, five days after an hour of a surge: %q", got)
	}
}

func TestWhatIsMissedWithManyOthersIsToldInItsTurn(t *testing.T) {
	d := newDesk(t)
	words := strings.Fields("alpha beta gamma delta omega kappa sigma theta")
	beat := func(all bool) {
		n := int(d.at / 60000)
		ls := []string{fmt.Sprintf("INFO order %d accepted in %d ms", n*7919%100000, 20+n*31%17)}
		if all && n%5 == 0 {
			for i, w := range words {
				ls = append(ls, fmt.Sprintf("INFO %s %s %d", w, [...]string{"ran", "went", "woke", "beat", "rose", "fell", "came", "left"}[i], n))
			}
		}
		d.minute(ls...)
	}
	for range 6 * 24 * 60 {
		beat(true)
	}
	d.told()
	for range 3 * 60 {
		beat(false)
	}
	told := map[kizashi.SeriesID]bool{}
	for i := range d.all {
		if len(d.all[i].Proof) > 0 && d.all[i].Verdict.Votes[0].Model == "log_absent" {
			told[d.all[i].Series] = true
		}
	}
	if len(told) != len(words) {
		t.Errorf("%d of %d lines that do not come any more were told", len(told), len(words))
	}
}

func TestAJumpInTimeIsNoWeekOfZeros(t *testing.T) {
	d := newDesk(t)
	d.usual(50 * time.Hour)
	counts := 0
	far := d.at.Add(20 * 365 * 24 * time.Hour)
	d.step([]kizashi.Line{{Series: d.meta.Series, At: d.at, Text: "INFO order 1 accepted in 20 ms"}}, far)
	counts += len(d.out.Counts)
	if counts > 100 {
		t.Errorf("twenty years without a line were written as %d counts", counts)
	}
}

// Where the counts of a pattern go on is said, so that what was stored before is found.
func TestWhereCountsGoOnIsSaid(t *testing.T) {
	d := newDesk(t)
	for n := range 3 * 24 * 60 {
		d.minute(fmt.Sprintf("INFO the copier moved part %d to shelf %d", n%4, n%90000), fmt.Sprintf("INFO the printer moved part %d to shelf %d", n%4, n%80000))
	}
	stored := map[string]float64{}
	for id, n := range d.sum {
		stored[d.name[id]] += n
	}
	for i, w := range strings.Fields("washer dryer cutter packer stacker loader feeder folder welder miller grinder shaper lifter mixer binder sealer baler") {
		d.minute(fmt.Sprintf("INFO the %s moved part %d to shelf %d", w, i%4, i))
	}
	d.minute("INFO the copier moved part 1 to shelf 7")
	now := map[string]bool{}
	for p := range d.e.Miner(d.meta.Series).Patterns() {
		now[p.ID.String()] = true
	}
	leads := map[string]string{}
	for _, n := range d.note {
		if n.Fact.Claim == kizashi.ClaimLogMoved || n.Fact.Claim == kizashi.ClaimLogRenamed {
			was, is, _ := strings.Cut(n.Fact.Text, " ")
			leads[was] = is
		}
	}
	for name, n := range stored {
		_, id, ok := strings.Cut(name, `pattern="`)
		if id, _, _ = strings.Cut(id, `"`); !ok || strings.Contains(name, "slot=") {
			continue
		}
		for k := 0; k < 9 && !now[id] && leads[id] != ""; k++ {
			id = leads[id]
		}
		if !now[id] {
			t.Errorf("%v lines of %s are found nowhere: notes lead to %s", n, name, id)
		}
	}
	if len(leads) == 0 {
		t.Error("no pattern became another: the test would show nothing")
	}
}
