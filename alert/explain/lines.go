package explain

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Sentences about log lines: what is not usual of a log group.

// oddsFrom is from what power of ten on odds are said as one.
const oddsFrom = 6

// power writes ten to so many decades: "150", "10^12".
func (t *teller) power(decades float64) string {
	if decades < oddsFrom {
		return plainNumber(round(math.Pow(10, max(decades, 0)), layDigits))
	}
	n := strconv.Itoa(int(math.Round(decades)))
	return t.pick("10^"+n, "10の"+n+"乗")
}

// lineCount counts lines.
func (t *teller) lineCount(n int) string { return t.pick(Plural(n, "line"), Count(n)+"行") }

// usualCount is a count that is usual: "about 10", "fewer than one".
func (t *teller) usualCount(n float64) string {
	if n < 1 {
		return t.pick("fewer than one", "1行未満")
	}
	if n < 10 {
		return t.pick("about "+plainNumber(round(n, layDigits)), "約"+plainNumber(round(n, layDigits))+"行")
	}
	return t.pick("about "+Count(int(math.Round(n))), "約"+Count(int(math.Round(n)))+"行")
}

// weekHour names an hour of the week, or of a special day: "Tuesdays 12:00".
func (t *teller) weekHour(at kizashi.Time) string {
	w := at.UTC().In(t.loc)
	if d := t.log().Day; d != nil {
		return t.pick(t.dayKind(d.Kind)+" "+w.Format("15:00"), t.dayKind(d.Kind)+"の"+w.Format("15")+"時台")
	}
	return t.pick(w.Weekday().String()+"s "+w.Format("15:00"), string([]rune("日月火水木金土")[w.Weekday()])+"曜"+w.Format("15")+"時台")
}

// counted is what the ground of a vote about lines counts, and over what; ok = the
// justification has it.
func (t *teller) counted(e kizashi.Evidence) (g *kizashi.Ground, n int, ok bool) {
	g = t.ground(e.Claim)
	if g == nil || g.Past == nil || len(g.Parts) == 0 {
		return nil, 0, false
	}
	if e.Count > 0 || g.Parts[0].Count == 0 {
		return g, e.Count, true
	}
	return g, g.Parts[0].Count, true
}

// judged is the stretch of a ground: "5 minutes (Mon 2026-10-05 15:00 to 15:05)".
func (t *teller) judged(g *kizashi.Ground) string {
	return t.long(g) + t.pick(" (", "(") + t.stretch(g.From, g.To) + ")"
}

// long is how long the stretch of a ground is.
func (t *teller) long(g *kizashi.Ground) string {
	s := t.duration(g.To.Sub(g.From))
	if t.Lang == Japanese && !strings.HasSuffix(s, "時間") {
		s += "間"
	}
	return s
}

// improbable says how seldom a count comes, and what is told.
func (t *teller) improbable(g *kizashi.Ground, en, ja string) string {
	trust := float64(g.Past.High)
	all := g.Stat
	if trust > 0 {
		all = g.Stat / trust
	}
	s := t.pick(fmt.Sprintf("By how its counts scatter so %s come once in %s such stretches", en, t.power(all)), "件数のばらつきからみて、これほど"+ja+"のは"+t.power(all)+"区間に1回")
	if trust < .995 {
		s += t.pick(fmt.Sprintf("; as counts went further than that before, it is taken for once in %s", t.power(g.Stat)), "(過去の外れ方を加味すると"+t.power(g.Stat)+"区間に1回)")
	}
	return s + t.pick(fmt.Sprintf(". From once in %s on it is told.", t.power(g.Limit)), "。限度は"+t.power(g.Limit)+"区間に1回。")
}

// beside says how many counts stand out at the same moment.
func (t *teller) beside(e kizashi.Evidence) string {
	if e.Of < 2 {
		return ""
	}
	return t.pick(fmt.Sprintf(" At that moment %s counts of the log group stand out; those furthest beyond their limits are told.", Count(e.Of)),
		"同じ時点でこのロググループの"+Count(e.Of)+"系列が限度を超過(超過の大きいものから通知)。")
}

