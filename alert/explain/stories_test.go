package explain

import (
	"github.com/kizashi-ops/kizashi"
	"slices"
)

// The stories are alerts and justifications written by hand. Their numbers
// are made up and agree with each other.

// none is short for a number that is not there.
var none = kizashi.None()

const (
	day  = 86400.0
	hour = kizashi.Time(3_600_000)
	min1 = kizashi.Duration(60e9)
)

// opened is Monday 2026-10-05 15:02 in Tokyo.
var opened = mustTime("2026-10-05T06:02:00Z")

func mustTime(s string) kizashi.Time {
	var t kizashi.Time
	if err := t.UnmarshalJSON([]byte(`"` + s + `"`)); err != nil {
		panic(err)
	}
	return t
}

// fact fills in what a literal would leave zero.
func fact(c kizashi.Claim, fs ...func(*kizashi.Evidence)) kizashi.Evidence {
	e := kizashi.Evidence{Claim: c, Value: none, Low: none, High: none}
	for _, f := range fs {
		f(&e)
	}
	return e
}

func nums(value, low, high kizashi.Num) func(*kizashi.Evidence) {
	return func(e *kizashi.Evidence) { e.Value, e.Low, e.High = value, low, high }
}

func counts(n, of int) func(*kizashi.Evidence) {
	return func(e *kizashi.Evidence) { e.Count, e.Of = n, of }
}

func stretchOf(from, to kizashi.Time) func(*kizashi.Evidence) {
	return func(e *kizashi.Evidence) { e.From, e.To = from, to }
}

func text(s string) func(*kizashi.Evidence) { return func(e *kizashi.Evidence) { e.Text = s } }

// story is an alert with its justification.
type story struct {
	name string
	a    kizashi.Alert
	j    kizashi.Justification
}

func metaOf(name, unit string) kizashi.Meta {
	ls := kizashi.LabelsOf(map[string]string{"name": name, "account": "123456789012", "region": "ap-northeast-1"})
	return kizashi.Meta{Series: kizashi.IDOf("acme", ls), Tenant: "acme", Identity: ls, Labels: ls, Unit: unit,
		Period: min1, Settle: 3 * min1, Lower: none, Upper: none, Zone: "Asia/Tokyo"}
}

func make1(name string, m kizashi.Meta, side kizashi.Side, value kizashi.Num, votes ...kizashi.Vote) story {
	v := kizashi.Verdict{State: kizashi.HeldOut, Expected: none, Lower: none, Upper: none, Votes: votes}
	var models []string
	for _, w := range votes {
		models = append(models, w.Model)
		if w.Kind == kizashi.Value && !v.Upper.Ok() && !v.Lower.Ok() {
			v.Expected, v.Lower, v.Upper = w.Center, w.Lower, w.Upper
		}
	}
	o := kizashi.Moment{At: opened, Value: value, Verdict: v}
	a := kizashi.Alert{ID: kizashi.AlertID(m.Series, side, opened), Series: m.Series, Tenant: m.Tenant, Labels: m.Labels, Side: side,
		Class: "check", State: kizashi.Firing, Opened: opened, From: opened, To: opened.Add(60e9), Changed: opened.Add(60e9), Seq: 1,
		Opening: o, Peak: o, Models: models, Justify: "sha256:" + name}
	rec := &kizashi.Record{Series: m.Series, Hour: opened.Floor(3600e9), Transform: kizashi.Identity, Season: kizashi.Weekly, Period: min1, M: 3, N: 5, Ready: true}
	j := kizashi.Justification{Format: kizashi.JustificationFormat, Alert: a.ID, Meta: m, Settings: kizashi.Settings{R: kizashi.Duration(28 * 24 * 3600e9), Class: "check"},
		Opening: o, Record: rec, LimitLow: none, LimitHigh: none,
		Window: kizashi.Window{From: opened - 14*24*hour, To: opened}}
	return story{name, a, j}
}

