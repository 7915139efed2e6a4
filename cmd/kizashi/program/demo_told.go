package program

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/alert/dispatch"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/explain/chart"
	"github.com/kizashi-ops/kizashi/alert/handling"
	"github.com/kizashi-ops/kizashi/alert/mail"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/gen"
)

// telling shows how the three incidents come to a person: the same dispatch,
// lane and mail as in the service, on the clock of the story. One is mailed at
// once, one is watched until a person's word runs out, one begins inside a mute.
type telling struct {
	*demo
	now      time.Time
	dispatch *dispatch.Dispatcher
	outbox   *deliver.Memory
	lane     *deliver.Lane
	alerts   map[string]kizashi.Alert
	acts     map[string]*alert.Act
	events   []event

	subject string // of the mail that was written last
	sent    int
}

// event is what happens at a time of the story.
type event struct {
	at time.Time
	do func()
}

// mailLane is the one way to the one receiver.
const mailLane = "toban mail"

// told tells the incidents to a receiver who reads Japanese, by mail into files.
func (d *demo) told(ctx context.Context) error {
	d.head("How it is told: by mail, in Japanese, to whoever is on duty", "通知の様子: 当番宛てのメール")
	t := &telling{demo: d, outbox: deliver.NewMemory(), alerts: map[string]kizashi.Alert{}, acts: map[string]*alert.Act{}}
	if err := t.open(); err != nil {
		return err
	}
	incidents := d.account.Of(gen.Incident)
	if len(incidents) != 3 {
		return fmt.Errorf("the account has %d incidents, the story tells 3", len(incidents))
	}
	// The release and the error that the log group has of it come in one message.
	for _, kind := range [...]gen.TruthKind{gen.Change, gen.InLogs} {
		for _, truth := range d.account.Of(kind) {
			t.tell(&truth, func(kizashi.Alert) {})
		}
	}
	t.tell(&incidents[0], t.acknowledged)
	t.tell(&incidents[1], t.watched)
	t.tell(&incidents[2], t.muted)
	if err := t.play(ctx); err != nil {
		return err
	}
	t.say("%d mails: %s", "メール %d 通: %s", t.sent, filepath.Join(t.dir, "mail"))
	return nil
}

func (t *telling) open() error {
	dir := filepath.Join(t.dir, "mail")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	clock := func() time.Time { return t.now }
	sink, err := mail.New(mail.Config{Name: mailLane, From: "Kizashi <kizashi@example.jp>", To: []string{"当番 <toban@example.jp>"}, Dir: dir, Now: clock})
	if err != nil {
		return err
	}
	cfg := deliver.DefaultConfig()
	t.lane, err = deliver.NewLane(sink, cfg, deliver.Deps{Outbox: t.outbox, Render: t.render, Report: t.report, Clock: deliver.Clock{Now: clock}})
	t.dispatch = dispatch.New(dispatch.Policy{MaxAge: cfg.MaxAge, Handling: handling.Rules{Owners: []handling.OwnerRule{{Owner: "基盤チーム"}}},
		Receivers: []dispatch.Receiver{{Name: route.Default, Interval: 5 * time.Minute,
			Lanes: []dispatch.Lane{{Name: mailLane}}}}}, nil, nil)
	return err
}

// tell plans the alerts of an incident, and what is said of the first one.
func (t *telling) tell(truth *gen.Truth, said func(kizashi.Alert)) {
	as := t.about(truth)
	if len(as) == 0 {
		return
	}
	t.at(truth.From.UTC(), func() { t.line(truth.From, "  "+t.text(truth)) })
	for _, a := range as {
		period := time.Duration(t.outcome.Justifications[a.Justify].Meta.Period)
		begun := alert.AsOf(a, alert.Turn{Seq: 1, State: kizashi.Firing})
		begun.Changed, begun.To = a.Opened.Add(period), a.Opened.Add(period)
		t.at(begun.Changed.UTC(), func() { t.note(begun) })
		if a.State == kizashi.Resolved {
			a.Seq = max(a.Seq, 2)
			t.at(a.Changed.UTC(), func() { t.note(a) })
		}
	}
	said(as[0])
}

func (t *telling) at(when time.Time, do func()) { t.events = append(t.events, event{when, do}) }

func (t *telling) note(a kizashi.Alert) {
	t.alerts[a.ID] = a
	t.dispatch.Note(a)
}

// middle of an alert's time.
func middle(a kizashi.Alert) time.Time { return a.Opened.Add(a.To.Sub(a.Opened) / 2).UTC() }

func (t *telling) acknowledged(a kizashi.Alert) {
	at := a.Opened.UTC().Add(10 * time.Minute)
	t.at(at, func() {
		t.do(alert.Act{Kind: alert.ActAck, At: at, Alert: a.ID},
			"kizashi ack "+a.ID+pick(t.st, "   (sato is at it: no reminders)", "   (佐藤が対応中: 再通知なし)"))
	})
}

// watched is 静観: somebody waits, for a stated time and reason.
func (t *telling) watched(a kizashi.Alert) {
	at, until := a.Opened.UTC().Add(15*time.Minute), middle(a)
	reason := "修正版を今夜リリース予定"
	t.at(at, func() {
		t.do(alert.Act{Kind: alert.ActWatch, At: at, Until: until, Alert: a.ID, Reason: reason, Request: "お客様 田中様", Ticket: "INC-204"},
			fmt.Sprintf("kizashi watch %s --until %s --reason %s", a.ID, until.In(t.zone).Format("2006-01-02T15:04"), reason))
	})
}

