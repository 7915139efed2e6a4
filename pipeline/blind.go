package pipeline

import (
	"sort"

	"github.com/kizashi-ops/kizashi"
)

// cause is why Kizashi cannot see: there is one alert a cause, however many
// partitions share it.
type cause struct {
	Tenant  string `json:"tenant"`
	Account string `json:"account"`
	Region  string `json:"region"`
	Reason  string `json:"reason"`
}

// blindness is the alert of a cause, and who cannot see because of it.
type blindness struct {
	Alert kizashi.Alert       `json:"alert"`
	Parts []kizashi.Partition `json:"partitions"`
}

// sight takes in a partition's Status, or the end of one: a partition that
// delivers again can be seen again.
func (p *Pipeline) sight(me *part, b *kizashi.Batch, r *Result) {
	if b.Status == nil {
		if me.Out != nil && b.Until >= me.Out.Through {
			me.Out = nil
		}
		p.see(b, r)
		return
	}
	if me.Out == nil || me.Out.Through < b.Status.Through {
		me.Out = b.Status
	}
	c := cause{b.Partition.Tenant, b.Partition.Account, b.Partition.Region, b.Status.Reason}
	p.see(b, r, c)
	known := p.blind[c]
	if known == nil {
		known = &blindness{Alert: blindAlert(c, b.Status)}
		p.blind[c] = known
		r.Alerts = append(r.Alerts, known.Alert)
	}
	for _, k := range known.Parts {
		if k == b.Partition {
			return
		}
	}
	known.Parts = append(known.Parts, b.Partition)
}

// see ends what kept the batch's partition blind, but for the causes given.
func (p *Pipeline) see(b *kizashi.Batch, r *Result, but ...cause) {
	for _, c := range p.causes() {
		if len(but) > 0 && c == but[0] {
			continue
		}
		known := p.blind[c]
		for i, k := range known.Parts {
			if k == b.Partition {
				known.Parts = append(known.Parts[:i], known.Parts[i+1:]...)
				break
			}
		}
		if len(known.Parts) > 0 {
			continue
		}
		a := known.Alert
		a.State, a.Ended, a.Seq = kizashi.Resolved, kizashi.ClaimSight, a.Seq+1
		a.To = max(b.Until, a.From)
		a.Changed = a.To.Ceil(grid)
		r.Alerts = append(r.Alerts, a)
		delete(p.blind, c)
	}
}

func (p *Pipeline) causes() []cause {
	cs := make([]cause, 0, len(p.blind))
	for c := range p.blind {
		cs = append(cs, c)
	}
	sort.Slice(cs, func(i, j int) bool {
		a, b := cs[i], cs[j]
		switch {
		case a.Tenant != b.Tenant:
			return a.Tenant < b.Tenant
		case a.Account != b.Account:
			return a.Account < b.Account
		case a.Region != b.Region:
			return a.Region < b.Region
		}
		return a.Reason < b.Reason
	})
	return cs
}

// blindAlert is about ourselves: it names what cannot be seen, and no host.
func blindAlert(c cause, s *kizashi.Status) kizashi.Alert {
	labels := kizashi.LabelsOf(map[string]string{"name": "sight", "account": c.Account, "region": c.Region, "reason": c.Reason})
	id := kizashi.IDOf(c.Tenant, labels)
	m := kizashi.Moment{At: s.From, Value: kizashi.None(), Verdict: kizashi.Verdict{
		State: kizashi.NoOpinion, Why: string(kizashi.ClaimBlind), Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
	return kizashi.Alert{ID: kizashi.AlertID(id, kizashi.Both, s.From), Series: id, Tenant: c.Tenant, Group: "kizashi", Labels: labels,
		Class: "act", State: kizashi.Firing, Opened: s.From, From: s.From, To: s.Through, Changed: s.Through.Ceil(grid), Seq: 1,
		Opening: m, Peak: m, Models: []string{"blind"}}
}
