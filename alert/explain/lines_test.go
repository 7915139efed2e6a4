package explain

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kizashi-ops/kizashi"
)

// Stories about log lines. Their numbers are those of justifications that verify
// accepts, rounded.

const (
	minute1 = kizashi.Time(60_000)
	group   = "/ecs/shop/app"
)

// lineStory is an alert about log lines with one vote.
func lineStory(name, model string, side kizashi.Side, value kizashi.Num, unit string, stat, limit float64, f kizashi.LogFacts, ground kizashi.Ground) story {
	labels := map[string]string{"account": "123456789012", "region": "ap-northeast-1", "log_group": group}
	if f.Pattern != "" {
		labels["pattern"] = f.Pattern
	} else {
		labels["lines"] = "all"
	}
	m := metaOf("", "Count")
	m.Labels = kizashi.LabelsOf(labels)
	m.Identity, m.Statistic, m.Series = m.Labels, "Sum", kizashi.IDOf("acme", m.Labels)
	v := kizashi.Vote{Model: model, Kind: kizashi.EvidenceVote, Side: side, Crossed: true, Stat: stat, Limit: limit, Unit: unit, Center: none, Lower: none, Upper: none}
	s := make1(name, m, side, value, v)
	s.j.Record = nil
	s.a.Opening.Verdict.State, s.j.Opening.Verdict.State = kizashi.Judged, kizashi.Judged
	f.Group = group
	if f.Bound == 0 {
		f.Bound = none
	}
	s.j.Log = &f
	g := ground
	g.Model, g.Side, g.Stat, g.Limit, g.Unit, g.R, g.To = model, side, stat, limit, unit, s.j.Settings.R, opened+minute1
	if len(g.Parts) == 1 {
		g.Parts[0].From, g.Parts[0].To = g.From, g.To
	}
	s.j.Grounds = []kizashi.Ground{g}
	count := int(value)
	s.j.Evidence = []kizashi.Evidence{
		{Claim: kizashi.Claim(model), Value: kizashi.Num(stat), Low: none, High: kizashi.Num(limit), Count: count, Of: 1, From: g.From, To: g.To, Unit: unit},
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20160, 20160)),
	}
	return s
}

// more appends facts that stand before the last one, the time to detection.
func (s story) more(es ...kizashi.Evidence) story {
	s.j.Evidence = append(s.j.Evidence, es...)
	s.j.Evidence = append(s.j.Evidence, fact(kizashi.ClaimDetection, nums(none, 240, 480)))
	return s
}

func countOf(from kizashi.Time, n int, sum float64, usual, scale kizashi.Num, p kizashi.Past) kizashi.Ground {
	return kizashi.Ground{From: from, Parts: []kizashi.Part{{Count: n, Sum: sum}}, Usual: usual, Scale: scale, Past: &p}
}

func like(low, median, high kizashi.Num) kizashi.Evidence {
	return fact(kizashi.ClaimComparable, nums(median, low, high), counts(14, 0))
}

func targetOf(low, high kizashi.Num) kizashi.Evidence {
	return fact(kizashi.ClaimTarget, nums(28*day, low, high))
}

var refused = kizashi.LogFacts{Pattern: "4be0c0ffee123456", Template: "connection refused by upstream <*> after <*> attempts", Level: "error",
	First: opened - 12*24*hour, Lines: 1893, Samples: []kizashi.LogLine{
		{At: opened - 40_000, Text: "2026-10-05 15:01:20.114 ERROR [http-2] connection refused by upstream pay-3 after 5 attempts"},
		{At: opened + 11_000, Text: "2026-10-05 15:02:11.502 ERROR [http-1] connection refused by upstream pay-3 after 5 attempts, user <email>"},
	}}

// shop are facts that are somebody's: as refused, but for what change does.
func shop(change func(*kizashi.LogFacts)) kizashi.LogFacts {
	f := refused
	change(&f)
	return f
}

