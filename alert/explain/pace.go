package explain

import "github.com/kizashi-ops/kizashi"

func adaptsEn(t *teller, e kizashi.Evidence) string {
	return "By configuration the past loses half its weight in " + t.duration(seconds(e.Value)) + " that were observed."
}

func adaptsJa(t *teller, e kizashi.Evidence) string {
	return "過去の実績の重みは、設定により観測時間" + t.duration(seconds(e.Value)) + "で半減。"
}