func value1(model string, side kizashi.Side, center, lower, upper kizashi.Num) kizashi.Vote {
	return kizashi.Vote{Model: model, Kind: kizashi.Value, Side: side, Crossed: true, Stat: 6.1, Limit: 5.2, Unit: "scales", Center: center, Lower: lower, Upper: upper}
}

// latency is the story that the model texts tell: everything at its best.
func latency() story {
	m := metaOf("ALB TargetResponseTime", "Seconds")
	m.Statistic = "p99"
	s := make1("band", m, kizashi.Up, .431, value1("band", kizashi.Up, .224, none, .412))
	held := mustTime("2026-09-28T05:10:00Z")
	s.a.Peak.At, s.a.Peak.Value = opened+4*60_000, .512
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimBand, nums(.431, none, .412), counts(3, 5)),
		fact(kizashi.ClaimSeason, text("weekly")),
		fact(kizashi.ClaimTransform, text("log1p")),
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20014, 20160)),
		fact(kizashi.ClaimMissing, counts(104, 0)),
		fact(kizashi.ClaimHeld, stretchOf(held, held+42*60_000), counts(42, 0), text("failed release, CHG-4711")),
		fact(kizashi.ClaimComparable, nums(.224, .188, .260), counts(7, 0)),
		fact(kizashi.ClaimRange, nums(none, .398, .421)),
		fact(kizashi.ClaimTarget, nums(28*day, 11*day, 70*day)),
		fact(kizashi.ClaimExtrapolated, nums(14*day, none, 28*day)),
		fact(kizashi.ClaimFired, counts(2, 0)),
		fact(kizashi.ClaimNearby, nums(.318, none, none), counts(19, 0)),
		fact(kizashi.ClaimNearby, nums(.365, none, none), counts(6, 0)),
		fact(kizashi.ClaimNearby, nums(.412, none, none), counts(2, 0)),
		fact(kizashi.ClaimNearby, nums(.506, none, none), counts(1, 0)),
		fact(kizashi.ClaimNearby, nums(.6, none, none), counts(0, 0)),
		fact(kizashi.ClaimDetection, nums(none, 360, 540)),
	}
	return s
}

// orders fell at night, a young series that has seen one such hour.
func orders() story {
	s := make1("band_down", metaOf("orders", "Count/Minute"), kizashi.Down, 3, value1("band", kizashi.Down, 120, 41, none))
	s.a.State, s.a.Ended, s.a.To, s.a.Reopened = kizashi.Resolved, kizashi.ClaimBack, opened+38*60_000, 2
	s.j.Record.Season = kizashi.Daily24
	s.j.Window.From = opened - 3*24*hour
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimBand, nums(3, 41, none), counts(3, 5)),
		fact(kizashi.ClaimSeason, text("daily")),
		fact(kizashi.ClaimWindow, stretchOf(opened-3*24*hour, opened), counts(4290, 4320)),
		fact(kizashi.ClaimComparable, nums(118, 95, 143), counts(1, 0)),
		fact(kizashi.ClaimFewMoments, counts(1, 0)),
		fact(kizashi.ClaimRange, nums(none, 41, 41)),
		fact(kizashi.ClaimTarget, nums(28*day, 3*day, 260*day)),
		fact(kizashi.ClaimExtrapolated, nums(3*day, none, 28*day)),
		fact(kizashi.ClaimPrior, counts(0, 0)),
		fact(kizashi.ClaimFired, counts(0, 0)),
		fact(kizashi.ClaimDetection, nums(none, 360, 540)),
	}
	return s
}

// errors5xx is a count, alerted by its spike, late from its source.
func errors5xx() story {
	s := make1("spike", metaOf("HTTPCode_ELB_5XX_Count", "Count"), kizashi.Up, 57, value1("spike", kizashi.Up, 1.2, none, 12.4))
	s.a.Revised = true
	s.j.Record.Season = kizashi.NoSeason
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimSpike, nums(57, none, 12.4), counts(1, 1)),
		fact(kizashi.ClaimFirst, nums(none, 0, 14)),
		fact(kizashi.ClaimSeason, text("none")),
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20160, 20160)),
		fact(kizashi.ClaimComparable, nums(1, 0, 9), counts(14, 0)),
		fact(kizashi.ClaimTarget, nums(28*day, 9*day, 80*day)),
		fact(kizashi.ClaimPrior, counts(6, 0)),
		fact(kizashi.ClaimYoung, nums(3.4, none, none)),
		fact(kizashi.ClaimLattice),
		fact(kizashi.ClaimFired, counts(1, 0)),
		fact(kizashi.ClaimDetection, nums(none, 240, 360)),
	}
	return s
}

