package explain

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/calendar"
)

// Day is what a digest tells of a tenant's day.
type Day struct {
	Tenant   string
	Zone     string       // IANA name of the tenant's wall time; "" = UTC
	From, To kizashi.Time // the day; To is when the digest was due
	Begun    []Episode    // alerts that began in it; of class record too
	Open     []Episode    // those, and earlier ones, that stand at its end
	Jobs     []Job        // declared jobs that were due in it
	Muted    []alert.Act  // mutes in force at its end
	Watched  []alert.Act  // 静観 in force at its end
	Asked    []alert.Act  // acts until further notice whose reminder has come: are they still wanted? Mutes among them are in Muted too
	HeldBack int          // alerts that a cap held back from the lane that is told
	Stranded int          // alerts of class act that no receiver takes
}

// Job is a run of something that has to come at its time.
type Job struct {
	Name string
	Due  kizashi.Time
	Came kizashi.Time // Never = it did not
	Late bool         // it came behind its time, or has not come and its time is over
	Dark bool         // it has not come as far as could be seen, and Kizashi could not see all of its time
}

// Digest writes the message of a tenant's day. What did not happen is said
// too: a reader who gets no digest knows that Kizashi is gone.
func Digest(d Day, s Style) (alert.Message, error) {
	if err := s.Check(); err != nil {
		return alert.Message{}, fmt.Errorf("digest of %s: %w", Clean(d.Tenant), err)
	}
	zone, err := calendar.Load(d.Zone)
	if err != nil {
		return alert.Message{}, fmt.Errorf("digest of %s: %w", Clean(d.Tenant), err)
	}
	t := &teller{Style: s, a: &kizashi.Alert{}, j: &kizashi.Justification{}, loc: zone.Location(), digits: usualDigits}
	w := &writer{t, &Letter{}}
	when := t.stretch(d.From, d.To) + t.pick(" "+t.zone(d.To), "("+t.zone(d.To)+")")
	m := alert.Message{
		Title: t.pick("DIGEST: "+Clean(d.Tenant)+", "+when, "【日次まとめ】"+Clean(d.Tenant)+" "+when),
		Lead:  w.dayInShort(d),
		Facts: w.dayFacts(d),
		Foot:  t.pick("All of it: ", "詳細: ") + "kizashi status",
	}
	d.Begun, d.Open, d.Jobs = worstFirst(d.Begun), worstFirst(d.Open), failedFirst(d.Jobs)
	m.Lines, m.More = w.dayLines(d)
	return m, nil
}

// worstFirst orders alerts by severity, then by when they began: what is cut
// from a list is what matters least.
func worstFirst(es []Episode) []Episode {
	return slices.SortedStableFunc(slices.Values(es), func(a, b Episode) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Alert.Opened, b.Alert.Opened))
	})
}

// failedFirst orders jobs by how they went: not done, not seen, late, done;
// then by when they were due.
func failedFirst(js []Job) []Job {
	went := func(j Job) int {
		switch {
		case j.Came == kizashi.Never && !j.Dark:
			return 0
		case j.Came == kizashi.Never:
			return 1
		case j.Late:
			return 2
		}
		return 3
	}
	return slices.SortedStableFunc(slices.Values(js), func(a, b Job) int {
		return cmp.Or(went(a)-went(b), cmp.Compare(a.Due, b.Due))
	})
}

func (w *writer) dayInShort(d Day) string {
	begun, open := len(d.Begun), len(d.Open)
	switch {
	case begun == 0 && open == 0:
		return w.pick("No alert began, and none stands.", "新たなアラートはなく、継続中のものもありません。")
	case open == 0:
		return w.pick(Plural(begun, "alert")+" began; none stands now.", "アラートは"+Count(begun)+"件発生し、すべて解消しています。")
	}
	return w.pick(Plural(begun, "alert")+" began; "+Count(open)+" still "+standEn(open)+".", "アラートの発生は"+Count(begun)+"件、継続中は"+Count(open)+"件です。")
}

func standEn(n int) string {
	if n == 1 {
		return "stands"
	}
	return "stand"
}

// dayFacts are numbers of the day; jobs and mutes are said even where there
// are none of their kind that deserve a line.
func (w *writer) dayFacts(d Day) []alert.Fact {
	var out []alert.Fact
	add := func(on bool, en, ja, text string) {
		if on {
			out = append(out, alert.Fact{Name: w.pick(en, ja), Text: text})
		}
	}
	act, check, record := perClass(d.Begun)
	add(len(d.Begun) > 0, "Began", "発生", w.pick(
		fmt.Sprintf("act %d, check %d, record %d", act, check, record),
		fmt.Sprintf("要対応%d件、要確認%d件、記録のみ%d件", act, check, record)))
	add(len(d.Jobs) > 0, "Jobs", "ジョブ", w.outcomes(d.Jobs))
	add(true, "Muted", "通知抑止中", w.pick(Plural(len(d.Muted), "mute"), Count(len(d.Muted))+"件"))
	add(true, "Watched", "静観中", w.pick(Plural(len(d.Watched), "alert"), Count(len(d.Watched))+"件"))
	add(len(d.Asked) > 0, "To be confirmed", "継続確認", w.pick(Plural(len(d.Asked), "act")+" until further notice", "期限なしの設定"+Count(len(d.Asked))+"件"))
	add(d.HeldBack > 0, "Held back by a cap", "通知上限により保留", w.pick(Plural(d.HeldBack, "alert"), Count(d.HeldBack)+"件"))
	add(d.Stranded > 0, "Reaches nobody", "通知先なし", w.pick(Plural(d.Stranded, "alert")+" of class act", "要対応のアラート"+Count(d.Stranded)+"件"))
	return out
}

