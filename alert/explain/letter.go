package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Letter is what a message about a thread is written from.
type Letter struct {
	Thread  alert.Thread
	Members []Episode         // those that the message tells, worst first; the first leads
	Terms   []alert.Term      // why the leading one has its severity
	Owner   string            // whose it is: infrastructure, application ...; "" = not said
	Next    []string          // what the owner does now, in the words of the configuration
	Runbook string            // its address
	Acked   int               // how many of the thread's members that fire somebody has acknowledged; told where the message comes because others are not
	Act     *alert.Act        // what Thread.By refers to, where that is an act
	Links   map[string]string // address of an action's form by its name; nil = none is configured
}

// Episode is a member's alert. The leading one has its justification; of the
// others the meta is enough.
type Episode struct {
	Alert         kizashi.Alert
	Severity      alert.Severity
	Justification kizashi.Justification
	Class         string // that its severity came to; "" = the alert's own
}

// mostLines of a message's members; the others are counted.
const mostLines = 10

// Compose writes the message of a thread about alerts. It fails on a thread
// without members, on a style it does not know and on an unknown time zone.
func Compose(l Letter, s Style) (alert.Message, error) {
	if len(l.Members) == 0 {
		return alert.Message{}, errors.New("explain a thread: it has no members")
	}
	lead := l.Members[0]
	t, err := newTeller(lead.Alert, lead.Justification, s)
	if err != nil {
		return alert.Message{}, fmt.Errorf("explain thread %s: %w", Clean(l.Thread.ID), err)
	}
	w := &writer{t, &l}
	if w.listing() {
		return w.summarized(), nil
	}
	m := alert.Message{Title: w.heading(), Lead: w.lead(), Facts: w.facts(), Next: w.next(), Foot: w.foot()}
	m.Lines, m.More = w.memberLines()
	m.Actions = w.actions()
	return m, nil
}

// writer writes one letter.
type writer struct {
	*teller
	l *Letter
}

// listing says that the message lists what is not told one by one.
func (w *writer) listing() bool {
	return w.l.Thread.Reason == alert.ReasonHeldBack || w.l.Thread.Reason == alert.ReasonCaughtUp
}

// summarized lists its members, of which none leads.
func (w *writer) summarized() alert.Message {
	r := reasons[w.l.Thread.Reason]
	n, tenant := w.count(), Clean(w.a.Tenant)
	m := alert.Message{
		Title: w.pick(r.state.en+": "+tenant+", "+Plural(n, "alert"), "【"+r.state.ja+"】"+tenant+" "+Count(n)+"件"),
		Lead:  w.sentence(r)(w),
		Foot:  w.pick("One of them: ", "個別の確認: ") + "kizashi explain " + w.a.ID,
	}
	m.Lines, m.More = w.memberLines()
	return m
}

// heading is one line: urgency, what happened, and what about.
func (w *writer) heading() string {
	what := w.name() + " " + w.what()
	if w.blind() {
		what = "Kizashi " + w.what()
	}
	if w.note() {
		return w.noteTexts().Title
	}
	if several := w.several(); several != "" {
		what = several + w.pick(": ", " ") + what
	}
	if w.Lang == Japanese {
		return "【" + w.urgency() + "】" + what + " " + w.when()
	}
	return w.urgency() + ": " + what + ", " + w.when()
}

// urgency is severity and state: "CRITICAL, FIRING".
func (w *writer) urgency() string {
	state := reasons[w.l.Thread.Reason].state
	word := w.pick(state.en, state.ja)
	if word == "" || w.l.Thread.State == kizashi.Resolved {
		word = w.state()
	}
	if sev := w.severity(w.l.Members[0].Severity); sev != "" && w.l.Thread.State != kizashi.Resolved {
		return sev + w.pick(", ", "・") + word
	}
	return word
}

func (t *teller) severity(s alert.Severity) string {
	switch s {
	case alert.Critical:
		return t.pick("CRITICAL", "緊急")
	case alert.Warning:
		return t.pick("WARNING", "警告")
	case alert.Notice:
		return t.pick("NOTICE", "注意")
	}
	return ""
}

// count is how many episodes the thread tells; not all of them need be here.
func (w *writer) count() int { return max(len(w.l.Thread.Members), len(w.l.Members)) }

// standing is how many of the episodes fire; of a thread that is over, how many
// there were.
func (w *writer) standing() (n int) {
	if w.l.Thread.State == kizashi.Resolved {
		return w.count()
	}
	for _, m := range w.l.Thread.Members {
		if m.Turn.State == kizashi.Firing {
			n++
		}
	}
	return max(n, 1) // the one that leads
}