// cpu crossed its band, its spike limit and a static limit at once.
func cpu() story {
	st := kizashi.Vote{Model: "static", Kind: kizashi.Value, Side: kizashi.Up, Crossed: true, Stat: 97.2, Limit: 90, Center: none, Lower: none, Upper: 90}
	s := make1("combination", metaOf("CPUUtilization", "Percent"), kizashi.Up, 97.2, st,
		value1("band", kizashi.Up, 35, 4, 71), value1("spike", kizashi.Up, 38, none, 66))
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimStatic, nums(97.2, none, 90), counts(2, 3), text("agreed with acme on 2026-04-01")),
		fact(kizashi.ClaimBand, nums(97.2, 4, 71), counts(3, 5)),
		fact(kizashi.ClaimSpike, nums(97.2, none, 66), counts(1, 1)),
		fact(kizashi.ClaimSeason, text("weekly")),
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20014, 20160)),
		fact(kizashi.ClaimHeld, stretchOf(opened-300*hour, opened-299*hour), counts(60, 0), text("band")),
		fact(kizashi.ClaimHeld, stretchOf(opened-250*hour, opened-249*hour), counts(60, 0), text("band")),
		fact(kizashi.ClaimHeld, stretchOf(opened-200*hour, opened-199*hour), counts(60, 0), text("spike")),
		fact(kizashi.ClaimHeld, stretchOf(opened-150*hour, opened-149*hour), counts(60, 0), text("excluded")),
		fact(kizashi.ClaimHeld, stretchOf(opened-100*hour, opened-70*hour), counts(1800, 0), text("移行作業")),
		fact(kizashi.ClaimHeld, stretchOf(opened-50*hour, opened-49*hour), counts(60, 0), text("moved")),
		fact(kizashi.ClaimComparable, nums(34, 20, 52), counts(10, 0)),
		fact(kizashi.ClaimRange, nums(none, 66, 74)),
		fact(kizashi.ClaimNearby, nums(71, none, none), counts(3, 0)),
		fact(kizashi.ClaimDetection, nums(none, 300, 420)),
	}
	return s
}

// disk reached its guard rail, which also cuts the band.
func disk() story {
	g := kizashi.Vote{Model: "guard", Kind: kizashi.Value, Side: kizashi.Up, Crossed: true, Stat: 95, Limit: 95, Center: none, Lower: none, Upper: 95}
	s := make1("guard", metaOf("disk_used_percent /var", "Percent"), kizashi.Up, 95, g)
	s.a.State = kizashi.Pending
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimGuard, nums(95, none, 95), counts(1, 1), text("backup needs 5%")),
		fact(kizashi.ClaimBound, nums(95, none, none)),
		fact(kizashi.ClaimDetection, nums(none, 240, 300)),
	}
	return s
}

// heartbeat stopped in the middle of the day.
func heartbeat() story {
	v := kizashi.Vote{Model: "silence", Kind: kizashi.EvidenceVote, Side: kizashi.Both, Crossed: true, Stat: 900, Limit: 900, Unit: "s", Center: none, Lower: none, Upper: none}
	s := make1("silence", metaOf("batch heartbeat", ""), kizashi.Both, none, v)
	last := opened - 16*60_000
	s.j.Record = nil
	s.j.Rhythm = &kizashi.Rhythm{Last: last, Gap: min1, Usual: 5 * min1, Limit: 15 * min1, Since: opened - 14*24*hour, Count: 20159, Absent: 15 * min1}
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimSilence, nums(900, none, 900), stretchOf(last, 0)),
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20100, 20160)),
		fact(kizashi.ClaimFewMoments, counts(0, 0)),
		fact(kizashi.ClaimDetection, nums(none, 900, 1140)),
	}
	return s
}

