package program

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/logs"
)

// lineLong says of each detector of log lines how it judges; docs/method.md has the
// formulas.
var lineLong = map[kizashi.Claim]string{
	kizashi.ClaimLogNew:    "A pattern of log lines that was never written before. Nothing is known of such events but how long ago the last one of the kind was: one is told where that is as long as the target asks, or as long as the log group is known. There are four kinds, by the worst level that the lines say and by whether they go on to come.",
	kizashi.ClaimLogRare:   "A pattern that came on one day only is back after a week. Judged as what is new.",
	kizashi.ClaimLogMany:   "More new patterns within an hour than twice the most of any hour of the last one to two weeks, as after a release.",
	kizashi.ClaimLogSurge:  "More lines of a pattern, a level or all than this hour of the week explains: how improbable the count is where so many are usual and counts scatter as this one's do, as far as that proved right before. The limit follows from the tail of the most improbable count of all patterns.",
	kizashi.ClaimLogDrop:   "Fewer lines than half of what is usual in an hour, judged as a surge.",
	kizashi.ClaimLogShare:  "Of a whole's lines more are of a kind than usual: of all lines errors or warnings, of those with an HTTP status 4xx or 5xx, of a pattern's those with one of a few values in a slot, or with a number beyond where one in twenty lies. Judged as a surge.",
	kizashi.ClaimLogAbsent: "A pattern is due by its own rhythm and does not come: a heartbeat, a nightly job's last line. The wait is counted in the lines that would be usual meanwhile, hour by hour, so quiet nights do not count.",
	kizashi.ClaimLogRatio:  "Of two patterns of which one came once, twice or three times as often as the other, hour by hour, one is short: what begins does not end.",
	kizashi.ClaimLogValue:  "A slot that has had few values has a new one. Judged as what is new.",
}

// lineRows are the detectors of log lines, in the form of the others. They share the
// target of their log group, not that of a series.
func lineRows() []detect.Row {
	var out []detect.Row
	at := map[string]int{}
	for k, r := range logs.Table {
		i, ok := at[r.Model]
		if !ok {
			i = len(out)
			at[r.Model] = i
			about := r.About
			if r.Model == string(kizashi.ClaimLogNew) {
				about = "log lines: a pattern that was never written before"
			} else {
				about = "log lines: " + about
			}
			out = append(out, detect.Row{Name: r.Model, Kind: kizashi.EvidenceVote, About: about, Source: r.Source, Long: lineLong[kizashi.Claim(r.Model)]})
		}
		for _, p := range logs.Kind(k).Params() {
			out[i].Params = append(out[i].Params, detect.Param(p))
		}
	}
	return out
}
