package explain

import (
	"fmt"
	"math"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// What is shown of log lines: the template, its level and id, and masked samples. They
// are what strangers wrote: cleaned, cut and quoted here, escaped by who shows them.

// How much is shown of what a log line holds, in runes.
const (
	shownTitle    = 80  // of a template in a title
	shownTemplate = 240 // and elsewhere
	shownSample   = 240
	shownValue    = 60
)

var noLines kizashi.LogFacts

// log are the facts of an alert about log lines; empty for others.
func (t *teller) log() *kizashi.LogFacts {
	if t.j.Log == nil {
		return &noLines
	}
	return t.j.Log
}

// ofLines says that the alert is about log lines.
func (t *teller) ofLines() bool { return t.j.Log != nil }

// shown quotes what a log line holds.
func (t *teller) shown(s string, most int) string {
	return t.quote(alert.Cut(strings.TrimSpace(Clean(s)), most))
}

// level in words.
func (t *teller) level(l string) string {
	for _, w := range [...][3]string{{"trace", "trace", "トレース"}, {"debug", "debug", "デバッグ"}, {"info", "info", "情報"}, {"warn", "warning", "警告"}, {"error", "error", "エラー"}, {"fatal", "fatal", "致命的"}} {
		if w[0] == l {
			return t.pick(w[1], w[2])
		}
	}
	return ""
}

// whatLines is what is wrong with log lines, without a sentence.
func (t *teller) whatLines(d *kizashi.Vote) string {
	l, n := t.log(), t.lineCount(int(math.Max(0, float64(t.a.Opening.Value))))
	g := t.ground(kizashi.Claim(d.Model))
	of := t.ofTemplate()
	if g == nil || g.Past == nil || len(g.Parts) == 0 {
		return t.pick("has "+n, n) + of
	}
	span := t.duration(g.To.Sub(g.From))
	usual := t.usualCount(float64(g.Usual))
	switch kizashi.Claim(d.Model) {
	case kizashi.ClaimLogNew:
		kind := map[string]word{"error": {"has a new error", "新しいエラー"}, "fatal": {"has a new fatal error", "新しい致命的エラー"}, "warn": {"has a new warning", "新しい警告"}}[l.Level]
		if kind.en == "" {
			kind = word{"has a new line", "新しい行"}
		}
		return t.pick(kind.en, kind.ja) + of
	case kizashi.ClaimLogRare:
		return t.pick("has a rare line again", "稀な行の再出現") + of
	case kizashi.ClaimLogMany:
		return t.pick("has "+Plural(int(g.Stat), "new pattern")+" within an hour", "1時間に新しいパターン"+Count(int(g.Stat))+"種類")
	case kizashi.ClaimLogSurge, kizashi.ClaimLogDrop:
		return t.pick("has "+n+" in "+span+", "+usual+" usual", span+"に"+n+"(平常"+usual+")") + of
	case kizashi.ClaimLogAbsent:
		return t.pick("misses a line since "+t.at(g.Past.To), t.at(g.Past.To)+"から出力なし") + of
	case kizashi.ClaimLogShare:
		if g.Parts[0].Sum > 0 {
			all := int(g.Parts[0].Sum)
			return t.pick("has "+Count(g.Parts[0].Count)+" of "+t.lineCount(all)+" ("+share(g.Parts[0].Count, all)+") that "+t.partEn(g.Parts[0].Count), t.lineCount(all)+"中"+t.lineCount(g.Parts[0].Count)+"("+share(g.Parts[0].Count, all)+")"+t.partJa()) + of
		}
	case kizashi.ClaimLogRatio:
		return t.pick("has a line out of step with the one that it goes with", "対になる行との件数の不一致") + of
	case kizashi.ClaimLogValue:
		return t.pick(fmt.Sprintf("has a new value %s in place %d", t.shown(l.Of, shownValue), l.Slot), fmt.Sprintf("%d番目の可変部に新しい値%s", l.Slot, t.shown(l.Of, shownValue))) + of
	}
	return t.pick("has "+n, n) + of
}

// ofTemplate is the template, as the end of a title.
func (t *teller) ofTemplate() string {
	if l := t.log(); l.Template != "" {
		return t.pick(": ", ":") + t.shown(l.Template, shownTitle)
	}
	if t.log().Part == "" && t.log().Pattern == "" {
		return t.pick(", all lines", "(全行)")
	}
	return ""
}

// pattern tells the template with its level and id.
func (t *teller) pattern() string {
	l := t.log()
	if l.Template == "" && l.Pattern == "" {
		return ""
	}
	s := t.pick("The line", "該当行のパターン")
	if level := t.level(l.Level); level != "" {
		s += t.pick(", level "+level, "(レベル:"+level+")")
	}
	s += t.pick(": ", ":") + t.shown(l.Template, shownTemplate)
	if l.Pattern != "" {
		s += t.pick(" (pattern "+Clean(l.Pattern)+")", "(パターンID "+Clean(l.Pattern)+")")
	}
	s += t.pick(".", "。")
	if l.First != kizashi.Never && l.Lines > 0 {
		s = t.join(s, t.pick(fmt.Sprintf("It was written %s since %s.", t.times(int(l.Lines)), t.at(l.First)), t.at(l.First)+"以降の累計は"+t.lineCount(int(l.Lines))+"。"))
	}
	return s
}

// sampled says whether the samples are of what is counted.
func (t *teller) sampled() bool {
	l := t.log()
	d := t.deciding()
	return len(l.Samples) > 0 && (l.Pattern != "" || l.Part != "" || d != nil && kizashi.Claim(d.Model) == kizashi.ClaimLogMany)
}

// samples are the lines that are shown, one each, newest last.
func (t *teller) samples() (out []string) {
	if !t.sampled() {
		return nil
	}
	for _, s := range t.log().Samples {
		at := t.at(s.At)
		if a, b := s.At.UTC().In(t.loc), t.a.Opened.UTC().In(t.loc); a.YearDay() == b.YearDay() && a.Year() == b.Year() {
			at = a.Format("15:04:05")
		}
		out = append(out, at+" "+alert.Cut(strings.TrimSpace(Clean(s.Text)), shownSample))
	}
	return out
}

// linesShown is the paragraph that shows what was written.
func (t *teller) linesShown() string {
	if !t.ofLines() {
		return ""
	}
	out := t.pattern()
	if s := t.samples(); len(s) > 0 {
		head := t.pick("Lines as written, personal data masked:", "出力された行(個人情報はマスク済み):")
		if out != "" {
			out += "\n"
		}
		out += head + "\n  " + strings.Join(s, "\n  ")
	}
	return out
}

// happenedLines tells what the alert is about to who reads no statistics.
func (t *teller) happenedLines(d *kizashi.Vote) string {
	what := t.whatLines(d)
	return t.pick("By "+t.wall(t.a.Opened)+" log group "+t.name()+" "+what+".", t.wall(t.a.Opened)+"、ロググループ"+t.name()+"で次の事象を検知しました:"+what+"。")
}

// valueLines and usualLines are facts of a message.
func (t *teller) valueLines() string {
	d := t.deciding()
	if d == nil || !t.a.Opening.Value.Ok() {
		return ""
	}
	g := t.ground(kizashi.Claim(d.Model))
	if g == nil || len(g.Parts) == 0 {
		return t.lineCount(int(t.a.Opening.Value))
	}
	if kizashi.Claim(d.Model) == kizashi.ClaimLogMany {
		return t.pick(Plural(int(g.Stat), "new pattern")+" in "+t.duration(g.To.Sub(g.From)), t.duration(g.To.Sub(g.From))+"に新しいパターン"+Count(int(g.Stat))+"種類")
	}
	n := t.lineCount(int(t.a.Opening.Value))
	return t.pick(n+" in "+t.duration(g.To.Sub(g.From)), t.duration(g.To.Sub(g.From))+"に"+n)
}

func (t *teller) usualLines() string {
	d := t.deciding()
	if d == nil {
		return ""
	}
	g := t.ground(kizashi.Claim(d.Model))
	switch kizashi.Claim(d.Model) {
	case kizashi.ClaimLogNew:
		return t.pick("never written before", "過去に出力なし")
	case kizashi.ClaimLogValue:
		return t.pick("never had before", "過去に該当なし")
	case kizashi.ClaimLogSurge, kizashi.ClaimLogDrop, kizashi.ClaimLogShare:
		if g != nil && g.Usual.Ok() {
			return t.usualCount(float64(g.Usual)) + t.pick(" ("+t.weekHour(g.From)+")", "("+t.weekHour(g.From)+")")
		}
	case kizashi.ClaimLogAbsent:
		if g != nil && len(g.Parts) > 0 {
			return t.usualCount(g.Parts[0].Sum)
		}
	}
	return ""
}