// monday is a host that is off at the weekend and did not come back.
func monday() story {
	s := heartbeat()
	s.name = "silence_weekend"
	last := mustTime("2026-10-02T12:59:00Z")
	s.j.Rhythm.Last, s.j.Rhythm.Absent = last, kizashi.Duration(int64(opened-last-60_000)*1e6)
	s.j.Evidence[0] = fact(kizashi.ClaimSilence, nums(900, none, kizashi.Num(float64(opened-last-60_000)/1000)), stretchOf(last, 0))
	return s
}

// novel has evidence votes alone: none crossed a limit of the value.
func novel() story {
	v := func(model string, stat, limit float64, unit string) kizashi.Vote {
		return kizashi.Vote{Model: model, Kind: kizashi.EvidenceVote, Side: kizashi.Up, Crossed: true, Stat: stat, Limit: limit, Unit: unit, Center: none, Lower: none, Upper: none}
	}
	s := make1("inside", metaOf("ALB TargetResponseTime p99", "Seconds"), kizashi.Up, .388, v("shape", 7.31, 5, "scales"), v("flatline", 5400, 3600, "s"))
	s.a.Opening.Verdict.Lower, s.a.Opening.Verdict.Upper = none, .412
	s.j.Evidence = []kizashi.Evidence{
		fact("shape"), fact("flatline"),
		fact(kizashi.ClaimInside, nums(.388, none, .412)),
		fact(kizashi.ClaimWindow, stretchOf(opened-14*24*hour, opened), counts(20014, 0)),
		fact("a kind of later"),
	}
	return s
}

// level is an alert that ended since its level was adopted.
func level() story {
	s := latency()
	s.name = "moved"
	s.a.State, s.a.Ended, s.a.To = kizashi.Resolved, kizashi.ClaimMoved, opened+12*hour
	return s
}

// away is what is told after Kizashi saw nothing for hours; of one account,
// where that alone could not be seen.
func away(account string, resolved bool) story {
	from, to := opened-6*hour, opened
	head := fact(kizashi.ClaimAway, stretchOf(from, to), counts(7, 2), text(account))
	facts := []kizashi.Evidence{head,
		fact(kizashi.ClaimEpisode, stretchOf(from+hour, from+2*hour), nums(.547, none, none), text("292a70aba99dd276 TargetResponseTime p99 app/shop"), func(e *kizashi.Evidence) { e.Unit = "Seconds" }),
		fact(kizashi.ClaimEpisode, stretchOf(from+3*hour, from+4*hour), nums(none, none, none), text("f3b1 Orders Sum shop"))}
	name := "away"
	if account != "" {
		name = "away_account"
		facts[0].Count, facts[0].Of = 1, 0
		facts = facts[:2]
	}
	a := kizashi.Alert{ID: "a1", Tenant: "acme", Group: "kizashi", Models: []string{"away"}, State: kizashi.Firing, Opened: from, From: from, To: to, Facts: facts}
	if resolved {
		a.State, a.Ended = kizashi.Resolved, kizashi.ClaimSaid
		name += "_resolved"
	}
	return story{name: name, a: a, j: kizashi.Justification{Meta: kizashi.Meta{Zone: "Asia/Tokyo"}}}
}

// firstLook is told when the history of a tenant is learned.
func firstLook() story {
	e := fact(kizashi.ClaimFirstLook, stretchOf(opened-14*24*hour, opened), counts(412, 9), text("/api/firstlook/acme"))
	return story{name: "first_look", a: kizashi.Alert{ID: "a2", Tenant: "acme", Group: "kizashi", Models: []string{"first_look"}, State: kizashi.Firing,
		Opened: opened, From: opened, To: opened, Facts: []kizashi.Evidence{e}}, j: kizashi.Justification{Meta: kizashi.Meta{Zone: "Asia/Tokyo"}}}
}