func surgeSaid(t *teller, e kizashi.Evidence) string {
	g, n, ok := t.counted(e)
	if !ok {
		return t.stood(e)
	}
	return t.pick(fmt.Sprintf("Written %s in %s; at %s %s %s usual. ", t.times(n), t.judged(g), t.weekHour(g.From), t.usualCount(float64(g.Usual)), isAreUsual(float64(g.Usual))),
		fmt.Sprintf("%sに%s出力(%sの平常は%s)。", t.judged(g), t.lineCount(n), t.weekHour(g.From), t.usualCount(float64(g.Usual)))) +
		t.improbable(g, "many", "多い") + t.beside(e)
}

// isAreUsual of a count.
func isAreUsual(n float64) string {
	if n < 1.05 {
		return "is"
	}
	return "are"
}

func dropSaid(t *teller, e kizashi.Evidence) string {
	g, n, ok := t.counted(e)
	if !ok {
		return t.stood(e)
	}
	return t.pick(fmt.Sprintf("Written %s in %s; at %s %s are usual. ", t.times(n), t.judged(g), t.weekHour(g.From), t.usualCount(float64(g.Usual))),
		fmt.Sprintf("%sに%sのみ出力(%sの平常は%s)。", t.judged(g), t.lineCount(n), t.weekHour(g.From), t.usualCount(float64(g.Usual)))) +
		t.improbable(g, "few", "少ない") + t.beside(e)
}

func shareSaid(t *teller, e kizashi.Evidence) string {
	g, n, ok := t.counted(e)
	if !ok || g.Parts[0].Sum <= 0 {
		return t.stood(e)
	}
	of := int(g.Parts[0].Sum)
	usual := share(int(math.Round(1000*float64(g.Usual)/g.Parts[0].Sum)), 1000)
	return t.pick(fmt.Sprintf("Of %s in %s %s (%s) %s; %s is usual. ", t.lineCount(of), t.judged(g), Count(n), share(n, of), t.partEn(n), usual),
		fmt.Sprintf("%sの%s中%s(%s)%s(平常は%s)。", t.judged(g), t.lineCount(of), t.lineCount(n), share(n, of), t.partJa(), usual)) +
		t.improbable(g, "many", "多い") + t.beside(e)
}

// partEn says what part of lines is counted, as the end of a sentence.
func (t *teller) partEn(n int) string {
	l := t.log()
	are := isAre(n)
	switch l.Part {
	case "level":
		return are + " " + map[string]string{"error": "errors", "warn": "warnings"}[l.Of]
	case "status":
		return "have an HTTP status of " + alert.Cut(Clean(l.Of), shownValue)
	case "value":
		return fmt.Sprintf("have %s in place %d", t.shown(l.Of, shownValue), l.Slot)
	case "high":
		return fmt.Sprintf("have a number above %s in place %d", t.v(l.Bound), l.Slot)
	case "low":
		return fmt.Sprintf("have a number below %s in place %d", t.v(l.Bound), l.Slot)
	}
	return are + " of this kind"
}

func (t *teller) partJa() string {
	l := t.log()
	switch l.Part {
	case "level":
		return "が" + map[string]string{"error": "エラー", "warn": "警告"}[l.Of]
	case "status":
		return "がHTTPステータス" + alert.Cut(Clean(l.Of), shownValue)
	case "value":
		return fmt.Sprintf("で%d番目の可変部が%s", l.Slot, t.shown(l.Of, shownValue))
	case "high":
		return fmt.Sprintf("で%d番目の可変部の数値が%sを超過", l.Slot, t.v(l.Bound))
	case "low":
		return fmt.Sprintf("で%d番目の可変部の数値が%sを下回る", l.Slot, t.v(l.Bound))
	}
	return "が該当"
}