func perClass(es []Episode) (act, check, record int) {
	for _, e := range es {
		switch cmp.Or(e.Class, e.Alert.Class) {
		case "act":
			act++
		case "record":
			record++
		default:
			check++
		}
	}
	return act, check, record
}

// outcomes counts jobs that were done in time, late, not, and perhaps not.
func (w *writer) outcomes(js []Job) string {
	var done, late, failed, dark int
	for _, j := range js {
		switch {
		case j.Came != kizashi.Never && j.Late:
			late++
		case j.Came != kizashi.Never:
			done++
		case j.Dark:
			dark++
		default:
			failed++
		}
	}
	s := w.pick(fmt.Sprintf("%d done, %d late, %d did not come", done, late, failed), fmt.Sprintf("正常終了%d件、遅延%d件、未完了%d件", done, late, failed))
	if dark > 0 {
		s += w.pick(fmt.Sprintf(", %d could not be seen", dark), fmt.Sprintf("、確認不能%d件", dark))
	}
	return s
}

// dayLines list what stands, what began, jobs, mutes and watches, each kind
// cut at mostLines and counted.
func (w *writer) dayLines(d Day) (lines []string, more string) {
	cut := 0
	list := func(n int, line func(int) string) {
		for i := range min(n, mostLines) {
			lines = append(lines, line(i))
		}
		cut += max(0, n-mostLines)
	}
	list(len(d.Open), func(i int) string { return w.line(d.Open[i]) })
	over := ended(d.Begun)
	list(len(over), func(i int) string { return w.line(over[i]) })
	list(len(d.Jobs), func(i int) string { return w.jobLine(d.Jobs[i]) })
	list(len(d.Asked), func(i int) string { return w.askLine(d.Asked[i]) })
	list(len(d.Watched), func(i int) string {
		return w.actLine(d.Watched[i], d.To, w.pick("WATCHED", "静観中"))
	})
	muted := slices.DeleteFunc(slices.Clone(d.Muted), func(a alert.Act) bool {
		return slices.ContainsFunc(d.Asked, func(b alert.Act) bool { return a.ID == b.ID })
	})
	list(len(muted), func(i int) string { return w.actLine(muted[i], d.To, w.pick("MUTED", "抑止中")) })
	if cut > 0 {
		more = w.pick("and "+Plural(cut, "other"), "ほか"+Count(cut)+"件")
	}
	return lines, more
}

func ended(es []Episode) (out []Episode) {
	for _, e := range es {
		if e.Alert.State == kizashi.Resolved {
			out = append(out, e)
		}
	}
	return out
}

func (w *writer) jobLine(j Job) string {
	due := w.pick(", due ", " 予定") + w.at(j.Due)
	switch {
	case j.Came == kizashi.Never && j.Dark:
		return w.pick("NOT SEEN ", "【確認不能】") + Clean(j.Name) + due
	case j.Came == kizashi.Never:
		return w.pick("NOT DONE ", "【未完了】") + Clean(j.Name) + due
	case j.Late:
		return w.pick("LATE ", "【遅延】") + Clean(j.Name) + due + w.pick(", done ", "、完了") + w.at(j.Came)
	}
	return w.pick("DONE ", "【正常終了】") + Clean(j.Name) + w.pick(", ", " ") + w.at(j.Came)
}

// actLine is a mute or a watch with the days that are left of it.
func (w *writer) actLine(a alert.Act, now kizashi.Time, word string) string {
	s := w.pick(word+" ", "【"+word+"】") + w.aboutOf(a) + ": " + w.quote(a.Reason) + w.pick(", ", "、") + Clean(a.Author)
	switch {
	case a.Until.IsZero() && a.Window != "":
		return s + w.pick(", ", "、") + Clean(a.Window)
	case a.Until.IsZero():
		return s + w.pick(", asked again on ", "、再確認") + w.wallTime(a.Remind)
	}
	left := a.Until.Sub(now.UTC())
	return s + w.pick(", until "+w.wallTime(a.Until)+" ("+w.left(left)+" left)", "、期限"+w.wallTime(a.Until)+"(残り"+w.left(left)+")")
}

// askLine is an act until further notice of which nobody has said for long
// that it is wanted.
func (w *writer) askLine(a alert.Act) string {
	w = &writer{w.teller, &Letter{Act: &a}}
	return w.pick("STILL WANTED? ", "【継続確認】") + w.pick(lasting[a.Kind].name.en+" of ", lasting[a.Kind].name.ja+" ") + w.about() + ": " + w.quote(a.Reason) +
		w.pick(", ", "、") + Clean(a.Author) + w.pick(", since ", "、") + w.wallTime(since(a)) + w.pick("; end it: ", "から、解除: ") + "kizashi undo " + a.ID
}

// left rounds to whole days from two days on, else to hours, else to minutes.
func (w *writer) left(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day:
		d = d.Truncate(day)
	case d >= 2*time.Hour:
		d = d.Truncate(time.Hour)
	default:
		d = max(d.Truncate(time.Minute), 0)
	}
	return w.duration(d)
}
