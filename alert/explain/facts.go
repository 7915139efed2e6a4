package explain

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// facts tells several facts one after the other. Static limits that were
// tried, and stretches held out, become one sentence each.
func (t *teller) facts(es []kizashi.Evidence) string {
	var out []string
	for i := 0; i < len(es); {
		n := run(es[i:])
		switch {
		case n > 1 && es[i].Claim == kizashi.ClaimNearby:
			out = append(out, t.nearbyAll(es[i:i+n]))
		case n > 1 && es[i].Claim == kizashi.ClaimHeld:
			out = append(out, t.heldAll(es[i:i+n]))
		default:
			n = 1
			out = append(out, t.tell(es[i]))
		}
		i += n
	}
	return t.join(out...)
}

// run is how many facts from the first one on are of its kind.
func run(es []kizashi.Evidence) int {
	n := 1
	for n < len(es) && es[n].Claim == es[0].Claim {
		n++
	}
	return n
}

// join sentences, leaving out empty ones.
func (t *teller) join(sentences ...string) string {
	var have []string
	for _, s := range sentences {
		if s != "" {
			have = append(have, s)
		}
	}
	return strings.Join(have, t.pick(" ", ""))
}

// nearbyAll tells what static limits would have done.
func (t *teller) nearbyAll(es []kizashi.Evidence) string {
	var each []string
	for _, e := range es {
		each = append(each, t.v(e.Value)+t.pick(": "+t.times(e.Count), "なら"+t.times(e.Count)))
	}
	return t.pick("Over the same window static limits would have alerted: ", "同じ期間に固定"+t.threshold()+"を当てはめた発報は、") +
		strings.Join(each, t.pick("; ", "、")) + t.pick(".", "。")
}

// heldShown is how many stretches are told one by one.
const heldShown = 4

// heldAll tells what was held out: the newest stretches one by one, the
// others in sum.
func (t *teller) heldAll(es []kizashi.Evidence) string {
	var each []string
	older, samples := max(0, len(es)-heldShown), 0
	for _, e := range es[:older] {
		samples += e.Count
	}
	if older > 0 {
		each = append(each, t.pick(earlier(older)+" with "+Plural(samples, "sample")+" in all",
			"以前の"+Count(older)+"区間計"+Count(samples)+"点"))
	}
	for _, e := range es[older:] {
		each = append(each, t.held(e))
	}
	return t.pick("Held out of learning: ", "学習除外:") + strings.Join(each, t.pick("; ", "、")) + t.pick(".", "。")
}

// find returns the first fact of a kind.
func (t *teller) find(c kizashi.Claim) (kizashi.Evidence, bool) {
	for _, e := range t.j.Evidence {
		if e.Claim == c {
			return e, true
		}
	}
	return kizashi.Evidence{}, false
}

// only returns the facts of some kinds, in their order.
func (t *teller) only(cs ...kizashi.Claim) []kizashi.Evidence {
	var out []kizashi.Evidence
	for _, e := range t.j.Evidence {
		for _, c := range cs {
			if e.Claim == c {
				out = append(out, e)
			}
		}
	}
	return out
}

// others are the facts of no kind that a paragraph is made of.
func (t *teller) others() []kizashi.Evidence {
	var out []kizashi.Evidence
	for _, e := range t.j.Evidence {
		if !among(e.Claim, whyClaims[:], basisClaims[:], worthClaims[:], ruleClaims[:]) && t.vote(string(e.Claim)) == nil {
			out = append(out, e)
		}
	}
	return out
}

func among(c kizashi.Claim, sets ...[]kizashi.Claim) bool {
	for _, s := range sets {
		for _, d := range s {
			if c == d {
				return true
			}
		}
	}
	return false
}

// The paragraphs of a justification.
var (
	whyClaims = [...]kizashi.Claim{kizashi.ClaimBand, kizashi.ClaimSpike, kizashi.ClaimStatic, kizashi.ClaimGuard, kizashi.ClaimRate, kizashi.ClaimForecast,
		kizashi.ClaimSilence, kizashi.ClaimNovelty, kizashi.ClaimContext, kizashi.ClaimExtreme, kizashi.ClaimSibling, kizashi.ClaimLevel, kizashi.ClaimDrift, kizashi.ClaimVary, kizashi.ClaimStuck, kizashi.ClaimEarly, kizashi.ClaimRoutine, kizashi.ClaimRevision, kizashi.ClaimInside,
		kizashi.ClaimLogNew, kizashi.ClaimLogRare, kizashi.ClaimLogMany, kizashi.ClaimLogSurge, kizashi.ClaimLogDrop, kizashi.ClaimLogAbsent, kizashi.ClaimLogShare, kizashi.ClaimLogRatio, kizashi.ClaimLogValue, kizashi.ClaimBlind, kizashi.ClaimUnseen, kizashi.ClaimRegions}
	basisClaims = [...]kizashi.Claim{kizashi.ClaimLate, kizashi.ClaimExpected, kizashi.ClaimDay, kizashi.ClaimLogDay, kizashi.ClaimVolume, kizashi.ClaimEffect, kizashi.ClaimFirst, kizashi.ClaimSeason, kizashi.ClaimInformed, kizashi.ClaimTransform, kizashi.ClaimAdapts, kizashi.ClaimWindow, kizashi.ClaimMissing,
		kizashi.ClaimHeld, kizashi.ClaimComparable, kizashi.ClaimFewMoments, kizashi.ClaimRange, kizashi.ClaimRegular}
	worthClaims = [...]kizashi.Claim{kizashi.ClaimInherited, kizashi.ClaimTarget, kizashi.ClaimShared, kizashi.ClaimExtrapolated, kizashi.ClaimUnsupported, kizashi.ClaimPrior, kizashi.ClaimYoung, kizashi.ClaimLattice,
		kizashi.ClaimBound, kizashi.ClaimFired}
	ruleClaims = [...]kizashi.Claim{kizashi.ClaimNearby, kizashi.ClaimLogDue, kizashi.ClaimDetection}
)