// muted is a window in which nothing is delivered; it is judged as ever.
func (t *telling) muted(a kizashi.Alert) {
	from, until := a.Opened.UTC().Add(-30*time.Minute), middle(a)
	reason := "パッチ適用"
	t.at(from, func() {
		t.do(alert.Act{Kind: alert.ActMute, At: from, Until: until, Match: kizashi.Matchers{{Name: "group", Op: "=", Value: a.Group}}, Reason: reason},
			fmt.Sprintf("kizashi mute --match group=%s --until %s --reason %s", a.Group, until.In(t.zone).Format("2006-01-02T15:04"), reason))
	})
}

// do says an act and shows the command that a person would give.
func (t *telling) do(a alert.Act, command string) {
	a.ID, a.Tenant, a.Author, a.Via = fmt.Sprintf("%012x", a.At.Unix()), t.outcome.Alerts[0].Tenant, "佐藤", "cli"
	t.line(kizashi.TimeOf(a.At), "    $ "+command)
	t.acts[a.ID] = &a
	t.dispatch.Say(handling.Said{Act: a})
}

func (t *telling) line(at kizashi.Time, text string) {
	fmt.Fprintf(t.e.out, "  %s%s\n", t.wall(at), text)
}

// play lets the events happen, and dispatch look in between when it asks to.
func (t *telling) play(ctx context.Context) error {
	slices.SortStableFunc(t.events, func(a, b event) int { return a.at.Compare(b.at) })
	var next time.Time
	for i := 0; i < len(t.events); {
		t.now = t.events[i].at
		if !next.IsZero() && next.Before(t.now) {
			t.now = next
		}
		for i < len(t.events) && !t.events[i].at.After(t.now) {
			t.events[i].do()
			i++
		}
		r := t.dispatch.Pass(t.now)
		t.outbox.Put(r.Threads...)
		// A lane whose run has ended tells what is due, and returns.
		ended, end := context.WithCancel(ctx)
		end()
		if err := t.lane.Run(ended, ctx); err != nil {
			return err
		}
		if next = r.Next; !next.IsZero() && !next.After(t.now) {
			return fmt.Errorf("dispatch asks to look again at %s, and it is %s", next, t.now)
		}
	}
	return nil
}

func (t *telling) render(_ context.Context, th alert.Thread) (alert.Notification, error) {
	letter := explain.Letter{Thread: th, Terms: th.Terms, Owner: th.Owner, Act: t.acts[th.By]}
	for _, m := range th.Members {
		a := alert.AsOf(t.alerts[m.Alert], m.Turn)
		letter.Members = append(letter.Members, explain.Episode{Alert: a, Severity: m.Severity, Justification: t.outcome.Justifications[a.Justify]})
	}
	lead, ok := th.Lead()
	if !ok {
		return alert.Notification{}, fmt.Errorf("thread %s has no member", th.ID)
	}
	slices.SortStableFunc(letter.Members, func(a, b explain.Episode) int {
		switch lead.Alert {
		case a.Alert.ID:
			return -1
		case b.Alert.ID:
			return 1
		}
		return 0
	})
	m, err := explain.Compose(letter, explain.Style{Lang: explain.Japanese})
	if err != nil {
		return alert.Notification{}, err
	}
	t.subject = m.Title
	a := letter.Members[0].Alert
	m.Chart, err = t.chart(a)
	return alert.Notification{Alert: a, Severity: lead.Severity, Message: m, Title: m.Title, Summary: m.Lead, Lang: "ja", Justification: a.Justify}, err
}

// chart of an alert's series from a day before it on.
func (t *telling) chart(a kizashi.Alert) (*alert.Chart, error) {
	j := t.outcome.Justifications[a.Justify]
	meta, from := j.Meta, chart.From(a, &j)
	to := kizashi.Forever
	if a.State == kizashi.Resolved {
		to = max(a.To, a.Opened+1)
	}
	d := chart.Data{Zone: t.zone, Unit: meta.Unit, Ahead: chart.AheadOf(&j), Alerts: []kizashi.Stretch{{From: a.Opened, To: to}}}
	for _, p := range t.traces[a.Series].Points {
		if p.At >= from && p.At <= kizashi.TimeOf(t.now) {
			d.Times, d.Values = append(d.Times, p.At), append(d.Values, p.Value)
			d.Lower, d.Upper, d.Expected = append(d.Lower, p.Lower), append(d.Upper, p.Upper), append(d.Expected, p.Expected)
		}
	}
	if len(d.Times) == 0 {
		return nil, nil // a silence: there is nothing to draw
	}
	var b bytes.Buffer
	if err := chart.PNG(&b, d); err != nil {
		return nil, err
	}
	return &alert.Chart{PNG: b.Bytes(), Alt: explain.Clean(meta.Name())}, nil
}

// report shows a mail that went out.
func (t *telling) report(r deliver.Report) {
	if r.Outcome != alert.OutcomeTold {
		return
	}
	t.sent++
	t.line(kizashi.TimeOf(t.now), "    -> "+t.subject)
}