func lineStories() []story {
	began := opened - 40*24*hour
	five, anHour := opened-4*minute1, opened-59*minute1
	odds := kizashi.Past{From: began, To: five, Count: 240, Of: 100, Low: 3.1, High: .59}
	payment := func(f *kizashi.LogFacts) {
		f.Template, f.Level, f.Samples = "決済に失敗しました: 注文番号=<*> 理由=<*>", "error", []kizashi.LogLine{{At: opened, Text: "2026-10-05 15:02:00.1 ERROR 決済に失敗しました: 注文番号=99 理由=残高不足"}}
	}
	firstRun := func(f *kizashi.LogFacts) { f.First, f.Lines = opened, 3 }
	return []story{
		lineStory("log_new", "log_new", kizashi.Up, 3, "d", 40, 38, shop(firstRun),
			countOf(opened, 3, 0, none, none, kizashi.Past{From: began, To: opened, Low: none, High: none})).share(.25).
			more(targetOf(none, none), fact(kizashi.ClaimExtrapolated, nums(40*day, none, 112*day))),
		lineStory("log_new_again", "log_new", kizashi.Up, 1, "d", 301.5, 280, shop(func(f *kizashi.LogFacts) { firstRun(f); f.Level, f.Lines = "warn", 1 }),
			countOf(opened, 1, 0, none, none, kizashi.Past{From: opened - 301*24*hour, To: opened, Count: 2, Low: none, High: none})).share(.1).
			more(targetOf(none, none)),
		lineStory("log_new_busy", "log_new", kizashi.Up, 14, "d", 40, 38, shop(func(f *kizashi.LogFacts) {
			f.Level, f.First, f.Lines, f.Template = "info", opened-20*minute1, 14, "feature flag <*> is off"
		}),
			countOf(opened-20*minute1, 14, 0, none, none, kizashi.Past{From: began, To: opened, Low: none, High: none})).share(.12).
			more(targetOf(none, none), fact(kizashi.ClaimExtrapolated, nums(40*day, none, 233*day))),
		lineStory("log_rare", "log_rare", kizashi.Up, 1, "d", 40, 38, shop(func(f *kizashi.LogFacts) {
			f.Level, f.Lines, f.First, f.Template = "warn", 4, began, "licence file is about to expire in <*> days"
		}),
			countOf(opened, 1, 0, none, none, kizashi.Past{From: began, To: opened, Low: none, High: none})).share(.03).
			more(targetOf(none, none), fact(kizashi.ClaimExtrapolated, nums(40*day, none, 933*day))),
		lineStory("log_value", "log_value", kizashi.Up, 2, "d", 40, 38, shop(func(f *kizashi.LogFacts) {
			f.Part, f.Of, f.Slot, f.Level, f.Template = "value", "crypto", 1, "info", "payment method=<*> amount=<*> yen authorised"
		}),
			countOf(opened, 2, 0, none, none, kizashi.Past{From: began, To: opened, Low: none, High: none})).share(.03).
			more(targetOf(none, none), fact(kizashi.ClaimExtrapolated, nums(40*day, none, 933*day))),
		lineStory("log_many", "log_many", kizashi.Up, 7, "patterns", 7, 3.5, kizashi.LogFacts{First: began, Lines: 5_312_044, Samples: refused.Samples},
			countOf(anHour, 7, 0, none, none, kizashi.Past{From: opened - 9*24*hour, To: anHour, Low: none, High: 1})).share(.03).more(),
		lineStory("log_surge", "log_surge", kizashi.Up, 120, "decades", 12.3, 5.18, shop(payment),
			countOf(five, 120, 0, 10.2, .11, odds)).also(4).
			more(like(3, 9, 14), targetOf(11*day, 70*day), fact(kizashi.ClaimPrior, counts(12, 0)), fact(kizashi.ClaimYoung, nums(2.1, none, none))),
		lineStory("log_surge_all", "log_surge", kizashi.Up, 9120, "decades", 7.9, 5.18, kizashi.LogFacts{First: began, Lines: 5_312_044, Samples: refused.Samples},
			countOf(five, 9120, 0, 2050, .02, kizashi.Past{From: began, To: five, Count: 0, Of: 100, Low: 0, High: 1})).
			more(fact(kizashi.ClaimHeld, stretchOf(opened-100*hour, opened-98*hour), counts(120, 0), text("patch window")), like(1893, 2050, 2288), targetOf(11*day, 70*day)),
		lineStory("log_drop", "log_drop", kizashi.Down, 3, "decades", 9.4, 3.2, shop(func(f *kizashi.LogFacts) {
			f.Level, f.Template, f.Samples = "info", "Order <*> accepted for customer <*> in <*> ms", nil
		}),
			countOf(anHour, 3, 0, 40.1, .05, kizashi.Past{From: began, To: anHour, Count: 0, Of: 100, Low: 0, High: 1})).
			more(fact(kizashi.ClaimComparable, nums(37, 20, 52), counts(2, 0)), fact(kizashi.ClaimFewMoments, counts(2, 0)), targetOf(9*day, 80*day), fact(kizashi.ClaimUnsupported, nums(22*day, none, 28*day))),
		lineStory("log_drop_holiday", "log_drop", kizashi.Down, 0, "decades", 4.4, 3.2, shop(func(f *kizashi.LogFacts) {
			f.Level, f.Template, f.Samples = "info", "Order <*> accepted for customer <*> in <*> ms", nil
			f.Day = &kizashi.LogDay{Kind: kizashi.DayHoliday, Ordinary: 121, Least: 14.2, Most: 121, Low: 14.2, High: 121}
		}),
			countOf(anHour, 0, 0, 14.2, .05, kizashi.Past{From: began, To: anHour, Count: 0, Of: 100, Low: 0, High: 1})).
			more(fact(kizashi.ClaimLogDay, nums(121, 14.2, 121), counts(0, 0), text(kizashi.DayHoliday)), targetOf(9*day, 80*day)),
		lineStory("log_surge_special", "log_surge", kizashi.Up, 96, "decades", 9.4, 3.2, shop(func(f *kizashi.LogFacts) {
			f.Day = &kizashi.LogDay{Kind: kizashi.DayYearEnd, Days: 3, Mean: 100, Ordinary: 40, Least: 20, Most: 80, Low: 77.1, High: 111.2}
		}),
			countOf(five, 96, 0, 9.3, .05, kizashi.Past{From: began, To: five, Count: 0, Of: 100, Low: 0, High: 1})).
			more(fact(kizashi.ClaimLogDay, nums(40, 77.1, 111.2), counts(3, 0), text(kizashi.DayYearEnd)), targetOf(9*day, 80*day)),
		lineStory("log_absent", "log_absent", kizashi.Down, 0, "waits", 1.68, 1.54, shop(func(f *kizashi.LogFacts) {
			f.Level, f.Template, f.Lines, f.Samples = "info", "夜間バッチが正常終了しました: <*> 件, <*> 秒", 26, f.Samples[:1]
		}),
			countOf(opened-37*hour, 0, 1.71, 1.02, 310, kizashi.Past{From: opened - 26*24*hour, To: opened - 37*hour - minute1, Count: 25, Of: 29, Low: 1, High: 1.04})).share(.004).
			more(targetOf(none, none), fact(kizashi.ClaimLogDue, nums(51*60, none, none), stretchOf(opened-47*minute1, 0))),
		lineStory("log_share_level", "log_share", kizashi.Up, 76, "decades", 8.2, 5.4, kizashi.LogFacts{Part: "level", Of: "error", First: began, Lines: 90_211, Samples: refused.Samples},
			countOf(five, 76, 200, 8.1, .2, odds)).more(like(2, 8, 15), targetOf(11*day, 70*day)),
		lineStory("log_share_status", "log_share", kizashi.Up, 41, "decades", 8.2, 5.4, kizashi.LogFacts{Part: "status", Of: "5xx", First: began, Lines: 90_211, Samples: refused.Samples},
			countOf(five, 41, 130, .4, .2, odds)).more(like(0, 0, 2), targetOf(11*day, 70*day)),
		lineStory("log_share_value", "log_share", kizashi.Up, 60, "decades", 6.6, 5.4, shop(func(f *kizashi.LogFacts) {
			f.Part, f.Of, f.Slot, f.Level, f.Template = "value", "miss", 1, "info", "cache <*> for key <*>"
		}),
			countOf(five, 60, 80, 20, .2, odds)).more(like(12, 20, 28), targetOf(11*day, 70*day)),
		lineStory("log_share_high", "log_share", kizashi.Up, 70, "decades", 6.6, 5.4, shop(func(f *kizashi.LogFacts) {
			f.Part, f.Bound, f.Slot, f.Level, f.Template = "high", 87, 3, "info", "Order <*> accepted for customer <*> in <*> ms"
		}),
			countOf(five, 70, 80, 4, .2, odds)).more(like(1, 4, 9), targetOf(11*day, 70*day)),
		lineStory("log_share_low", "log_share", kizashi.Up, 70, "decades", 6.6, 5.4, shop(func(f *kizashi.LogFacts) {
			f.Part, f.Bound, f.Slot, f.Level, f.Template = "low", 14, 3, "info", "Order <*> accepted for customer <*> in <*> ms"
		}),
			countOf(five, 70, 80, 4, .2, odds)).more(like(1, 4, 9), targetOf(11*day, 70*day)),
		lineStory("log_ratio", "log_ratio", kizashi.Down, 17, "lines", 18, 5.5, shop(func(f *kizashi.LogFacts) {
			f.Part, f.Of, f.Level, f.Template = "ratio", "job <*> begun for order <*>", "info", "job <*> done, <*> labels printed"
		}),
			kizashi.Ground{From: anHour, Usual: 1, Scale: none, Past: &kizashi.Past{From: began, To: anHour, Count: 806, Of: 811, Low: none, High: 2},
				Parts: []kizashi.Part{{From: anHour, To: opened + minute1, Count: 35, Text: "a"}, {From: anHour, To: opened + minute1, Count: 17, Text: "b"}}}).share(.03).
			more(targetOf(none, none)),
	}
}

