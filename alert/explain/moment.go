package explain

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Moment tells what was said of one sample, and why it did or did not alert:
// value, band, state, and every vote with its statistic against its limit. rec
// is the record in force, or nil; facts are what else is known of the moment,
// such as how far a series has warmed up. Votes that do not stand are told
// too. It fails on a style it does not know and on an unknown time zone.
func Moment(m kizashi.Moment, meta kizashi.Meta, rec *kizashi.Record, facts []kizashi.Evidence, s Style) (string, error) {
	a := kizashi.Alert{Opening: m, Peak: m, Opened: m.At, Series: meta.Series, Labels: meta.Labels, Side: standing(m)}
	t, err := newTeller(a, kizashi.Justification{Meta: meta, Opening: m, Record: rec, Evidence: facts}, s)
	if err != nil {
		return "", fmt.Errorf("tell %s at %s: %w", Clean(meta.Name()), m.At, err)
	}
	lines := []string{t.heading(), t.usual(), t.stateOf()}
	for _, v := range m.Verdict.Votes {
		lines = append(lines, "  "+t.ballot(v))
	}
	return t.lines(append(lines, t.facts(t.besides()))...), nil
}

// standing is the side of the first vote that stands.
func standing(m kizashi.Moment) kizashi.Side {
	for _, v := range m.Verdict.Votes {
		if v.Crossed {
			return v.Side
		}
	}
	return kizashi.Both
}

func (t *teller) heading() string {
	m := t.a.Opening
	return t.name() + t.pick(", ", "、") + t.wall(m.At) + t.pick(": ", " ") + t.v(m.Value)
}

// usual tells the band of the moment.
func (t *teller) usual() string {
	v := t.a.Opening.Verdict
	if !v.Lower.Ok() && !v.Upper.Ok() {
		return t.pick("There is no band for this moment.", "この時点の平常時の範囲なし。")
	}
	s := t.pick("Usual band of "+t.hours()+": "+t.band(v.Lower, v.Upper), t.hours()+"の平常時の範囲:"+t.band(v.Lower, v.Upper))
	if v.Expected.Ok() {
		s += t.pick(", "+t.v(v.Expected)+" expected", "(期待値"+t.v(v.Expected)+")")
	}
	return s + t.pick(".", "。")
}

// stateOf tells the state, and why it is so.
func (t *teller) stateOf() string {
	v := t.a.Opening.Verdict
	switch v.State {
	case kizashi.Judged:
		return t.pick("Judged: ", "判定:") + t.where()
	case kizashi.HeldOut:
		return t.join(t.pick("Judged: ", "判定:")+t.where(), t.pick("The sample is held out of learning.", "この計測は学習除外。"), t.because())
	case kizashi.Warming:
		if s := t.because(); s != "" {
			return s
		}
		return t.tell(kizashi.Evidence{Claim: kizashi.ClaimWarming})
	case kizashi.NoOpinion:
		if s := t.because(); s != "" {
			return s
		}
		return t.pick("No opinion: no detector could say anything.", "どの検知器も判定できず(未判定)。")
	case kizashi.LateSample:
		return t.pick("The sample came late, behind a later one: it was counted, not judged.", "遅延して届いたため、判定せず件数のみ記録。")
	}
	return t.pick("State: ", "状態:") + t.quote(string(v.State))
}

// because tells the claim that explains the state, with its numbers where a
// fact holds them.
func (t *teller) because() string {
	c := kizashi.Claim(t.a.Opening.Verdict.Why)
	if c == "" {
		return ""
	}
	if e, ok := t.find(c); ok {
		return t.tell(e)
	}
	return t.tell(kizashi.Evidence{Claim: c, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()})
}

// where tells how the value lies to its band, and what stands.
func (t *teller) where() string {
	v, s := t.a.Opening.Verdict, t.a.Opening.Value
	place := t.pick("inside", "範囲内")
	switch {
	case !s.Ok():
		place = t.pick("no sample", "計測なし")
	case v.Upper.Ok() && s > v.Upper:
		place = t.pick("above the band", "上限値を超過")
	case v.Lower.Ok() && s < v.Lower:
		place = t.pick("below the band", "下限値を下回る")
	case !v.Upper.Ok() && !v.Lower.Ok():
		place = t.pick("without a band", "平常時の範囲なし")
	}
	var names []string
	for _, w := range v.Votes {
		if w.Crossed {
			names = append(names, Clean(w.Model))
		}
	}
	if len(names) == 0 {
		return place + t.pick("; no vote stands.", "、検知なし。")
	}
	return place + t.pick("; what stands: "+strings.Join(names, ", ")+".", "、検知:"+strings.Join(names, "・")+"。")
}

// ballot is one vote with its statistic against its limit.
func (t *teller) ballot(v kizashi.Vote) string {
	name := Clean(v.Model)
	if v.Side != kizashi.Both {
		name += t.pick(" ("+t.direction(v.Side)+")", "("+t.direction(v.Side)+")")
	}
	s := name + t.pick(": ", ":") + t.stat(v.Stat, v.Unit) + t.pick(" against a limit of ", "、限度") + t.stat(v.Limit, v.Unit)
	if v.Kind == kizashi.Value && v.Unit != "" && (v.Lower.Ok() || v.Upper.Ok()) {
		s += t.pick(", in the series' unit ", "、値では") + t.band(v.Lower, v.Upper)
	}
	if v.Crossed {
		return s + t.pick("; it stands.", "、検知。")
	}
	return s + t.pick("; it does not stand.", "、検知なし。")
}

// besides are the facts that the state has not told.
func (t *teller) besides() []kizashi.Evidence {
	var out []kizashi.Evidence
	for _, e := range t.j.Evidence {
		if string(e.Claim) != t.a.Opening.Verdict.Why {
			out = append(out, e)
		}
	}
	return out
}
