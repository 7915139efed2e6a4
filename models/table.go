// Package models holds the detectors, one file each, and the table that names
// them. A detector of one's own is a file like the others and a row here.
package models

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
	"github.com/kizashi-ops/kizashi/detect"
)

// All is the table, in the order in which votes are told. The names stand in
// alerts, configuration and state: a row keeps its name for good. `kizashi
// models --markdown` makes docs/models.md of it.
func All() []detect.Row {
	return []detect.Row{
		{Name: "guard", Kind: kizashi.Value, Model: limitModel{guards: true}, Outside: true,
			About:  "a hard limit that is never learned away, whatever is usual",
			Source: "the configuration",
			Long:   "Stands when M of the last N samples, this one among them, lie beyond the limit. A sample that never came is not beyond it; one N periods old or older does not count. The limits of the band are cut at it. It has no opinion where no guard rail is set.",
			Params: limitParams("guards", "a rule's list, or a catalogue's")},
		{Name: "static", Kind: kizashi.Value, Model: limitModel{}, Outside: true,
			About:  "a limit that a person set, M of N samples",
			Source: "the configuration",
			Long:   "The same rule as that of a guard rail. The limits of the band do not follow it. It has no opinion where no static limit is set.",
			Params: limitParams("static", "a rule's list")},
		{Name: "rate", Kind: kizashi.Value, Model: rateModel{}, Outside: true,
			About:  "a change within a while that a person asked to be told of",
			Source: "the configuration",
			Long:   "Stands when the value differs by more than the limit, in the unit or as a part, from the one so long before (docs/method.md, section 15). No opinion where no change is set, nor without a sample at that instant, within half a period.",
			Params: []detect.Param{{Name: "change", Value: "none; above, over, direction", About: "a rule's list; over at most 60 periods"}}},
		{Name: "forecast", Kind: kizashi.EvidenceVote, Model: forecastModel{}, Outside: true,
			About:  "a trend that will come to a limit, before it does",
			Source: "slopes of pairs: Theil 1950, Sen 1968; by time of day: Hirsch et al. 1982; interval: Fieller 1954",
			Long:   "When an hour begins a line is drawn through the last points: means of 3 hours over up to 14 days, and of a quarter of an hour over up to half a day. It is followed back as far as it holds; a step begins it anew. Where its slope is at least 3 times its standard error, which takes into account how the points hang together, it is carried on to the limits, no further ahead than twice the time that it has lasted. Stands when the early end of the interval of 80 %, less the lead time, is nearer than within; once it stands it stays until that end is half as far again. No opinion before a trend of 3 days (2 hours for the fast kind), where the series was there twice before and came back, of what has reached the limit already, nor where no limit is set (docs/method.md, section 16).",
			Params: []detect.Param{
				{Name: "forecast", Value: "the catalogue's, else the guard rails; above or below, within, lead, note", About: "a rule's list; an empty one = none"},
				{Name: "within", Value: "7 d", About: "told where the last day to act may lie so near"},
				{Name: "lead", Value: "0", About: "how long the remedy takes"},
				{Name: "trust", Value: "3 standard errors, then 2", About: "of the slope"},
				{Name: "reach", Value: "2 times as long as the trend has lasted, then 3", About: "no further is it carried on"},
				{Name: "returns", Value: "2 in four weeks", About: "from as far as now, which deny it; of the fast kind also a day there"},
			}},
		{Name: "band", Kind: kizashi.Value, Model: bandModel{},
			About:  "M of N samples beyond the band of this hour",
			Source: "peaks over threshold: Pickands 1975; L-moments: Hosking and Wallis 1987",
			Long:   "Each sample is scored by the record of its own hour: its distance from what the season expects, in scales. The statistic of a side is the M-th largest of the last N scores; its limit is the height that the tail of that statistic reaches once in R / w (docs/method.md, sections 1 to 6). No opinion in the first 48 observed hours, with an hour and more between samples, or with fewer than M samples in the last N periods.",
			Params: []detect.Param{
				{Name: "m_of_n", Value: "3/5 under 5 min between samples, 2/3 under 1 h, else the band gives no vote", About: "a rule's, or by the period"},
				{Name: "false_alert_every (R)", Value: "28 d; class act: the tenant's false_notifications_per_week, divided", About: "one false alert in R by all votes that the target is for"},
				{Name: "direction", Value: "both", About: "which side may alert"},
				{Name: "half_life", Value: "14 d", About: "2 to 56 d: centers, scales, seasons' errors and u follow so many times faster or slower; a tail's clusters halve in 56 d always"},
				{Name: "w", Value: "3 / shares: 3 a side of band and spike, 1 an evidence vote", About: "this vote's share of the target"},
				{Name: "xi0, n0", Value: "0, 60 clusters", About: "the prior of the tail's shape, and its weight"},
				{Name: "least", Value: "2 scales", About: "no limit is nearer"},
				{Name: "first week", Value: "7 d", About: "in which a sample must also lie beyond all that was seen before its hour"},
				{Name: "floor", Value: "none; by in the unit, part of the expected", About: "the least effect that is told"},
			}},
		{Name: "spike", Kind: kizashi.Value, Model: spikeModel{},
			About:  "one sample far from what those just before it let expect",
			Source: "peaks over threshold on EWMA residuals: Roberts 1959, Pickands 1975", Weight: .2,
			Long: "The residual of one sample about a moving mean of those before it, in scales of such residuals; never more than by how much it steps further than the season does, nor than twice its score by the band: what is usual at its hour is no spike. Its limit comes from the tail of that statistic as the band's does. No opinion in the first 48 observed hours (7 days with an hour and more between samples), with fewer than 5 samples in the moving mean, or after a gap of more than 5 periods.",
			Params: []detect.Param{
				{Name: "alpha", Value: "0.3 a sample", About: "weight of the newest sample in the moving mean"},
				{Name: "false_alert_every (R), direction, w, floor", Value: "as the band's", About: ""},
				{Name: "xi0, n0", Value: "0.1, 60 clusters", About: "the prior of the tail's shape, and its weight"},
				{Name: "least", Value: "3 scales", About: "no limit is nearer"},
				{Name: "first week", Value: "7 d", About: "as the band's"},
			}},
		{Name: "early", Kind: kizashi.EvidenceVote, Model: earlyModel{}, Outside: true,
			About:  "before limits count, far outside of all that the series has shown so far",
			Source: "ours",
			Long:   "In the hours before limits count, from an hour and 12 samples on: M of the last N samples lie further beyond the range of all samples before the hour than three times that range. The range takes in each hour that passes, so that a day which nobody has seen yet is followed and no step stands for longer than an hour. For a target longer than 28 d the limit is as many times further. No opinion once limits count, with an hour and more between samples, on special days, nor where something else is expected (docs/method.md, section 18).",
			Params: []detect.Param{
				{Name: "m_of_n", Value: "as the band's", About: "N of 16 at the most"},
				{Name: "distance", Value: "3 ranges, times R / 28 d where that is above 1", About: "beyond either end"},
				{Name: "least", Value: "an hour and 12 samples", About: "before the first is said"},
			}},
		{Name: "novelty", Kind: kizashi.EvidenceVote, Model: noveltyModel{noveltyUsual}, OptIn: true, Share: 1, Weight: 1,
			About:  "a course of levels that the series never took",
			Source: "symbolic words: SAX, Lin et al. 2003; surprise of new words: ours",
			Long:   "Pairs of samples are cut into levels in six ways; words are the last one to four levels. The statistic is the odds of words as new as these, in decades; its limit comes from its own tail. It ranks moments everywhere, and votes only where a rule asks for it (opt_in: [novelty]): its limit has not yet proved to keep its rate. No opinion in the first 14 days (docs/method.md, section 13).",
			Params: []detect.Param{
				{Name: "memory", Value: "two fortnights", About: "what has not come for so long is new again"},
				{Name: "false_alert_every (R), direction", Value: "as the band's", About: ""},
				{Name: "xi0, n0", Value: "0, 60 clusters", About: "the prior of the tail's shape, and its weight"},
			}},
		{Name: "context", Kind: kizashi.EvidenceVote, Model: contextModel{contextUsual}, Share: 1, Weight: .5,
			About:  "levels that this hour of the day never had",
			Source: "ours",
			Long:   "Of the last three hours, how many hold levels that their hour of the day never had in the last weeks; its limit comes from its own tail. No opinion in the first 48 hours, nor on special days.",
			Params: []detect.Param{
				{Name: "span", Value: "12 blocks of 15 min, or of a period", About: "evaluated when a block ends"},
				{Name: "memory", Value: "two fortnights", About: "of levels by hour of the day"},
				{Name: "false_alert_every (R), direction", Value: "as the band's", About: ""},
			}},
		{Name: "extreme", Kind: kizashi.EvidenceVote, Model: extremeModel{extremeUsual}, Share: 1, Weight: .25,
			About:  "a sample far outside all that the series has shown",
			Source: "ours",
			Long:   "By how many decades the range of all samples so far, which slowly narrows, would have to widen to take the sample in; its limit comes from its own tail. No opinion in the first 32 samples.",
			Params: []detect.Param{
				{Name: "narrowing", Value: "1/336 an hour", About: "of each end towards what comes"},
				{Name: "false_alert_every (R), direction", Value: "as the band's", About: ""},
			}},
		{Name: "silence", Kind: kizashi.EvidenceVote, Model: silenceModel{}, Outside: true,
			About:  "no sample for longer than the series' own rhythm allows",
			Source: "ours",
			Long:   "Stands when the last sample's end lies longer back than the longest of 15 minutes, 5 periods and twice the longest usual gap, counting only hours of the week in which samples come (docs/method.md, section 9), or the hours of a schedule. Said once. No opinion before the rhythm is known, of a series that has ended, or while its source cannot be read.",
			Params: []detect.Param{
				{Name: "silence", Value: "true", About: "a rule's; false where a catalogue says that no sample means nothing happened"},
				{Name: "schedule", Value: "none; hours, late", About: "hours in which samples are expected, and how late the first may be"},
				{Name: "least", Value: leastSilence.String(), About: "the shortest silence that is said"},
				{Name: "gaps", Value: fmt.Sprintf("%d median gaps", gapsOfSilence), About: "below that nobody is missed"},
				{Name: "over usual", Value: fmt.Sprintf("%d times", overUsual), About: "the longest usual gap"},
				{Name: "half-life", Value: fmt.Sprintf("%d d", usualHalfLife/day), About: "of the longest usual gap"},
				{Name: "warm-up", Value: fmt.Sprintf("%d d and %d gaps", silenceWarmUp/day, gapsWarmUp), About: "before the first is said"},
			}},
		{Name: "stuck", Kind: kizashi.EvidenceVote, Model: stuckModel{}, Outside: true,
			About:  "the same value for longer than the series is used to",
			Source: "ours",
			Long:   "Stands when a run of exactly equal values is longer than twice the longest usual run, than 6 samples and half an hour, and than what comes by chance once in R where values repeat. Runs at a bound, or at 0, have a usual of their own. No opinion in the first 7 days, nor of a series that mostly repeats itself (docs/method.md, section 13).",
			Params: []detect.Param{
				{Name: "over usual", Value: "2 times", About: "the longest usual run, which halves in 14 d"},
				{Name: "least", Value: "6 samples and 30 min", About: "the shortest run that is said"},
				{Name: "warm-up", Value: "7 d", About: "before the first is said"},
			}},
		{Name: "routine", Kind: kizashi.EvidenceVote, Model: routineModel{}, Outside: true,
			About:  "what comes at this time of the day, day after day, has not come",
			Source: "ours",
			Long:   "Where the profile of the day goes steeply somewhere else and back within 4 hours, as a nightly job does, the samples of each day tell when it began and ended: M in a row beyond the level half-way. What came on five days and on four fifths of them is told of in alerts at that time. What came on each of the last 14 days that were watched, seven at the least (or on each Monday to Friday of them), is missed when it has not begun after three times the furthest that it ever began from its usual time, until its window ends. No opinion without a season, with more than 15 minutes between samples, on special days, nor where something else is expected (docs/method.md, section 17).",
			Params: []detect.Param{
				{Name: "height", Value: fmt.Sprintf("%d scales", baseline.PlaceScales), About: "that the profile must lie off at the least"},
				{Name: "window", Value: fmt.Sprintf("%d min on either side of it", routineBeside), About: "in which it is looked for"},
				{Name: "days", Value: "7 of 7, of the last 14", About: "on which it came, before its absence is told"},
				{Name: "wait", Value: "3 times its jitter, 3 periods and 5 min, the longest", About: "after its usual begin"},
				{Name: "m", Value: "2 samples in a row under 5 min between samples, else 1", About: "beyond the level are a run"},
			}},
		{Name: "level", Kind: kizashi.EvidenceVote, Model: level, Share: 1,
			About:  "half an hour that lies off its usual further than half hours do",
			Source: "means of residual blocks against their own spread: Page 1954; limit as the band's",
			Long:   "The mean of the scores, each clipped to 5, over the last 6 blocks of 5 minutes or a period, against how far such means usually lie off. No opinion in the first 7 days with evaluations, with fewer than 3/4 of the samples, nor of a series that does not move.",
			Params: spanParams("6 blocks of 5 min, or of a period")},
		{Name: "drift", Kind: kizashi.EvidenceVote, Model: drift, Share: 1,
			About:  "six hours that lie off their usual further than six hours do",
			Source: "means of residual blocks against their own spread: Page 1954; limit as the band's",
			Long:   "The same over the last 12 blocks of half an hour, or of a period.",
			Params: spanParams("12 blocks of 30 min, or of a period")},
		{Name: "variance", Kind: kizashi.EvidenceVote, Model: varianceModel{}, Share: 1,
			About:  "values that fluctuate more, or less, than they usually do",
			Source: "mean successive difference: von Neumann 1941; limit as the band's",
			Long:   "The mean distance between the scores of one sample and the next, each at most 8, over an hour or 24 samples, against what is usual of it: levels and slopes leave it alone. No opinion as for level.",
			Params: spanParams("6 blocks of 10 min, or of 4 periods")},
		{Name: "sibling", Kind: kizashi.EvidenceVote, Model: siblingModel{}, Share: 1,
			About:  "a member unlike three quarters of the others of its set",
			Source: "ours",
			Long:   "Series of one group that measure the same of different resources are compared on each tick, if at least four have a sample: by how much a member's distance from its own time of day lies outside of what three quarters of the others keep to, on that side, from what is usual of that at this hour and in its spread at this hour. The statistic is the sum of the last 2N, N at the least, over the root of their number; its limit comes from its own tail. What all share cancels. No opinion in the first 24 hours with comparisons, or with fewer than four members.",
			Params: []detect.Param{
				{Name: "n", Value: "5 under 5 min between samples, 3 under 1 h, else 1", About: "by the period"},
				{Name: "members", Value: fmt.Sprint(detect.LeastSiblings), About: "with a sample at the tick, at the least"},
				{Name: "half-life", Value: fmt.Sprintf("%d d", siblingDays), About: "of what is usual of the distance"},
				{Name: "false_alert_every (R), direction", Value: "as the band's", About: ""},
				{Name: "xi0, n0", Value: "0, 60 clusters", About: "the prior of the tail's shape, and its weight"},
			}},
	}
}

const day = 24 * time.Hour

// spanParams are those of what judges a span of scores.
func spanParams(span string) []detect.Param {
	return []detect.Param{
		{Name: "span", Value: span, About: "evaluated when a block ends"},
		{Name: "half-life", Value: "14 d of observed hours", About: "of what is usual, and of its spread"},
		{Name: "false_alert_every (R), direction", Value: "as the band's", About: ""},
		{Name: "xi0, n0", Value: "0, 60 clusters", About: "the prior of the tail's shape, and its weight"},
	}
}

// limitParams are those of limits that people set.
func limitParams(key, whose string) []detect.Param {
	return []detect.Param{
		{Name: key, Value: "none", About: whose + ": above or below a value in the series' unit, with a note"},
		{Name: "m_of_n", Value: "1/1", About: "of each limit"},
	}
}
