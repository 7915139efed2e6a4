package pipeline

import (
	"fmt"
	"sync"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// An alert is told at the tick at which it opens. Its justification looks back
// over two weeks, which takes milliseconds: where thousands of alerts open at
// one tick, the first few of each group are told with it, and the others owe
// it. What is owed is part of the state. It is made between steps (CatchUp),
// and at the latest before anything is told that happened five minutes later:
// so when it is made changes neither what it says nor what is stored in the end.

// promptly is how many alerts of a group that open at one tick are told with
// their justification.
const promptly = 4

// owedFor is how long after its tick, in event time, an alert may owe its
// justification.
const owedFor = 5 * time.Minute

// owed is an alert that was told without its justification.
type owed struct {
	Tick  kizashi.Time    `json:"tick"`
	Proof kizashi.Proof   `json:"proof"`
	Told  []kizashi.Alert `json:"told"` // its changes of state so far, one a Seq; the first is the opening

	group *group
}

// owe notes an alert whose justification is to be made later.
func (p *Pipeline) owe(g *group, o *owed) {
	o.group = g
	if g.owing == nil {
		g.owing = map[string]*owed{}
	}
	g.owes, g.owing[o.Told[0].ID] = append(g.owes, o), o
	p.owes++
}

// later notes a further change of an alert that owes its justification.
func (o *owed) later(a kizashi.Alert) {
	if n := len(o.Told); o.Told[n-1].Seq == a.Seq {
		o.Told[n-1] = a
		return
	}
	o.Told = append(o.Told, a)
}

// Owes returns how many alerts have been told without their justification.
func (p *Pipeline) Owes() int { return p.owes }

// CatchUp makes up to n of the justifications that are owed, oldest first within
// a group, and tells their alerts again, under the same Seq. It is called
// between Steps, after what they produced was kept; r names no partition.
func (p *Pipeline) CatchUp(n int, r *Result) error {
	r.reset()
	r.Ran = kizashi.Never
	var due []*owed
	for _, c := range p.order {
		for _, g := range c.groups {
			k := min(n-len(due), len(g.owes))
			due = append(due, g.owes[:k]...)
		}
	}
	return p.settle(due, p.history, r)
}

// overdue makes what a group has owed for too long at a tick.
func (p *Pipeline) overdue(g *group, tick kizashi.Time, r *Result) error {
	n := 0
	for n < len(g.owes) && g.owes[n].Tick.Add(owedFor) <= tick {
		n++
	}
	if n == 0 {
		return nil
	}
	return p.settle(g.owes[:n:n], p.lookBack(n), r)
}

// settle makes justifications that are owed, several at a time.
func (p *Pipeline) settle(due []*owed, h alert.History, r *Result) error {
	js, hashes, errs := make([]kizashi.Justification, len(due)), make([]string, len(due)), make([]error, len(due))
	workers := min(p.shards, len(due))
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() {
			for i := k; i < len(due); i += workers {
				js[i], hashes[i], errs[i] = due[i].make(h)
			}
		})
	}
	wg.Wait()
	for i, o := range due {
		if errs[i] != nil {
			return errs[i]
		}
		r.Justifications = append(r.Justifications, js[i])
		for _, a := range o.Told {
			a.Justify = hashes[i]
			r.Alerts = append(r.Alerts, a)
		}
		o.group.life.Justify(r.Alerts[len(r.Alerts)-1])
		o.group.paid(o)
		p.owes--
	}
	return nil
}

func (o *owed) make(h alert.History) (kizashi.Justification, string, error) {
	return justify(alert.Change{Alert: o.Told[0], Proof: &o.Proof}, h)
}

// justify freezes the justification of an alert that opened, and its hash.
func justify(ch alert.Change, h alert.History) (kizashi.Justification, string, error) {
	j, err := alert.Justify(ch, h)
	if err != nil {
		return j, "", fmt.Errorf("justification of alert %s: %w", ch.Alert.ID, err)
	}
	hash, err := kizashi.HashOf(j)
	return j, hash, err
}

// paid takes the first of what the group owes off its list.
func (g *group) paid(o *owed) {
	delete(g.owing, o.Told[0].ID)
	g.owes[0] = nil
	if g.owes = g.owes[1:]; len(g.owes) == 0 {
		g.owes, g.owing = nil, nil
	}
}