// several says how many of what: "3 of 8 hosts of service=web"; "" of one that
// is not known to be one of several.
func (w *writer) several() string {
	n, of, things := w.standing(), 0, w.things()
	if w.count() > 1 && w.alike() {
		of = w.l.Thread.Of
	}
	if n < 2 && of <= n {
		return ""
	}
	count := w.pick(Count(n)+" "+things.en, things.ja+Count(n)+things.counter)
	if of > n {
		count = w.pick(fmt.Sprintf("%s of %s %s", Count(n), Count(of), things.en), fmt.Sprintf("%s%s%s中%s%s", things.ja, Count(of), things.counter, Count(n), things.counter))
	}
	if key := w.key(); key != "" {
		return w.pick(count+" of "+key, key+"の"+count)
	}
	return count
}

// alike says that the members are of one metric: only then is the number of
// the series that have it the whole that they are a part of.
func (w *writer) alike() bool {
	return !slices.ContainsFunc(w.l.Members, func(m Episode) bool {
		return m.Alert.Labels.Get("namespace") != w.a.Labels.Get("namespace") || m.Alert.Labels.Get("metric") != w.a.Labels.Get("metric")
	})
}

// key names what the members share.
func (w *writer) key() string {
	var parts []string
	for _, l := range w.l.Thread.Key {
		if l.Value != "" {
			parts = append(parts, Clean(l.Value))
		}
	}
	return strings.Join(parts, " ")
}

// thing is a noun with its Japanese counter.
type thing struct{ en, ja, counter string }

// things names what the members are, where they are told apart by one label
// only; else they are alerts.
func (w *writer) things() thing {
	apart := ""
	for _, m := range w.l.Members[1:] {
		for _, name := range differing(w.l.Members[0].Alert.Labels, m.Alert.Labels) {
			if name == "name" || name == apart {
				continue
			}
			if apart != "" {
				return thing{"alerts", "アラート", "件"}
			}
			apart = name
		}
	}
	switch strings.ToLower(strings.TrimPrefix(apart, "dim_")) {
	case "instanceid", "instance", "host", "hostname":
		return thing{"hosts", "ホスト", "台"}
	case "dbinstanceidentifier":
		return thing{"databases", "DBインスタンス", "台"}
	case "functionname":
		return thing{"functions", "関数", "個"}
	}
	return thing{"alerts", "アラート", "件"}
}

// differing are the names of the labels whose values are not the same.
func differing(a, b kizashi.Labels) (out []string) {
	for _, l := range a {
		if b.Get(l.Name) != l.Value {
			out = append(out, l.Name)
		}
	}
	for _, l := range b {
		if a.Get(l.Name) == "" && !slices.Contains(out, l.Name) {
			out = append(out, l.Name)
		}
	}
	return out
}

// lead says why the message comes, then what is the matter.
func (w *writer) lead() string {
	if w.note() {
		return w.noteTexts().Summary
	}
	r := reasons[w.l.Thread.Reason]
	said := ""
	if say := w.sentence(r); say != nil {
		said = say(w)
	}
	return w.join(said, w.forLay().manager(), w.behind())
}

func (w *writer) sentence(r reasonRow) func(*writer) string {
	if w.Lang == Japanese {
		return r.ja
	}
	return r.en
}