func absentSaid(t *teller, e kizashi.Evidence) string {
	g, _, ok := t.counted(e)
	if !ok || !(g.Usual > 0) {
		return t.stood(e)
	}
	p, mean := g.Past, float64(g.Usual)
	s := t.pick(fmt.Sprintf("Missing: the last came at %s, and in the %s since then %s would be usual. ", t.at(p.To), t.duration(g.To.Sub(g.From)), t.usualCount(g.Parts[0].Sum)),
		fmt.Sprintf("%sを最後に出力なし。以後%sの平常の出力は%s。", t.at(p.To), t.duration(g.To.Sub(g.From)), t.usualCount(g.Parts[0].Sum)))
	return s + t.pick(fmt.Sprintf("That is %s times the usual wait; the longest so far, of %s, was %s times. From %s times on it is told.", one(g.Stat/mean), Plural(p.Count, "wait"), one(float64(p.High)/mean), one(g.Limit/mean)),
		fmt.Sprintf("待ち時間は普段の%s倍(これまでの%s回の最長は%s倍、限度は%s倍)。", one(g.Stat/mean), Count(p.Count), one(float64(p.High)/mean), one(g.Limit/mean))) + t.beside(e)
}

func manySaid(t *teller, e kizashi.Evidence) string {
	g, n, ok := t.counted(e)
	if !ok {
		return t.stood(e)
	}
	most := int(g.Past.High)
	return t.pick(fmt.Sprintf("%s within %s; the most within any hour since %s was %s. From %s on it is told.", Plural(n, "new pattern"), t.judged(g), t.at(g.Past.From), Count(most), Count(int(g.Limit)+1)),
		fmt.Sprintf("%sに新しいパターンが%s種類出現(%s以降の1時間あたりの最多は%s種類、%s種類以上で通知)。", t.judged(g), Count(n), t.at(g.Past.From), Count(most), Count(int(g.Limit)+1)))
}

func ratioSaid(t *teller, e kizashi.Evidence) string {
	g := t.ground(e.Claim)
	if g == nil || g.Past == nil || len(g.Parts) != 2 {
		return t.stood(e)
	}
	many, few, times := g.Parts[0].Count, g.Parts[1].Count, int(g.Usual)
	en, ja := "as often as", "同数"
	if times > 1 {
		en, ja = Count(times)+" times as often as", Count(times)+"倍"
	}
	s := t.pick(fmt.Sprintf("Two lines are not in step: in %s one was written %s, and the other %s, where in %s of %s hours the one came %s the other. ", t.judged(g), t.times(many), t.times(few), Count(g.Past.Count), Count(g.Past.Of), en),
		fmt.Sprintf("対になる2種類の行の件数が不一致。%sに一方は%s、他方は%s(過去%s時間中%s時間は%s)。", t.judged(g), t.lineCount(many), t.lineCount(few), Count(g.Past.Of), Count(g.Past.Count), ja))
	s += t.pick(fmt.Sprintf("They are off by %s; the most so far was %s, and from %s on it is told.", t.lineCount(int(g.Stat)), Count(int(g.Past.High)), Count(int(g.Limit)+1)),
		fmt.Sprintf("食い違いは%s(過去最大%s、%s以上で通知)。", t.lineCount(int(g.Stat)), t.lineCount(int(g.Past.High)), t.lineCount(int(g.Limit)+1)))
	if l := t.log(); l.Part == "ratio" && l.Of != "" {
		s += t.pick(" The other line: ", "対になる行:") + t.shown(l.Of, shownTemplate) + t.pick(".", "。")
	}
	return s + t.beside(e)
}

