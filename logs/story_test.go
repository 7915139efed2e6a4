package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// desk is an engine with one log group, and a pen.
type desk struct {
	t    *testing.T
	e    *logs.Engine
	meta kizashi.Meta
	at   kizashi.Time
	out  logs.Out
	all  []logs.Crossing
	sum  map[kizashi.SeriesID]float64
	name map[kizashi.SeriesID]string
	note []logs.Note
	n    int
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, e: logs.New(pattern.Config{}), at: gen.LogStart, sum: map[kizashi.SeriesID]float64{}, name: map[kizashi.SeriesID]string{}}
	id := kizashi.LabelsOf(map[string]string{"log_group": "/ecs/shop"})
	d.meta = kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id}
	if err := d.e.Declare(kizashi.Declaration{Meta: d.meta}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) about(kizashi.SeriesID, kizashi.Time) (kizashi.Proof, error) {
	return kizashi.Proof{Meta: d.meta, Settings: kizashi.Settings{R: kizashi.Duration(7 * 24 * time.Hour)}}, nil
}

// minute takes in lines of the minute in hand and ends it.
func (d *desk) minute(texts ...string) {
	d.t.Helper()
	ls := make([]kizashi.Line, len(texts))
	for i, s := range texts {
		ls[i] = kizashi.Line{Series: d.meta.Series, At: d.at.Add(time.Duration(i) * time.Millisecond), Text: s}
	}
	d.n += len(ls)
	d.at = d.at.Add(time.Minute)
	d.step(ls, d.at)
}

func (d *desk) step(ls []kizashi.Line, until kizashi.Time) {
	d.t.Helper()
	if _, err := d.e.Take(ls); err != nil {
		d.t.Fatal(err)
	}
	d.out.Reset()
	if err := d.e.Close(d.meta.Series, until, d.about, &d.out); err != nil {
		d.t.Fatal(err)
	}
	for _, c := range d.out.Declared {
		d.name[c.Meta.Series] = c.Meta.Labels.String()
	}
	for _, s := range d.out.Counts {
		d.sum[s.Series] += s.Value
	}
	d.note = append(d.note, d.out.Notes...)
	d.all = append(d.all, d.out.Crossings...)
}

// told are the models of the votes that came to stand since it was last asked.
func (d *desk) told() string {
	var out []string
	for i := range d.all {
		if len(d.all[i].Proof) == 0 {
			continue // it goes on to stand
		}
		for _, v := range d.all[i].Verdict.Votes {
			out = append(out, v.Model)
		}
	}
	d.all = nil
	return strings.Join(out, " ")
}

// usual writes what the log group usually has in a minute, for so long.
func (d *desk) usual(long time.Duration) { d.most(long, true) }

// most is usual, with or without the heartbeat.
func (d *desk) most(long time.Duration, beats bool) {
	d.t.Helper()
	for end := d.at.Add(long); d.at < end; {
		n := int(d.at / 60000)
		texts := []string{fmt.Sprintf("INFO order %d accepted in %d ms", n*7919%100000, 20+n*31%17), fmt.Sprintf("INFO order %d accepted in %d ms", n*104729%100000, 20+n*37%19)}
		if beats && n%5 == 0 {
			texts = append(texts, fmt.Sprintf("INFO heartbeat number %d", n))
		}
		d.minute(texts...)
	}
}

func TestTheFirstTwoDaysAreSilent(t *testing.T) {
	d := newDesk(t)
	d.usual(12 * time.Hour)
	for i := range 40 {
		d.minute(fmt.Sprintf("ERROR never seen %s happened", strings.Repeat("x", i+1)))
	}
	d.usual(35 * time.Hour)
	if got := d.told(); got != "" {
		t.Errorf("in the first two days: %s", got)
	}
	d.usual(2 * time.Hour)
	d.minute("FATAL the disk of the ledger is full")
	if got := d.told(); got != "log_new" {
		t.Errorf("a new pattern after two days: %q", got)
	}
}

func TestEveryLineIsInOneCount(t *testing.T) {
	d := newDesk(t)
	d.usual(3 * time.Hour)
	// Lines of a minute that is over are counted as late, in no minute.
	late := []kizashi.Line{{Series: d.meta.Series, At: d.at.Add(-2 * time.Hour), Text: "INFO order 1 accepted in 20 ms"}, {Series: d.meta.Series, At: d.at.Add(time.Minute), Text: "INFO late by the source's word", Late: true},
		{Series: d.meta.Series, At: kizashi.TimeOf(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), Text: "INFO a clock that is wrong"}}
	waiting := kizashi.Line{Series: d.meta.Series, At: d.at.Add(3 * time.Minute), Text: "INFO order 2 accepted in 20 ms", Rows: 4}
	d.step(append(late, waiting), d.at)
	got, _ := d.e.Tally(d.meta.Series)
	if want := (logs.Tally{Lines: uint64(d.n + 4), Waiting: 1, Late: 3, Rows: 3, Patterns: got.Patterns}); got != want {
		t.Errorf("tally %+v, want %+v", got, want)
	}
	whole, parts := 0., 0.
	for id, n := range d.sum {
		switch l := d.name[id]; {
		case strings.Contains(l, `lines="all"`):
			whole = n
		case strings.Contains(l, `pattern=`) && !strings.Contains(l, `slot=`):
			parts += n
		}
	}
	if whole != float64(d.n) || parts != whole {
		t.Errorf("minutes have %v lines in all and %v by pattern, want %d", whole, parts, d.n)
	}
}