// tooSlow is told when a detector was switched off.
func tooSlow() story {
	e := fact(kizashi.ClaimTooSlow, stretchOf(opened, 0), nums(.000131, none, .00005), counts(1024, 0), text("acme-saturated"), func(e *kizashi.Evidence) { e.Unit = "s" })
	return story{name: "too_slow", a: kizashi.Alert{ID: "a3", Tenant: "acme", Group: "kizashi", Models: []string{"too_slow"}, State: kizashi.Firing,
		Opened: opened, From: opened, To: opened, Facts: []kizashi.Evidence{e}}, j: kizashi.Justification{Meta: kizashi.Meta{Zone: "Asia/Tokyo"}}}
}

// own is told by a detector that is not Kizashi's, in its words.
func own() story {
	v := kizashi.Vote{Model: "acme-saturated", Kind: kizashi.EvidenceVote, Side: kizashi.Up, Crossed: true, Stat: 31, Limit: 30, Unit: "samples", Center: none, Lower: none, Upper: none}
	s := make1("own", metaOf("pool connections", "Count"), kizashi.Up, 200, v)
	s.j.Evidence = []kizashi.Evidence{fact("acme-saturated", nums(200, none, none), counts(1, 1)), fact(kizashi.ClaimDetection, nums(none, 60, 120))}
	s.j.Own = []kizashi.Own{{Model: "acme-saturated", Words: kizashi.Words{
		English:  "It has been at {value}, the highest value it ever had, for {stat} in a row; up to {limit} are usual.",
		Japanese: "過去最大値に張り付き({value}が連続{stat}、普段は{limit}以内)。"}}}
	return s
}

// blindness is about Kizashi itself: one story a kind of cause.
func blindness(kind kizashi.CauseKind, resolved bool) story {
	labels := map[string]string{"account": "123456789012", "cause": string(kind), "region": "ap-northeast-1"}
	facts := []kizashi.Evidence{fact(kizashi.ClaimBlind, stretchOf(opened, 0), text("AccessDenied: User is not authorized")),
		fact(kizashi.ClaimUnseen, text("AWS/EC2 (120 series), AWS/RDS (30 series)"))}
	switch kind {
	case kizashi.NoPermission:
		labels["permission"] = "cloudwatch:GetMetricData"
	case kizashi.NoCredentials:
		labels["role"] = "arn:aws:iam::123456789012:role/kizashi"
		delete(labels, "region")
		facts = append(facts, fact(kizashi.ClaimRegions, counts(2, 0), text("ap-northeast-1, us-east-1")))
	case kizashi.Forgotten:
		facts = []kizashi.Evidence{fact(kizashi.ClaimBlind, stretchOf(opened, 0))}
	}
	m := kizashi.Moment{At: opened, Value: none, Verdict: kizashi.Verdict{Expected: none, Lower: none, Upper: none}}
	s := story{"blind_" + string(kind), kizashi.Alert{ID: "b11d", Tenant: "acme", Labels: kizashi.LabelsOf(labels), State: kizashi.Firing, Opened: opened, From: opened, To: opened,
		Opening: m, Peak: m, Models: []string{"blind"}, Facts: facts}, kizashi.Justification{}}
	if resolved {
		s.name, s.a.State, s.a.Ended, s.a.To = "sight", kizashi.Resolved, kizashi.ClaimSight, opened+25*60_000
	}
	return s
}

// lost is an alert whose justification is gone.
func lost() story {
	s := latency()
	s.name, s.j = "lost", kizashi.Justification{}
	return s
}

// gone is a silence whose justification is gone.
func gone() story {
	s := heartbeat()
	s.name, s.j = "lost_silence", kizashi.Justification{}
	return s
}

