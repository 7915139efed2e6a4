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