// behind counts what is told through this message only.
func (w *writer) behind() string {
	n := w.l.Thread.Behind
	if n == 0 {
		return ""
	}
	return w.pick(Plural(n, "other alert")+" that would follow from it "+isAre(n)+" not told one by one.", "これに伴うと考えられるほか"+Count(n)+"件は個別に通知していません。")
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// memberLines is a line for each member of several.
func (w *writer) memberLines() (lines []string, more string) {
	ms := w.l.Members
	if len(ms) < 2 && !w.listing() {
		return nil, ""
	}
	for _, m := range ms[:min(len(ms), mostLines)] {
		lines = append(lines, w.line(m))
	}
	if n := w.count() - len(lines); n > 0 {
		more = w.pick("and "+Plural(n, "other"), "ほか"+Count(n)+"件")
	}
	return lines, more
}

// line of one member: urgency, series, value, since when.
func (w *writer) line(m Episode) string {
	t, err := newTeller(m.Alert, m.Justification, w.Style)
	if err != nil {
		t = &teller{Style: w.Style, a: &m.Alert, j: &m.Justification, loc: w.loc, unit: unitOf(m.Justification.Meta.Unit), side: m.Alert.Side, digits: usualDigits}
	}
	word := t.state()
	if sev := t.severity(m.Severity); sev != "" && m.Alert.State == kizashi.Firing {
		word = sev
	}
	what := t.pick(word+" ", "【"+word+"】") + t.name() + " " + t.what()
	if a := m.Alert; a.State == kizashi.Resolved && a.To > a.Opened {
		return what + t.pick(", ", " ") + t.stretch(a.Opened, a.To)
	}
	return what + t.pick(", since ", " ") + t.at(m.Alert.Opened) + t.pick("", "から")
}

// next is what the owner does now.
func (w *writer) next() []string {
	var out []string
	for _, n := range w.l.Next {
		if n = Clean(n); n != "" {
			out = append(out, n)
		}
	}
	if r := Clean(w.l.Runbook); r != "" {
		out = append(out, w.pick("Runbook: ", "手順書: ")+r)
	}
	return out
}

// foot is by what it is found again.
func (w *writer) foot() string {
	a := w.a
	foot := w.pick("Alert ", "アラート ") + a.ID
	if a.Justify != "" {
		foot += w.pick("; recompute the threshold: ", "、"+w.threshold()+"の再計算: ") + "kizashi verify " + a.ID
	}
	return foot
}

// facts in the order of their weight.
func (w *writer) facts() []alert.Fact {
	if w.note() {
		return nil
	}
	var out []alert.Fact
	add := func(en, ja, text string) {
		if text != "" {
			out = append(out, alert.Fact{Name: w.pick(en, ja), Text: text})
		}
	}
	add("Severity", "重要度", w.grounds())
	if !w.blind() {
		add("Value", "実測値", w.valueFact())
		add("Usual", "平常時", w.usualFact())
		add("Line", "該当行", w.lineFact())
	}
	add("Since", "発生", w.wall(w.a.Opened))
	if w.a.State == kizashi.Resolved && w.a.To > w.a.Opened {
		add("Until", "解消", w.wall(w.a.To)+w.pick(" ("+w.duration(w.a.To.Sub(w.a.Opened))+")", "("+w.duration(w.a.To.Sub(w.a.Opened))+"間)"))
	}
	add("Customer", "お客様", Clean(w.a.Tenant))
	add("Owner", "担当", Clean(w.l.Owner))
	add("Class", "区分", w.class())
	for _, s := range w.samples() {
		add("Sample", "出力例", s)
	}
	return out
}

func (w *writer) class() string {
	class := classBy(w.l.Terms, w.a.Class)
	switch class {
	case "act":
		return w.pick("act (to be acted on now)", "要対応(act)")
	case "check":
		return w.pick("check (to be looked at)", "要確認(check)")
	case "record":
		return w.pick("record (kept, told in the digest)", "記録のみ(record)")
	}
	return Clean(class)
}

// lineFact is the pattern of log lines.
func (w *writer) lineFact() string {
	l := w.log()
	if l.Template == "" {
		return ""
	}
	s := w.shown(l.Template, shownTemplate)
	if v := w.level(l.Level); v != "" {
		s = v + w.pick(": ", ":") + s
	}
	if l.Pattern != "" {
		s += w.pick(" (pattern "+Clean(l.Pattern)+")", "(パターンID "+Clean(l.Pattern)+")")
	}
	return s
}

func (w *writer) valueFact() string {
	if w.ofLines() {
		return w.valueLines()
	}
	if !w.a.Opening.Value.Ok() {
		return ""
	}
	s := w.v(w.a.Opening.Value)
	if d := w.deciding(); d != nil && d.Kind == kizashi.Value {
		if l := w.limit(w.voteFact(*d)); l.Ok() {
			s += w.pick(" (limit "+w.v(l)+")", "("+w.limitJa()+w.v(l)+")")
		}
	}
	if p := w.a.Peak; p.Value.Ok() && p.Value != w.a.Opening.Value {
		s += w.pick("; furthest "+w.v(p.Value), "、最大乖離"+w.v(p.Value))
	}
	return s
}

func (w *writer) usualFact() string {
	if w.ofLines() {
		return w.usualLines()
	}
	e, ok := w.find(kizashi.ClaimComparable)
	if !ok {
		return ""
	}
	return w.span(e.Low, e.High) + w.pick(" ("+w.sameHour()+")", "("+w.sameHour()+")")
}

// wallTime of an instant of the wall clock, in the zone of the leading series.
func (w *writer) wallTime(at time.Time) string { return w.at(kizashi.TimeOf(at)) }