// oil fell under a limit that a person set, and reached it exactly.
func oil() story {
	v := kizashi.Vote{Model: "static", Kind: kizashi.Value, Side: kizashi.Down, Crossed: true, Stat: 20, Limit: 20, Center: none, Lower: 20, Upper: none}
	s := make1("static_down", metaOf("CPUCreditBalance", "Count"), kizashi.Down, 20, v)
	s.a.Peak.Value, s.a.Peak.At = 4, opened+5*60_000
	s.j.Evidence = []kizashi.Evidence{
		fact(kizashi.ClaimStatic, nums(20, 20, none), counts(1, 1)),
		fact(kizashi.ClaimComparable, nums(220, 180, 288), counts(9, 0)),
		fact(kizashi.ClaimNearby, nums(20, none, none), counts(0, 0)),
	}
	return s
}

func stories() []story {
	out := []story{gone(), oil(), latency(), orders(), errors5xx(), cpu(), disk(), heartbeat(), unlike(), neverSeen()[0], neverSeen()[1], neverSeen()[2], shifted(), drifting(), restless(), calm(), flat(), skipped(), firstDay(), rising(), filling(), leaking(), monday(), novel(), level(), lost(), blindness(kizashi.NoPermission, true),
		away("", false), away("", true), away("123456789012 ap-northeast-1", false), firstLook(), tooSlow(), own()}
	for _, k := range []kizashi.CauseKind{kizashi.NoPermission, kizashi.NoCredentials, kizashi.NoRegion, kizashi.CostCap, kizashi.Forgotten, "later"} {
		out = append(out, blindness(k, false))
	}
	return append(append(out, retired(), shared()), lineStories()...)
}

// shared is one of forty series that share a tenant's target, which its two
// weeks do not support.
func shared() story {
	s := latency()
	s.name = "shared"
	for i := range s.j.Evidence {
		switch e := &s.j.Evidence[i]; e.Claim {
		case kizashi.ClaimTarget:
			*e = fact(kizashi.ClaimTarget, nums(280*day, 23*day, 3400*day))
		case kizashi.ClaimExtrapolated:
			e.High = 280 * day
		}
	}
	i := slices.IndexFunc(s.j.Evidence, func(e kizashi.Evidence) bool { return e.Claim == kizashi.ClaimExtrapolated })
	s.j.Evidence = slices.Insert(s.j.Evidence, i+1, fact(kizashi.ClaimUnsupported, nums(210*day, none, 280*day)))
	s.j.Evidence = slices.Insert(s.j.Evidence, i, fact(kizashi.ClaimShared, nums(1, none, none), counts(40, 0)))
	return s
}

// retired is a silence that ended since its host was terminated.
func retired() story {
	s := heartbeat()
	s.name, s.a.State, s.a.Ended, s.a.To = "retired", kizashi.Resolved, kizashi.ClaimTerminated, opened+20*60_000
	return s
}