func TestWhatDoesNotComeIsMissedOnce(t *testing.T) {
	d := newDesk(t)
	d.usual(6 * 24 * time.Hour)
	d.told()
	n := 0
	for ; n < 60 && d.told() == ""; n++ {
		d.most(time.Minute, false)
	}
	if n < 10 || n > 20 {
		t.Errorf("a heartbeat of every five minutes was missed after %d minutes, want 10 to 20", n)
	}
	d.most(2*time.Hour, false)
	if n := len(d.all); n != 2 {
		t.Errorf("within two hours it was said %d times that it is missing still, want once an hour", n)
	}
	if got := d.told(); got != "" {
		t.Errorf("it was told again: %s", got)
	}
	d.usual(2 * time.Hour)
	calm := 0
	for i := range d.all {
		if len(d.all[i].Verdict.Votes) == 0 {
			calm++
		}
	}
	if calm == 0 {
		t.Error("it is back, and nothing says so: its alert would stand for ever")
	}
}

func TestAnExcludedStretchIsNotLearned(t *testing.T) {
	storm := func(d *desk) {
		for range 60 {
			texts := make([]string, 50)
			for i := range texts {
				texts[i] = fmt.Sprintf("INFO order %d accepted in 25 ms", i)
			}
			d.minute(texts...)
		}
	}
	again := func(exclude bool) string {
		d := newDesk(t)
		d.usual(10 * time.Hour) // no limit is known yet that would hold it out
		if exclude {
			d.e.Command(kizashi.Command{Op: kizashi.Exclude, At: d.at, From: d.at, To: d.at.Add(time.Hour), Author: "sato"})
		}
		storm(d)
		d.usual(71 * time.Hour)
		d.told()
		storm(d) // at the same hour, three days later
		return d.told()
	}
	if got := again(true); !strings.Contains(got, "log_surge") {
		t.Errorf("25 times as many lines as usual, after a storm that was excluded: %q", got)
	}
	if got := again(false); strings.Contains(got, "log_surge") {
		t.Errorf("the same after one that was learned as usual in that hour: %q", got)
	}
}

func TestAPersonNamesAPattern(t *testing.T) {
	d := newDesk(t)
	d.usual(50 * time.Hour)
	var id string
	for p := range d.e.Miner(d.meta.Series).Patterns() {
		if strings.Contains(p.Template, "heartbeat") {
			id = p.ID.String()
		}
	}
	c, err := kizashi.PatternAct{Do: "name", ID: id, Text: "the clock"}.Command("sato", "easier to read")
	if err != nil {
		t.Fatal(err)
	}
	c.At = d.at
	d.e.Command(c)
	bad := kizashi.Command{Op: kizashi.Pattern, At: d.at, Body: []byte(`{"do":"pin","id":"00000000000000ff"}`)}
	d.e.Command(bad)
	d.usual(time.Minute)
	for p := range d.e.Miner(d.meta.Series).Patterns() {
		if p.ID.String() == id && p.Name != "the clock" {
			t.Errorf("pattern %s is called %q", id, p.Name)
		}
	}
	var claims []string
	for _, n := range d.note {
		claims = append(claims, string(n.Fact.Claim))
	}
	if got := strings.Join(claims, " "); got != "pattern no_pattern" {
		t.Errorf("notes: %s", got)
	}
}

func TestAGroupThatIsNotReadHasNoZeros(t *testing.T) {
	d := newDesk(t)
	d.usual(6 * 24 * time.Hour)
	d.told()
	d.most(30*time.Minute, false) // its heartbeat is missed
	if got := d.told(); got != "log_absent" {
		t.Fatalf("the heartbeat that is missing: %q", got)
	}
	unread := func(e kizashi.Ending) {
		if err := d.e.Declare(kizashi.Declaration{From: d.at, Meta: d.meta, Ended: e}); err != nil {
			t.Fatal(err)
		}
	}
	unread(kizashi.Unread)
	before := d.sum
	d.sum = map[kizashi.SeriesID]float64{}
	zeros := 0
	for range 6 * 60 {
		d.minute()
		zeros += len(d.out.Counts)
	}
	ended := 0
	for i := range d.all {
		if d.all[i].Ended == kizashi.ClaimUnread {
			ended++
		}
	}
	if zeros != 0 || ended != 1 || d.told() != "" {
		t.Errorf("while it could not be read: %d counts, %d alerts ended, want none and one", zeros, ended)
	}
	d.sum = before
	unread("")
	d.usual(24 * time.Hour)
	if got := d.told(); got != "" {
		t.Errorf("read again, and as usual: %s", got)
	}
}

func TestANewPatternStandsWhileItIsWritten(t *testing.T) {
	d := newDesk(t)
	d.usual(50 * time.Hour)
	d.told()
	var series kizashi.SeriesID
	stood := kizashi.Never
	write := func(long time.Duration) {
		for end := d.at.Add(long); d.at < end; {
			d.minute(fmt.Sprintf("ERROR the ledger refuses entry %d", d.at/60000), "INFO order 1 accepted in 20 ms", "INFO order 2 accepted in 30 ms")
			if series == 0 && len(d.all) > 0 {
				series = d.all[0].Series
			}
			for i := range d.all {
				if len(d.all[i].Verdict.Votes) > 0 && d.all[i].Series == series {
					stood = d.all[i].End
				}
			}
		}
	}
	write(2 * time.Hour)
	if stood != d.at.Floor(5*time.Minute) {
		t.Errorf("a new error that is written until %s stood until %s", d.at, stood)
	}
	d.all = nil
	write(13 * time.Hour)
	moved := false
	for i := range d.all {
		moved = moved || d.all[i].Event == kizashi.ClaimMoved
	}
	if since := d.at.Sub(stood); since < 50*time.Minute || since > 200*time.Minute || !moved {
		t.Errorf("after 15 hours it stood last %s ago, want one to three; that it is usual now was said: %v", since, moved)
	}
}
