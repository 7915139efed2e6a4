package explain

import "github.com/kizashi-ops/kizashi"

// Sentences about series that come and go.

// since names the instant from which a fact holds, where it is known.
func (t *teller) since(e kizashi.Evidence) string {
	if e.From == 0 || e.From == kizashi.Never {
		return ""
	}
	return t.pick(" (since "+t.wall(e.From)+")", "("+t.wall(e.From)+"以降)")
}

func terminatedEn(t *teller, e kizashi.Evidence) string {
	return "Its resource was terminated" + t.since(e) + ": no sample is expected any more."
}

func terminatedJa(t *teller, e kizashi.Evidence) string {
	return "対象リソースの削除" + t.since(e) + "により、以後の計測は想定しない。"
}

func stoppedEn(t *teller, e kizashi.Evidence) string {
	return "Its resource was stopped" + t.since(e) + ": no sample is expected until it runs again."
}

func stoppedJa(t *teller, e kizashi.Evidence) string {
	return "対象リソースの停止" + t.since(e) + "により、再開まで計測は想定しない。"
}

func disappearedEn(t *teller, e kizashi.Evidence) string {
	return "It is listed no more" + t.since(e) + ", and nobody says why: no sample is expected any more."
}

func disappearedJa(t *teller, e kizashi.Evidence) string {
	return "収集元の一覧から消失" + t.since(e) + "、理由は不明。以後の計測は想定しない。"
}

func leftOutEn(t *teller, e kizashi.Evidence) string {
	return "The configuration leaves it out" + t.since(e) + ": it is not watched any more."
}

func leftOutJa(t *teller, e kizashi.Evidence) string {
	return "設定変更により監視対象外" + t.since(e) + "。以後の計測は想定しない。"
}

func mergedEn(*teller, kizashi.Evidence) string {
	return "Its pattern is part of another one by now, under which its lines count."
}

func mergedJa(*teller, kizashi.Evidence) string {
	return "このパターンは別のパターンに統合済み。以後はそちらで集計。"
}

func unreadEn(t *teller, e kizashi.Evidence) string {
	return "The log group cannot be read" + t.since(e) + ": whether it goes on is not known."
}

func unreadJa(t *teller, e kizashi.Evidence) string {
	return "ロググループを読み取れない状態" + t.since(e) + "。継続しているかどうかは不明。"
}

func returnedEn(t *teller, e kizashi.Evidence) string {
	return "It is there again" + t.since(e) + "; the time in between was no silence, and what was learned before stays."
}

func returnedJa(t *teller, e kizashi.Evidence) string {
	return "対象の計測が再開" + t.since(e) + "。中断中は途絶とみなさず、それまでの学習内容を引き継ぐ。"
}

func inheritedEn(t *teller, e kizashi.Evidence) string {
	s := "The series started with the baseline of " + t.quote(e.Text) + ", of the same group"
	if e.From != 0 && e.From != kizashi.Never {
		s += ", on " + t.wall(e.From)
	}
	if e.Count == 0 {
		return s + "."
	}
	if e.Count == 1 {
		return s + "; 1 hour of its own has been learned since."
	}
	return s + "; " + Count(e.Count) + " hours of its own have been learned since."
}

func inheritedJa(t *teller, e kizashi.Evidence) string {
	s := "同じグループの" + t.quote(e.Text) + "の学習内容を引き継いで開始"
	if e.From != 0 && e.From != kizashi.Never {
		s = t.wall(e.From) + "に" + s
	}
	if e.Count == 0 {
		return s + "。"
	}
	return s + "、自系列で学習済みの実績は" + Count(e.Count) + "時間分。"
}

// Sentences about values that their source corrected.

func revisionEn(t *teller, e kizashi.Evidence) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	return t.v(t.limit(e)) + " is the " + t.sided(e, "", "lower ") + "limit of " + t.hours() + "; the value, as its source corrected it later, " +
		t.isAbove(e) + " it at " + t.v(e.Value) + ". One value is not held to the false-alert target."
}

func revisionJa(t *teller, e kizashi.Evidence) string {
	if s, ok := t.bare(e); ok {
		return s
	}
	return t.hours() + "の" + t.sided(e, "上限値", "下限値") + t.v(t.limit(e)) + "に対し、収集元が後から訂正した値は" + t.v(e.Value) + "(1点で判定、目標誤検知頻度の対象外)。"
}

func revisedEn(t *teller, e kizashi.Evidence) string {
	switch {
	case e.Count == 1:
		return "One more value of it was corrected."
	case e.Count > 1:
		return Count(e.Count) + " more values of it were corrected."
	case !e.Value.Ok():
		return "The source delivered or corrected this value later than usual."
	case !e.Low.Ok():
		return "The value of " + t.at(e.From) + ", " + t.v(e.Value) + ", came later than those after it."
	}
	return "The value of " + t.at(e.From) + " was seen as " + t.v(e.Low) + "; later its source corrected it to " + t.v(e.Value) + "."
}

func revisedJa(t *teller, e kizashi.Evidence) string {
	switch {
	case e.Count > 0:
		return "ほか" + Count(e.Count) + "点も訂正。"
	case !e.Value.Ok():
		return t.layJa("この値は収集元から通常より遅れて届いた、または後から訂正されたものです。", "この値は遅延または収集元の訂正による。")
	case !e.Low.Ok():
		return t.at(e.From) + "の値" + t.v(e.Value) + "は、後の計測より遅れて届いた。"
	}
	return t.at(e.From) + "の値は当初" + t.v(e.Low) + "、後に収集元が" + t.v(e.Value) + "に訂正。"
}

func correctedEn(*teller, kizashi.Evidence) string {
	return "It ended: as corrected by their source its values no longer cross any limit."
}

func correctedJa(*teller, kizashi.Evidence) string {
	return "収集元の訂正後の値では限度の超過がないため解消。"
}