func (s story) share(w float64) story {
	s.j.Grounds[0].Share = w
	return s
}

// also says that others stand out at the same moment, and that it went on.
func (s story) also(of int) story {
	s.j.Evidence[0].Of = of
	s.a.Peak.At, s.a.Peak.Value = opened+5*minute1, 240
	s.a.State, s.a.To, s.a.Ended = kizashi.Resolved, opened+21*minute1, kizashi.ClaimBack
	return s
}

// withoutLines takes out of a text what a log group holds, which is in the language of
// who wrote it.
func withoutLines(s story, text string) string {
	if s.j.Log == nil {
		return text
	}
	for _, l := range s.j.Log.Samples {
		text = strings.ReplaceAll(text, l.Text, "")
	}
	for _, w := range []string{s.j.Meta.Labels.String(), s.j.Log.Template, s.j.Log.Of, s.j.Log.Group, s.j.Meta.Statistic} {
		if w != "" {
			text = strings.ReplaceAll(text, w, "")
		}
	}
	return text
}

// What strangers write into a line reaches no terminal as it is, stays on its line, and
// is cut.
func TestLinesCannotForgeText(t *testing.T) {
	evil := "a\x1b[31m\r\nRESOLVED: all is well\u202e\x00 <script>alert(1)</script> *bold* <!channel> " + strings.Repeat("界", 3000) + "\xff\xfe"
	for _, s := range lineStories() {
		s.j.Log.Template, s.j.Log.Of, s.j.Log.Group = evil, evil, "g\x1b[2J"
		s.j.Log.Samples = []kizashi.LogLine{{At: opened, Text: evil}, {At: opened, Text: evil}}
		for _, l := range languages {
			x := render(t, s, l)
			for part, text := range map[string]string{"title": x.Title, "summary": x.Summary, "manager": x.Manager, "engineer": x.Engineer} {
				if strings.ContainsAny(text, "\x1b\x00\r\u202e") || strings.Contains(text, "\nRESOLVED") || !utf8.ValidString(text) {
					t.Errorf("%s.%s: %s lets through what a line holds: %q", s.name, l, part, text)
				}
				if n := utf8.RuneCountInString(text); n > 4000 || part == "title" && n > 500 {
					t.Errorf("%s.%s: %s is %d letters long", s.name, l, part, n)
				}
			}
		}
	}
}