// seldom says for how long there was none of a kind, and what is asked for.
func (t *teller) seldom(g *kizashi.Ground, en, ja string) string {
	days := time.Duration(g.Stat * 24 * float64(time.Hour)).Round(time.Minute)
	limit := time.Duration(g.Limit * 24 * float64(time.Hour)).Round(time.Minute)
	asked := time.Duration(float64(g.R) / max(g.Share, 1e-9)).Round(time.Minute)
	switch {
	case g.Past.Count > 0:
		return t.pick(fmt.Sprintf("The last %s before was %s ago; after %s without one it is told.", en, t.duration(days), t.duration(limit)),
			fmt.Sprintf("前回の%sから%s経過(%s以上の間隔で通知)。", ja, t.duration(days), t.duration(limit)))
	case asked > limit:
		return t.pick(fmt.Sprintf("It is the first %s in all the %s that the log group is known; the first two days do not count. Later it takes %s without one.", en, t.duration(days), t.duration(asked)),
			fmt.Sprintf("このロググループの監視を始めてから%sで最初の%s(最初の2日間は対象外)。以後は%s以上の間隔で通知。", t.duration(days), ja, t.duration(asked)))
	}
	return t.pick(fmt.Sprintf("It is the first %s in the %s that the log group is known; after %s without one it is told.", en, t.duration(days), t.duration(limit)),
		fmt.Sprintf("このロググループの監視を始めてから%sで最初の%s(%s以上の間隔で通知)。", t.duration(days), ja, t.duration(limit)))
}

func newSaid(t *teller, e kizashi.Evidence) string {
	g, n, ok := t.counted(e)
	if !ok {
		return t.stood(e)
	}
	en, ja := "new pattern", "新しいパターン"
	switch t.log().Level {
	case "error", "fatal":
		en, ja = "new error", "新しいエラー"
	case "warn":
		en, ja = "new warning", "新しい警告"
	}
	s := t.pick("This line was never written before. ", "過去に出力されたことのない行。")
	if busy := g.To.Sub(g.From) > time.Minute; busy {
		en, ja = en+" that goes on to come", "継続する"+ja
		s += t.pick(fmt.Sprintf("It came %s since %s. ", t.times(n), t.at(g.From)), fmt.Sprintf("%sから%s出力。", t.at(g.From), t.lineCount(n)))
	} else if n > 1 {
		s += t.pick(fmt.Sprintf("It came %s within a minute. ", t.times(n)), fmt.Sprintf("1分間に%s出力。", t.lineCount(n)))
	}
	return s + t.seldom(g, en, ja)
}

func rareSaid(t *teller, e kizashi.Evidence) string {
	g, _, ok := t.counted(e)
	if !ok {
		return t.stood(e)
	}
	s := t.pick("This line was written on one day only so far, more than a week ago, and is back. ", "過去に1日だけ、1週間以上前に出力された行が再び出力。")
	return s + t.seldom(g, "return of that kind", "同種の再出現")
}

func valueSaid(t *teller, e kizashi.Evidence) string {
	g, _, ok := t.counted(e)
	if !ok {
		return t.stood(e)
	}
	l := t.log()
	s := t.pick(fmt.Sprintf("Place %d of this line, which has had few values, has a new one: %s. ", l.Slot, t.shown(l.Of, shownValue)),
		fmt.Sprintf("取る値が限られている%d番目の可変部に、新しい値%sが出現。", l.Slot, t.shown(l.Of, shownValue)))
	return s + t.seldom(g, "new value", "新しい値")
}

// Sentences about what a limit of lines rests on.

func (t *teller) readWindow(e kizashi.Evidence) string {
	if e.Count == 0 || e.Of == 0 {
		return t.pick("The log group was not read before.", "それ以前の読み取りなし。")
	}
	return t.pick(fmt.Sprintf("Learned from %s %s: %s of %s used (%s); a minute in which the log group was read and had no such line counts as 0.", t.stretch(e.From, e.To), t.zone(e.To), Count(e.Count), Plural(e.Of, "minute"), share(e.Count, e.Of)),
		fmt.Sprintf("学習期間%s(%s)、%s分中%s分使用(%s)。読み取った分に該当行がなければ0行と数える。", t.stretch(e.From, e.To), t.zone(e.To), Count(e.Of), Count(e.Count), share(e.Count, e.Of)))
}

