package explain

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// Sentences about Kizashi itself: what it cannot see, since when, and why.

// blind says that the alert is about Kizashi itself.
func (t *teller) blind() bool {
	for _, m := range t.a.Models {
		if m == string(kizashi.ClaimBlind) {
			return true
		}
	}
	return false
}

// blindness are the facts of such an alert.
func (t *teller) blindness() []kizashi.Evidence {
	if len(t.a.Facts) > 0 {
		return t.a.Facts
	}
	return []kizashi.Evidence{{Claim: kizashi.ClaimBlind, From: t.a.Opened}}
}

func blindEn(t *teller, e kizashi.Evidence) string {
	because := t.cause()
	if a := t.answer(e); a != "" {
		because += " (the answer: " + a + ")"
	}
	if t.a.State == kizashi.Resolved {
		return "Kizashi was blind to " + t.account() + ", " + t.stretch(e.From, t.a.To) + " " + t.zone(e.From) + ": " + because +
			". Nothing was concluded about " + t.whole("its systems", "that part") + " in that time."
	}
	return "Kizashi is blind to " + t.account() + " since " + t.wall(e.From) + ": " + because +
		". Nothing is concluded about " + t.whole("its systems", "that part") + " while this lasts."
}

func blindJa(t *teller, e kizashi.Evidence) string {
	because := t.cause()
	if a := t.answer(e); a != "" {
		because += "(応答: " + a + ")"
	}
	if t.a.State == kizashi.Resolved {
		return "Kizashiは" + t.stretch(e.From, t.a.To) + "(" + t.zone(e.From) + ")の間、" + t.account() + "を監視できませんでした。理由: " + because +
			"。この間、" + t.whole("対象システム", "その部分") + "の状態は判断していません。"
	}
	return "Kizashiは" + t.wall(e.From) + "から" + t.account() + "を監視できていません。理由: " + because +
		"。この間、" + t.whole("対象システム", "その部分") + "の状態は判断していません。"
}

// whole picks by whether all of the account cannot be seen, or a part of it
// alone: series whose queries are refused, or what another permission than that
// to read metrics would tell.
func (t *teller) whole(all, part string) string {
	names := false
	for _, e := range t.a.Facts {
		names = names || e.Claim == kizashi.ClaimUnseen
	}
	permission := t.a.Labels.Get("permission")
	if t.a.Labels.Get("cause") == string(kizashi.Refused) || names && permission != "" && permission != "cloudwatch:GetMetricData" {
		return part
	}
	return all
}

// answer is what was answered, in the words of who answered.
func (t *teller) answer(e kizashi.Evidence) string { return Clean(e.Text) }

// cause says what is broken, by the labels of the alert.
func (t *teller) cause() string {
	get := func(l string) string { return Clean(t.a.Labels.Get(l)) }
	switch kizashi.CauseKind(t.a.Labels.Get("cause")) {
	case kizashi.NoPermission:
		return t.pick("the permission "+get("permission")+" is missing", "権限"+get("permission")+"がない")
	case kizashi.NoCredentials:
		if role := get("role"); role != "" {
			return t.pick("the role "+role+" cannot be assumed", "ロール"+role+"を引き受けられない")
		}
		return t.pick("there are no valid credentials", "有効な認証情報がない")
	case kizashi.NoRegion:
		return t.pick("the region does not answer, answers with errors, or throttles", "リージョンが応答しない、エラーを返す、または流量を制限している")
	case kizashi.CostCap:
		return t.pick("reading on would cost more than the cap allows", "読み取りを続けると費用の上限を超える")
	case kizashi.Forgotten:
		return t.pick("the source no longer keeps the points of that time", "当該期間のデータが収集元に残っていない")
	case kizashi.Refused:
		return t.pick("the queries of single series are refused, or not answered", "個別の系列への問い合わせが拒否されているか、応答が得られない")
	}
	return t.pick("the cause is not known", "原因不明")
}

func unseenEn(_ *teller, e kizashi.Evidence) string {
	return "What cannot be seen: " + Clean(e.Text) + "."
}

// The resources are names and counts, as a source writes them in English.
func unseenJa(_ *teller, e kizashi.Evidence) string {
	return "監視できない対象: " + strings.ReplaceAll(strings.ReplaceAll(listJa(e.Text), " series)", "系列)"), " (", "(") + "。"
}

// listJa writes a list of names as Japanese does.
func listJa(text string) string { return strings.ReplaceAll(Clean(text), ", ", "、") }

func regionsEn(_ *teller, e kizashi.Evidence) string {
	if e.Count == 1 {
		return "It concerns the account in " + Clean(e.Text) + "."
	}
	return "It concerns the account in " + Count(e.Count) + " regions: " + Clean(e.Text) + "."
}

func regionsJa(_ *teller, e kizashi.Evidence) string {
	return "影響範囲: アカウントの" + Count(e.Count) + "リージョン(" + listJa(e.Text) + ")。"
}

// account is what Kizashi cannot see, by the labels of the alert.
func (t *teller) account() string {
	s := t.place()
	return t.pick(t.whole("", "a part of ")+s, s+t.whole("", "の一部"))
}

// place is the account, and the region where it is about one.
func (t *teller) place() string {
	account, region := t.a.Labels.Get("account"), t.a.Labels.Get("region")
	s := t.pick("a source without an account", "アカウント不明の収集元")
	if account != "" {
		s = t.pick("account ", "アカウント") + Clean(account)
	}
	if region != "" {
		s += t.pick(" in ", "の") + Clean(region)
	}
	return s
}

func sightEn(t *teller, _ kizashi.Evidence) string {
	return "Kizashi can see " + t.account() + " again."
}

func sightJa(t *teller, _ kizashi.Evidence) string {
	return "Kizashiは" + t.account() + "の監視を再開しました。"
}

func otherEn(t *teller, _ kizashi.Evidence) string {
	return "This cause is over; Kizashi cannot see " + t.account() + " for another one now."
}

func otherJa(t *teller, _ kizashi.Evidence) string {
	return "この原因は解消しましたが、別の原因により" + t.account() + "の監視は再開できていません。"
}

func closedEn(t *teller, _ kizashi.Evidence) string {
	return "What Kizashi could not see of " + t.place() + " is not watched any more: it is listed no more, or the configuration leaves it out."
}

func closedJa(t *teller, _ kizashi.Evidence) string {
	return t.place() + "のうち監視できなかった対象は、収集元の一覧から消失したか設定で除外されたため、監視対象から外れました。"
}
