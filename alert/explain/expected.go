package explain

import (
	"fmt"
	"strconv"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about what people said: what to expect instead of what is usual,
// and that an alert was right.

// factor writes 3 as 3, 0.5 as 0.5.
func factor(n kizashi.Num) string { return strconv.FormatFloat(float64(n), 'g', 4, 64) }

// said quotes a person's reason, if there is one.
func (t *teller) said(text string) string {
	if text == "" {
		return ""
	}
	return t.pick(" ("+t.quote(text)+")", t.quote(text))
}

func expectedEn(t *teller, e kizashi.Evidence) string {
	times := factor(e.Low) + " to " + factor(e.High) + " times"
	if e.Low == e.High {
		times = factor(e.Low) + " times"
	}
	s := "Judged against a scaled band: " + times + " what is usual is expected"
	if e.From < e.To {
		s += ", " + t.stretch(e.From, e.To)
	}
	return s + t.said(e.Text) + ". What comes then is not learned."
}

func expectedJa(t *teller, e kizashi.Evidence) string {
	times := factor(e.Low) + "〜" + factor(e.High) + "倍"
	if e.Low == e.High {
		times = factor(e.Low) + "倍"
	}
	s := "予定された変動のため平常時の" + times + "の範囲で判定"
	if e.From < e.To {
		s += "(" + t.stretch(e.From, e.To) + ")"
	}
	return s + t.said(e.Text) + "。この間は学習除外。"
}

func confirmedEn(t *teller, e kizashi.Evidence) string {
	s := "A person confirmed the alert of this stretch; it is not learned"
	if e.From < e.To {
		s = fmt.Sprintf("A person confirmed the alert of %s; it is not learned", t.stretch(e.From, e.To))
	}
	return s + t.said(e.Text) + "."
}

func confirmedJa(t *teller, e kizashi.Evidence) string {
	s := "正検知と確認された区間のため学習除外"
	if e.From < e.To {
		s = t.stretch(e.From, e.To) + "は" + s
	}
	return s + t.said(e.Text) + "。"
}