func (t *teller) unread(e kizashi.Evidence) string {
	return t.pick(Plural(e.Count, "minute")+" could not be read: how many lines they had is not known.", Count(e.Count)+"分は読み取れず、行数不明。")
}

// likeStretch names the stretches that are compared.
func (t *teller) likeStretch() string {
	d := t.deciding()
	if d == nil {
		return t.pick("the same stretch of other days", "他の日の同時刻")
	}
	g := t.ground(kizashi.Claim(d.Model))
	if g == nil {
		return t.pick("the same stretch of other days", "他の日の同時刻")
	}
	at := g.From.UTC().In(t.loc).Format("15:04")
	return t.pick("the "+t.long(g)+" from "+at+" on", at+"からの"+t.long(g))
}

func (t *teller) likeLines(e kizashi.Evidence) string {
	return t.pick(fmt.Sprintf("On %s before, %s had %s of these lines, median %s.", Plural(e.Count, "day"), t.likeStretch(), t.span(e.Low, e.High), t.v(e.Value)),
		fmt.Sprintf("%s(過去%s日分)の該当行数:最小・中央・最大 %s。", t.likeStretch(), Count(e.Count), t.values("・", e.Low, e.Value, e.High)))
}

func (t *teller) fewLines(e kizashi.Evidence) string {
	if e.Count == 0 {
		return t.pick("No day before could be compared, so the limit is less certain.", "比較できる過去の日は"+t.layJa("ありません。このため確度は下がります。", "なし、確度は低下。"))
	}
	return t.pick("Only "+Plural(e.Count, "day")+" before could be compared, so the limit is less certain.", "比較できるのは過去"+Count(e.Count)+"日分のみ"+t.layJa("です。このため確度は下がります。", "、確度は低下。"))
}

// unproven says that the log group is not known for as long as a kind of alert is
// meant to stay away.
func (t *teller) unproven(e kizashi.Evidence) string {
	age, asked := t.duration(seconds(e.Value)), t.duration(seconds(e.High))
	if t.lay && t.Lang == Japanese {
		return "目標とする頻度には" + asked + "の間隔が必要ですが、監視を始めてから" + age + "のため、誤検知の頻度はまだ確認できていません。"
	}
	return t.pick("The target asks for "+asked+" without one of the kind, and the log group is known for "+age+" only: how often such an alert is false is not known yet.",
		"目標の頻度に必要な間隔は"+asked+"だが、監視実績は"+age+"。誤検知の頻度は未確認。")
}

// Sentences about what happened to patterns.

func (t *teller) patternAct(text string) (en, ja string) {
	do, id, _ := strings.Cut(text, " ")
	for _, w := range [...][3]string{{"pin", "pinned", "固定"}, {"unpin", "no longer pinned", "固定解除"}, {"name", "named", "命名"}, {"split", "split", "分割"}, {"merge", "merged into another", "統合"}, {"seed", "made by hand", "登録"}} {
		if w[0] == do {
			return w[1], w[2]
		}
	}
	return Clean(do + " " + id), Clean(do)
}

func patternEn(t *teller, e kizashi.Evidence) string {
	en, _ := t.patternAct(e.Text)
	return "By a person's decision a pattern of log lines was " + en + idOf(e.Text, " (", ")") + "."
}

func patternJa(t *teller, e kizashi.Evidence) string {
	_, ja := t.patternAct(e.Text)
	return "指定によりログパターンを" + ja + idOf(e.Text, "(", ")") + "。"
}

// idOf is the id in what was decided.
func idOf(text, open, end string) string {
	if _, id, _ := strings.Cut(text, " "); id != "" {
		return open + Clean(id) + end
	}
	return ""
}

func noPatternEn(t *teller, e kizashi.Evidence) string {
	return "What a person decided of a pattern of log lines could not be done: " + t.quote(e.Text) + "."
}

