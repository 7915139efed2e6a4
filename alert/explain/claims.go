package explain

import (
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// sentence tells one fact. It may look at the rest of the justification, and
// it must not tell other facts.
type sentence func(t *teller, e kizashi.Evidence) string

// row holds a claim's sentence in either language.
type row struct{ en, ja sentence }

// claims is the one place where kinds of facts get words. Every
// [kizashi.Claim] has a row; a test reads the constants from the source.
var claims = map[kizashi.Claim]row{
	// Why an alert stands.
	kizashi.ClaimBand:     {bandEn, bandJa},
	kizashi.ClaimSpike:    {spikeEn, spikeJa},
	kizashi.ClaimStatic:   {staticEn, staticJa},
	kizashi.ClaimGuard:    {guardEn, guardJa},
	kizashi.ClaimRate:     {rateEn, rateJa},
	kizashi.ClaimSilence:  {silenceEn, silenceJa},
	kizashi.ClaimNovelty:  {noveltyEn, noveltyJa},
	kizashi.ClaimContext:  {contextEn, contextJa},
	kizashi.ClaimExtreme:  {extremeEn, extremeJa},
	kizashi.ClaimSibling:  {siblingEn, siblingJa},
	kizashi.ClaimLevel:    {levelEn, levelJa},
	kizashi.ClaimDrift:    {levelEn, levelJa},
	kizashi.ClaimVary:     {varianceEn, varianceJa},
	kizashi.ClaimStuck:    {stuckEn, stuckJa},
	kizashi.ClaimEarly:    {earlyEn, earlyJa},
	kizashi.ClaimRoutine:  {routineEn, routineJa},
	kizashi.ClaimForecast: {forecastEn, forecastJa},
	kizashi.ClaimRevision: {revisionEn, revisionJa},

	kizashi.ClaimLogNew:    {newSaid, newSaid},
	kizashi.ClaimLogRare:   {rareSaid, rareSaid},
	kizashi.ClaimLogMany:   {manySaid, manySaid},
	kizashi.ClaimLogSurge:  {surgeSaid, surgeSaid},
	kizashi.ClaimLogDrop:   {dropSaid, dropSaid},
	kizashi.ClaimLogAbsent: {absentSaid, absentSaid},
	kizashi.ClaimLogShare:  {shareSaid, shareSaid},
	kizashi.ClaimLogRatio:  {ratioSaid, ratioSaid},
	kizashi.ClaimLogValue:  {valueSaid, valueSaid},

	kizashi.ClaimInside:  {insideEn, insideJa},
	kizashi.ClaimBlind:   {blindEn, blindJa},
	kizashi.ClaimUnseen:  {unseenEn, unseenJa},
	kizashi.ClaimRegions: {regionsEn, regionsJa},

	// What Kizashi has to say of its own work.
	kizashi.ClaimAway:      {awayEn, awayJa},
	kizashi.ClaimEpisode:   {episodeEn, episodeJa},
	kizashi.ClaimFirstLook: {firstLookEn, firstLookJa},
	kizashi.ClaimTooSlow:   {tooSlowEn, tooSlowJa},
	kizashi.ClaimSaid:      {saidEn, saidJa},

	// What the limit rests on.
	kizashi.ClaimWindow:     {windowEn, windowJa},
	kizashi.ClaimMissing:    {missingEn, missingJa},
	kizashi.ClaimHeld:       {heldEn, heldJa},
	kizashi.ClaimSeason:     {seasonEn, seasonJa},
	kizashi.ClaimComparable: {comparableEn, comparableJa},
	kizashi.ClaimRange:      {rangeEn, rangeJa},
	kizashi.ClaimTarget:     {targetEn, targetJa},
	kizashi.ClaimShared:     {sharedEn, sharedJa},
	kizashi.ClaimFired:      {firedEn, firedJa},
	kizashi.ClaimNearby:     {nearbyEn, nearbyJa},
	kizashi.ClaimDetection:  {detectionEn, detectionJa},
	kizashi.ClaimTransform:  {transformEn, transformJa},
	kizashi.ClaimAdapts:     {adaptsEn, adaptsJa},
	kizashi.ClaimLattice:    {latticeEn, latticeJa},
	kizashi.ClaimRegular:    {regularEn, regularJa},
	kizashi.ClaimBound:      {boundEn, boundJa},

	// Reservations.
	kizashi.ClaimExtrapolated: {extrapolatedEn, extrapolatedJa},
	kizashi.ClaimUnsupported:  {unsupportedEn, unsupportedJa},
	kizashi.ClaimPrior:        {priorEn, priorJa},
	kizashi.ClaimYoung:        {youngEn, youngJa},
	kizashi.ClaimFewMoments:   {fewEn, fewJa},
	kizashi.ClaimInherited:    {inheritedEn, inheritedJa},
	kizashi.ClaimRevised:      {revisedEn, revisedJa},

	// Why there is no judgement, and what happened to the baseline.
	kizashi.ClaimWarming:    {warmingEn, warmingJa},
	kizashi.ClaimGap:        {gapEn, gapJa},
	kizashi.ClaimExcluded:   {excludedEn, excludedJa},
	kizashi.ClaimVolume:     {volumeEn, volumeJa},
	kizashi.ClaimEffect:     {effectEn, effectJa},
	kizashi.ClaimFirst:      {firstEn, firstJa},
	kizashi.ClaimDay:        {kindEn, kindJa},
	kizashi.ClaimLogDue:     {lineDueEn, lineDueJa},
	kizashi.ClaimLogDay:     {lineDayEn, lineDayJa},
	kizashi.ClaimLogRenamed: {renamedEn, renamedJa},
	kizashi.ClaimLogMoved:   {movedLinesEn, movedLinesJa},
	kizashi.ClaimLogSaid:    {lineSaidEn, lineSaidJa},
	kizashi.ClaimLogLoose:   {looseEn, looseJa},
	kizashi.ClaimLate:       {lateEn, lateJa},
	kizashi.ClaimExpected:   {expectedEn, expectedJa},
	kizashi.ClaimConfirmed:  {confirmedEn, confirmedJa},
	kizashi.ClaimOff:        {offEn, offJa},
	kizashi.ClaimUnusable:   {unusableEn, unusableJa},
	kizashi.ClaimMoved:      {movedEn, movedJa},
	kizashi.ClaimRelearn:    {relearnEn, relearnJa},
	kizashi.ClaimRecurs:     {recursEn, recursJa},
	kizashi.ClaimPattern:    {patternEn, patternJa},
	kizashi.ClaimNoPattern:  {noPatternEn, noPatternJa},
	kizashi.ClaimForgot:     {forgotEn, forgotJa},
	kizashi.ClaimRebuilt:    {rebuiltEn, rebuiltJa},
	kizashi.ClaimChosen:     {chosenEn, chosenJa},
	kizashi.ClaimReturned:   {returnedEn, returnedJa},
	kizashi.ClaimInformed:   {informedEn, informedJa},

	// Why an alert ended.
	kizashi.ClaimCorrected:   {correctedEn, correctedJa},
	kizashi.ClaimTerminated:  {terminatedEn, terminatedJa},
	kizashi.ClaimStopped:     {stoppedEn, stoppedJa},
	kizashi.ClaimDisappeared: {disappearedEn, disappearedJa},
	kizashi.ClaimLeftOut:     {leftOutEn, leftOutJa},
	kizashi.ClaimUnread:      {unreadEn, unreadJa},
	kizashi.ClaimMerged:      {mergedEn, mergedJa},
	kizashi.ClaimStateLost:   {stateLostEn, stateLostJa},
	kizashi.ClaimBack:        {backEn, backJa},
	kizashi.ClaimSight:       {sightEn, sightJa},
	kizashi.ClaimOther:       {otherEn, otherJa},
	kizashi.ClaimClosed:      {closedEn, closedJa},
}

// tell writes one fact in the document's language.
func (t *teller) tell(e kizashi.Evidence) string {
	if s, ok := t.ownFact(string(e.Claim)); ok {
		return s
	}
	r, ok := claims[e.Claim]
	switch {
	case !ok:
		return t.unknown(e)
	case t.Lang == Japanese:
		return r.ja(t, e)
	}
	return r.en(t, e)
}

// unknown tells a fact that has no sentence here, such as one written by a
// newer version: the vote of that name if there is one, else that there is
// more than is told. Nothing is left out in silence.
func (t *teller) unknown(e kizashi.Evidence) string {
	name := t.quote(string(e.Claim))
	v := t.vote(string(e.Claim))
	if v == nil {
		return t.pick("There is a fact of the kind "+name+" that this version has no words for.",
			"このバージョンでは説明できない種類の根拠"+name+"あり。")
	}
	stat, limit := t.stat(v.Stat, v.Unit), t.stat(v.Limit, v.Unit)
	return t.pick("The detector "+name+" gave "+stat+" against its limit of "+limit+".",
		"検知器"+name+"の値は"+stat+"、その限度は"+limit+"。")
}

// stat writes a statistic in its own unit.
func (t *teller) stat(v float64, unit string) string {
	switch unit {
	case "":
		return t.v(kizashi.Num(v))
	case "s":
		return t.duration(seconds(kizashi.Num(v)))
	case "scales":
		return number(v) + t.pick(" scales", "尺度単位")
	case "part":
		return number(100*v) + "%"
	case "decades":
		return t.pick("once in "+t.power(v), t.power(v)+"回に1回")
	case "d":
		return t.duration(time.Duration(v * 24 * float64(time.Hour)).Round(time.Minute))
	case "waits":
		return number(v) + t.pick(" waits", "倍(平均間隔比)")
	case "patterns":
		return number(v) + t.pick(" patterns", "種類")
	case "lines":
		return number(v) + t.pick(" lines", "行")
	case "times":
		return number(v) + t.pick(" times", "倍")
	case "ranges":
		return number(v) + t.pick(" ranges", "倍(値域比)")
	case "samples":
		return number(v) + t.pick(" samples", "点")
	}
	return unitOf(unit).format(v, usualDigits)
}

// number of no unit, with the usual digits.
func number(v float64) string { return plainNumber(round(v, usualDigits)) }

// times counts events in words.
func (t *teller) times(n int) string {
	if t.Lang == Japanese {
		return Count(n) + "回"
	}
	switch n {
	case 0:
		return "never"
	case 1:
		return "once"
	}
	return Count(n) + " times"
}

// mOfN writes the rule of a vote.
func mOfN(m, n int) string { return strconv.Itoa(m) + " of the last " + strconv.Itoa(n) }
