package explain

import "github.com/kizashi-ops/kizashi"

// Sentences about a series of which no sample is expected any more.

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