// reservations of the limit, which no text leaves out.
func (t *teller) reservations() []kizashi.Evidence {
	return t.only(kizashi.ClaimLate, kizashi.ClaimExpected, kizashi.ClaimDay, kizashi.ClaimLogDay, kizashi.ClaimInherited, kizashi.ClaimExtrapolated, kizashi.ClaimUnsupported, kizashi.ClaimPrior, kizashi.ClaimYoung, kizashi.ClaimFewMoments)
}

// why returns the facts that opened the alert: the justification's, or, where
// there is none, what the votes themselves hold.
func (t *teller) why() []kizashi.Evidence {
	if t.blind() {
		return t.blindness()
	}
	var out []kizashi.Evidence
	for _, e := range t.j.Evidence {
		if among(e.Claim, whyClaims[:]) && e.Claim != kizashi.ClaimInside || t.vote(string(e.Claim)) != nil {
			out = append(out, e)
		}
	}
	if len(out) > 0 {
		return out
	}
	for _, v := range t.a.Opening.Verdict.Votes {
		if v.Crossed {
			out = append(out, t.voteFact(v))
		}
	}
	return out
}

// voteFact is what a vote alone lets one say.
func (t *teller) voteFact(v kizashi.Vote) kizashi.Evidence {
	e := kizashi.Evidence{Claim: kizashi.Claim(v.Model), Value: t.a.Opening.Value, Low: v.Lower, High: v.Upper}
	if e.Claim == kizashi.ClaimSilence {
		e.Value, e.Low, e.High, e.From = kizashi.Num(v.Limit), kizashi.None(), kizashi.Num(v.Stat), kizashi.Never
	}
	return e
}

// inside tells, where only evidence votes stood, that the value is a usual
// one.
func (t *teller) inside() string {
	e, ok := t.find(kizashi.ClaimInside)
	m := t.a.Opening
	if !ok {
		d := t.deciding()
		if d == nil || d.Kind != kizashi.EvidenceVote || !m.Value.Ok() || !m.Verdict.Upper.Ok() && !m.Verdict.Lower.Ok() ||
			m.Value > m.Verdict.Upper || m.Value < m.Verdict.Lower {
			return ""
		}
		e = kizashi.Evidence{Claim: kizashi.ClaimInside, Value: m.Value, Low: m.Verdict.Lower, High: m.Verdict.Upper}
	}
	return t.tell(e)
}

// outside says in a title that a value which an evidence vote told of lies outside the
// band besides, "" where there is none.
func (t *teller) outside() string {
	b := t.a.Opening.Verdict
	if !b.Upper.Ok() && !b.Lower.Ok() {
		return ""
	}
	return t.pick(", outside its usual band ("+t.band(b.Lower, b.Upper)+")", "(平常時の範囲"+t.band(b.Lower, b.Upper)+"の外側)")
}

// reasons tells why the alert stands.
func (t *teller) reasons() string {
	why, inside := t.why(), t.inside()
	body := t.facts(why)
	if len(why) > 1 {
		body = t.listed(why)
	}
	var head []string
	if len(why) > 1 {
		head = append(head, t.contributions(why))
	}
	if inside != "" {
		head = append(head, inside, t.pick("Alerted because of this:", "発報の理由:"))
	}
	return strings.ReplaceAll(t.join(append(head, body)...), " \n", "\n")
}

// contributions names the detectors that stand, and says so where none of
// them speaks of the value itself.
func (t *teller) contributions(why []kizashi.Evidence) string {
	names := make([]string, len(why))
	for i, e := range why {
		names[i] = Clean(string(e.Claim))
	}
	list := strings.Join(names, t.pick(", ", "・"))
	head := t.pick(Count(len(why))+" detectors contribute: "+list+".", Count(len(why))+"つの検知器("+list+")による発報。")
	if d := t.deciding(); d != nil && d.Kind == kizashi.EvidenceVote {
		head = t.join(head, t.pick("No single limit of the value was crossed.", "値そのものの限度の超過はない。"))
	}
	return head
}

// listed tells each contribution on a line of its own.
func (t *teller) listed(es []kizashi.Evidence) string {
	var b strings.Builder
	for _, e := range es {
		b.WriteString("\n- " + t.tell(e))
	}
	return b.String()
}

func earlier(n int) string {
	if n == 1 {
		return "1 earlier stretch"
	}
	return Count(n) + " earlier stretches"
}