// notes are facts that are told one by one.
func notes() []kizashi.Evidence {
	return []kizashi.Evidence{
		fact(kizashi.ClaimWarming, counts(31, 48)), fact(kizashi.ClaimWarming),
		fact(kizashi.ClaimGap), fact(kizashi.ClaimOff), fact(kizashi.ClaimUnusable),
		fact(kizashi.ClaimExcluded, stretchOf(opened, opened+2*hour), text("patch window")), fact(kizashi.ClaimExcluded),
		fact(kizashi.ClaimDay, nums(none, .1, 1), counts(0, 0), text("yearend")), fact(kizashi.ClaimDay, nums(none, .67, 1.5), counts(1, 0), text("closed")), fact(kizashi.ClaimDay, nums(none, .9, 1.1), counts(5, 0), text("holiday")),
		fact(kizashi.ClaimVolume, nums(60, 20, none), stretchOf(opened, opened+2*hour), text("CPUUtilization")),
		fact(kizashi.ClaimEffect, nums(.2, .1, none)),
		fact(kizashi.ClaimLate, nums(1800, none, none), stretchOf(opened, 0), text("patch window")),
		fact(kizashi.ClaimExpected, nums(none, 1, 3), stretchOf(opened, opened+2*hour), text("patch window")), fact(kizashi.ClaimExpected, nums(none, .5, .5), stretchOf(opened, opened+2*hour)), fact(kizashi.ClaimConfirmed, stretchOf(opened, opened+2*hour), text("patch window")), fact(kizashi.ClaimConfirmed),
		fact(kizashi.ClaimMoved, nums(none, .224, .318)), fact(kizashi.ClaimMoved), fact(kizashi.ClaimRebuilt, stretchOf(opened, 0), counts(2352, 0)), fact(kizashi.ClaimRebuilt), fact(kizashi.ClaimRebuilt, stretchOf(opened, 0), counts(2352, 0), text("lost")),
		fact(kizashi.ClaimRelearn), fact(kizashi.ClaimRecurs, text("spike up"), counts(4, 0)), fact(kizashi.ClaimChosen, text("weekly")),
		fact(kizashi.ClaimInformed, stretchOf(opened-469*24*hour, opened-14*24*hour), counts(10_911, 0), text("taken")),
		fact(kizashi.ClaimInformed, stretchOf(opened-469*24*hour, opened-14*24*hour), counts(10_911, 0), text("unlike")),
		fact(kizashi.ClaimInformed, stretchOf(opened-20*24*hour, opened-14*24*hour), counts(144, 0), text("short")),
		fact(kizashi.ClaimBack, counts(5, 0)), fact(kizashi.ClaimBack), fact(kizashi.ClaimStateLost),
		fact(kizashi.ClaimRevised), fact(kizashi.ClaimCorrected), fact(kizashi.ClaimRevision, nums(7, none, 5), counts(1, 1)), fact(kizashi.ClaimRevised, nums(3, 7, none), stretchOf(opened, 0)),
		fact(kizashi.ClaimRevised, nums(3, none, none), stretchOf(opened, 0)), fact(kizashi.ClaimInherited, stretchOf(opened, 0), counts(7, 0), text("CPUUtilization")), fact(kizashi.ClaimTerminated, stretchOf(opened, 0)), fact(kizashi.ClaimStopped, stretchOf(opened, 0)), fact(kizashi.ClaimDisappeared), fact(kizashi.ClaimLeftOut), fact(kizashi.ClaimUnread), fact(kizashi.ClaimMerged),
		fact(kizashi.ClaimReturned, stretchOf(opened, 0)), fact(kizashi.ClaimSight), fact(kizashi.ClaimOther), fact(kizashi.ClaimClosed), fact(kizashi.ClaimBlind, stretchOf(opened, 0)),
		fact(kizashi.ClaimUnseen, text("AWS/EC2 (120 series)")), fact(kizashi.ClaimRegions, counts(1, 0), text("ap-northeast-1")),
		fact(kizashi.ClaimTransform, text("sqrt")), fact(kizashi.ClaimAdapts, nums(5*day, none, none)), fact(kizashi.ClaimLattice), fact(kizashi.ClaimHeld, stretchOf(opened, opened+hour), counts(1, 0)),
		fact(kizashi.ClaimPattern, stretchOf(opened, 0), text("merge 4be0c0ffee123456")), fact(kizashi.ClaimNoPattern, stretchOf(opened, 0), text("4be0c0ffee123456")), fact(kizashi.ClaimForgot, stretchOf(opened, 0)),
		fact(kizashi.ClaimLogSaid, stretchOf(opened-hour, opened), counts(2, 0)), fact(kizashi.ClaimLogSaid, stretchOf(opened-hour, opened)), fact(kizashi.ClaimLogLoose, counts(5123, 9000)), fact(kizashi.ClaimLogLoose),
		fact(kizashi.ClaimLogRenamed, stretchOf(opened, 0), text("4be0c0ffee123456 8943150a624962f1")), fact(kizashi.ClaimLogMoved, stretchOf(opened, 0), text("4be0c0ffee123456 8943150a624962f1")),
		fact(kizashi.ClaimNearby, nums(.5, none, none), counts(1, 0)), fact(kizashi.ClaimRegular, nums(180, none, none), stretchOf(opened, opened+hour), counts(14, 14)),
	}
}
