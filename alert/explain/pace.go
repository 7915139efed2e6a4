package explain

import "github.com/kizashi-ops/kizashi"

func adaptsEn(t *teller, e kizashi.Evidence) string {
	return "By configuration it adapts with a half-life of " + t.duration(seconds(e.Value)) + " that were observed (usually 14 days)."
}

func adaptsJa(t *teller, e kizashi.Evidence) string {
	return "設定により、観測時間" + t.duration(seconds(e.Value)) + "の半減期で追随(既定は14日)。"
}
