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
		{Name: "band", Kind: kizashi.Value, Model: bandModel{},
			About:  "M of N samples beyond the band of this hour",
			Source: "peaks over threshold: Pickands 1975; moments: Hosking and Wallis 1987"},
		{Name: "spike", Kind: kizashi.Value, Model: spikeModel{},
			About:  "one sample far from what those just before it let expect",
			Source: "peaks over threshold on EWMA residuals: Roberts 1959, Pickands 1975", Weight: .2},
		{Name: "novelty", Kind: kizashi.EvidenceVote, Model: noveltyModel{noveltyUsual},
			About:  "a course of levels that the series never took",
			Source: "symbolic words: SAX, Lin et al. 2003; surprise of new words: ours", Share: 1, Weight: 1},
		{Name: "context", Kind: kizashi.EvidenceVote, Model: contextModel{contextUsual},
			About:  "levels that this hour of the day never had",
			Source: "ours", Share: 1, Weight: .5},
		{Name: "extreme", Kind: kizashi.EvidenceVote, Model: extremeModel{extremeUsual},
			About:  "a sample far outside all that the series has shown",
			Source: "ours", Share: 1, Weight: .25},
		{Name: "silence", Kind: kizashi.EvidenceVote, Model: silenceModel{},
			About:  "no sample for longer than the series' own rhythm allows",
			Source: "ours"},
		{Name: "sibling", Kind: kizashi.EvidenceVote, Model: siblingModel{}, Share: 1,
			About:  "a member unlike the others of its set: M of N samples",
			Source: "ours"},
	}
}
