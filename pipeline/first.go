package pipeline

import (
	"encoding/json"
	"fmt"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// firstFormat is what the first whole program wrote.
const firstFormat = 1

// savedFirst is that state: its series and outages are laid out otherwise.
type savedFirst struct {
	Parts  []savedPart      `json:"partitions"`
	Groups []savedGroup     `json:"groups"`
	Gated  []kizashi.Sample `json:"gated"`
	Series []struct {
		Series kizashi.SeriesID `json:"series"`
		Member struct {
			Group    groupKey           `json:"group"`
			Part     kizashi.Partition  `json:"partition"`
			Backfill *kizashi.Partition `json:"backfill"`
		} `json:"member"`
	} `json:"series"`
	Blind []struct {
		Cause struct {
			Tenant  string `json:"tenant"`
			Account string `json:"account"`
			Region  string `json:"region"`
			Reason  string `json:"reason"`
		} `json:"cause"`
		Blind struct {
			Alert kizashi.Alert       `json:"alert"`
			Parts []kizashi.Partition `json:"partitions"`
		} `json:"blind"`
	} `json:"blind"`
}

// loadFirst fills an empty pipeline from the state that the first whole program
// wrote: what it knew of partitions, groups and alerts as it stands, the baselines
// from the stored samples.
func (p *Pipeline) loadFirst(head, blob []byte) error {
	var old savedFirst
	if err := json.Unmarshal(head, &old); err != nil {
		return err
	}
	s := savedState{Parts: old.Parts, Groups: old.Groups, Gated: old.Gated}
	for _, v := range old.Series {
		s.Series = append(s.Series, savedMember{v.Series, v.Member.Group, v.Member.Part, v.Member.Backfill})
	}
	for _, v := range old.Blind {
		c := cause{v.Cause.Tenant, v.Cause.Account, v.Cause.Region, kizashi.Cause{Name: v.Cause.Reason}}
		b := blindness{Alert: &v.Blind.Alert, From: v.Blind.Alert.From}
		for _, k := range v.Blind.Parts {
			b.Parts = append(b.Parts, unseen{Part: k, Through: v.Blind.Alert.To, Reason: v.Cause.Reason})
		}
		s.Blind = append(s.Blind, savedBlind{c, b})
	}
	var err error
	if p.rebuilt, err = p.engine.DecodeFirst(blob); err != nil {
		return err
	}
	return p.fill(&s)
}

// Rebuilt tells once what became of baselines when an older state was loaded,
// which is to be kept like the result of a step; false = there is nothing to tell.
func (p *Pipeline) Rebuilt(r *Result) bool {
	r.reset()
	if p.rebuilt == nil {
		return false
	}
	r.Partition, r.Judged = kizashi.Partition{}, *p.rebuilt
	p.anew(&r.Judged)
	p.rebuilt = nil
	return len(r.Notes) > 0
}

// anew notes which series that are compared with others were learned again.
func (p *Pipeline) anew(js *detect.Judged) {
	for i := range js.Relearned {
		r := &js.Relearned[i]
		if m := p.series[r.Series]; m.kin != "" {
			m.group.kin.anew(r)
		}
	}
}

func notRead(format int) error {
	return fmt.Errorf("state of the pipeline has format %d; this program reads %d and %d", format, firstFormat, stateFormat)
}