func noPatternJa(t *teller, e kizashi.Evidence) string {
	return "ログパターンへの指定は実行不可:" + t.quote(e.Text) + "。"
}

func forgotEn(t *teller, e kizashi.Evidence) string {
	return "The line that did not come since " + t.at(e.From) + " is not expected any more."
}

func forgotJa(t *teller, e kizashi.Evidence) string {
	return t.at(e.From) + "から出力のない行は、今後は出力を見込まない。"
}

func lineSaidEn(t *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return "What a person said of " + t.stretch(e.From, e.To) + " changes nothing that was learned: it came as it was learned, it cannot be followed any more, or nothing is learned of such a thing but that it happened."
	}
	return "What a person said of " + t.stretch(e.From, e.To) + " was taken into what is usual, with " + Plural(e.Count, "correction") + " to hours, shares and waits. How far counts scatter stays as it was learned."
}

func lineSaidJa(t *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return t.stretch(e.From, e.To) + "への指定による学習内容の変更はなし(実績どおり学習済み、遡って修正できない期間、または学習の対象外)。"
	}
	return t.stretch(e.From, e.To) + "への指定を平常値に反映(" + Count(e.Count) + "件の時間帯・割合・間隔を修正。件数のばらつきは修正しない)。"
}

func looseEn(_ *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return "The lines of the log group cluster again: counts by pattern mean something."
	}
	return "The lines of the log group do not cluster: " + Count(e.Count) + " of " + Plural(e.Of, "line") + " are alone in their pattern, or in none. Counts by pattern say little here; those of all lines, levels and status hold."
}

func looseJa(_ *teller, e kizashi.Evidence) string {
	if e.Count == 0 {
		return "ロググループの行が再びパターンにまとまるようになり、パターン別の件数は有効。"
	}
	return "ロググループの行がパターンにまとまらない(" + Count(e.Of) + "行中" + Count(e.Count) + "行が1行だけのパターン、またはその他)。パターン別の件数は参考にならず、全行数・レベル・ステータスの件数は有効。"
}

// ids are the two of a pattern that is found elsewhere.
func ids(e kizashi.Evidence) (was, is string) {
	was, is, _ = strings.Cut(Clean(e.Text), " ")
	return was, is
}

func renamedEn(t *teller, e kizashi.Evidence) string {
	was, is := ids(e)
	return "Pattern " + was + " has the id " + is + " since " + t.at(e.From) + "; its counts stay under " + was + "."
}

func renamedJa(t *teller, e kizashi.Evidence) string {
	was, is := ids(e)
	return "ログパターン" + was + "のIDは" + t.at(e.From) + "から" + is + "に変更(件数の記録は引き続き" + was + ")。"
}

func movedLinesEn(t *teller, e kizashi.Evidence) string {
	was, is := ids(e)
	return "What was counted as pattern " + was + " is counted as pattern " + is + " since " + t.at(e.From) + "; what was stored before stays under " + was + "."
}

func movedLinesJa(t *teller, e kizashi.Evidence) string {
	was, is := ids(e)
	return "ログパターン" + was + "の行は" + t.at(e.From) + "から" + is + "として集計(それ以前の件数は" + was + "に記録)。"
}

func lineDueEn(t *teller, e kizashi.Evidence) string {
	return "By its usual wait it was due by " + t.at(e.From) + "; it is told at the latest " + t.duration(seconds(e.Value)) + " after it was due, plus the time until lines are read (every 5 or 15 minutes with many log groups)."
}

func lineDueJa(t *teller, e kizashi.Evidence) string {
	return "普段の間隔では" + t.at(e.From) + "までに出力される見込み。通知は遅くとも見込み時刻の" + t.duration(seconds(e.Value)) + "後(ログの読み取りまでの時間は別途加わる。ロググループが多い場合、読み取りは5分または15分ごと)。"
}
