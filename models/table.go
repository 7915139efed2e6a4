// Package models holds the detectors, one file each, and the table that names
// them. A detector of one's own is a file like the others and a row here.
package models

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// All is the table, in the order in which votes are told. The names stand in
// alerts, configuration and state: a row keeps its name for good.
func All() []detect.Row {
	return []detect.Row{
		{Name: "guard", Kind: kizashi.Value, Model: limitModel{guards: true},
			About:  "a hard limit that is never learned away, whatever is usual",
			Source: "the configuration"},
		{Name: "static", Kind: kizashi.Value, Model: limitModel{},
			About:  "a limit that a person set, M of N samples",
			Source: "the configuration"},
		{Name: "rate", Kind: kizashi.Value, Model: rateModel{},
			About:  "a change within a while that a person asked to be told of",
			Source: "the configuration"},
		{Name: "band", Kind: kizashi.Value, Model: bandModel{},
			About:  "M of N samples beyond the band of this hour",
			Source: "peaks over threshold: Pickands 1975; moments: Hosking and Wallis 1987"},
		{Name: "spike", Kind: kizashi.Value, Model: spikeModel{},
			About:  "one sample far from what those just before it let expect",
			Source: "peaks over threshold on EWMA residuals: Roberts 1959, Pickands 1975", Weight: 1},
		{Name: "silence", Kind: kizashi.EvidenceVote, Model: silenceModel{},
			About:  "no sample for longer than the series' own rhythm allows",
			Source: "ours"},
		{Name: "stuck", Kind: kizashi.EvidenceVote, Model: stuckModel{},
			About:  "the same value for longer than the series is used to",
			Source: "ours"},
		{Name: "level", Kind: kizashi.EvidenceVote, Model: level, Share: 1,
			About:  "half an hour that lies off its usual further than half hours do",
			Source: "means of residual blocks against their own spread: Page 1954; limit as the band's"},
		{Name: "drift", Kind: kizashi.EvidenceVote, Model: drift, Share: 1,
			About:  "six hours that lie off their usual further than six hours do",
			Source: "means of residual blocks against their own spread: Page 1954; limit as the band's"},
		{Name: "variance", Kind: kizashi.EvidenceVote, Model: varianceModel{}, Share: 1,
			About:  "values that fluctuate more, or less, than they usually do",
			Source: "mean successive difference: von Neumann 1941; limit as the band's"},
		{Name: "sibling", Kind: kizashi.EvidenceVote, Model: siblingModel{}, Share: 1,
			About:  "a member unlike the others of its set: M of N samples",
			Source: "ours"},
	}
}