// The title of an alert about lines names the log group and the template, no hash.
func TestTitlesOfLinesNameTheTemplate(t *testing.T) {
	for _, s := range lineStories() {
		for _, l := range languages {
			x := render(t, s, l)
			if !strings.Contains(x.Title, group) || s.j.Log.Pattern != "" && strings.Contains(x.Title, s.j.Log.Pattern) {
				t.Errorf("%s.%s: %s", s.name, l, x.Title)
			}
			if f := s.j.Log; f.Template != "" && !strings.Contains(x.Title, strings.Fields(f.Template)[0]) {
				t.Errorf("%s.%s names no template: %s", s.name, l, x.Title)
			}
		}
	}
}

// What is said of a day off of whose kind none is known says neither that earlier ones
// judge it, nor anything of a Sunday of which nothing is known.
func TestDaysOfWhichNoneIsKnown(t *testing.T) {
	for _, c := range []struct {
		fact   kizashi.Evidence
		en, ja string
	}{
		{fact(kizashi.ClaimLogDay, nums(121, 14, 121), text(kizashi.DayHoliday)),
			"None is known yet, so that anything between an ordinary day of its week and a Sunday is let pass: 14 to 120 lines in this hour", "同種の日の実績がないため、通常日と日曜日の間を平常とみなす"},
		{fact(kizashi.ClaimLogDay, nums(121, 0, 121), text(kizashi.DayHoliday)),
			"None is known yet, so that anything from none at all to what an ordinary day of its week has is let pass: 0 to 120 lines in this hour", "同種の日の実績がないため、出力なしから通常日の行数までを平常とみなす"},
		{fact(kizashi.ClaimLogDay, nums(121, 60.5, 242), text("campaign")),
			"None is known yet, so that half to twice what is usual is let pass", "同種の日の実績がないため、通常日の半分〜2倍を平常とみなす"},
	} {
		en, ja := lineDayEn(&teller{Style: Style{Lang: English}}, c.fact), lineDayJa(&teller{Style: Style{Lang: Japanese}}, c.fact)
		if !strings.Contains(en, c.en) || strings.Contains(en, "earlier ones") || !strings.Contains(ja, c.ja) || strings.Contains(ja, "過去の同種の日と比較") {
			t.Errorf("%s\n%s", en, ja)
		}
		if sunday := c.fact.Low == 14; strings.Contains(en, "Sunday") != sunday || strings.Contains(ja, "日曜") != sunday {
			t.Errorf("a Sunday is known: %v\n%s\n%s", sunday, en, ja)
		}
	}
}
