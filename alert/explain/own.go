package explain

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
)

// Detectors that are not Kizashi's are told in words of their own, which the
// justification keeps: no program needs the detector to tell its alert.

// own are the words of a detector that is not Kizashi's.
func (t *teller) own(model string) (kizashi.Words, bool) {
	i := slices.IndexFunc(t.j.Own, func(o kizashi.Own) bool { return o.Model == model })
	if i < 0 {
		return kizashi.Words{}, false
	}
	return t.j.Own[i].Words, true
}

// isOwn says that a vote is one of theirs.
func (t *teller) isOwn(v *kizashi.Vote) bool {
	_, ok := t.own(v.Model)
	return ok
}

// ownFact tells the vote of such a detector, and what it is worth.
func (t *teller) ownFact(model string) (string, bool) {
	s, ok := t.ownSentence(model)
	if !ok {
		return "", false
	}
	name := Clean(model)
	return s + t.pick(" The detector "+name+" is not one of Kizashi's: it stands outside the false-alert target.",
		"検知器"+name+"はKizashi標準外で、目標誤検知頻度の対象外。"), true
}

// ownSentence fills the numbers of the vote into the detector's words.
func (t *teller) ownSentence(model string) (string, bool) {
	w, ok := t.own(model)
	v := t.vote(model)
	if !ok || v == nil {
		return "", false
	}
	text, err := kizashi.Fill(Clean(t.pick(w.English, w.Japanese)), func(place string) string {
		switch place {
		case "value":
			return t.v(t.a.Opening.Value)
		case "expected":
			return t.v(v.Center)
		case "lower":
			return t.v(v.Lower)
		case "upper":
			return t.v(v.Upper)
		case "stat":
			return t.stat(v.Stat, v.Unit)
		}
		return t.stat(v.Limit, v.Unit)
	})
	return text, err == nil
}
