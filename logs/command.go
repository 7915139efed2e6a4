package logs

import (
	"slices"
	"sort"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// Command takes in what a person decided; what does not concern lines it passes over.
// What is said of a stretch that is over is followed in what was learned (said.go).
func (e *Engine) Command(c kizashi.Command) {
	switch c.Op {
	case kizashi.Exclude, kizashi.Include, kizashi.Feedback, kizashi.Revoke, kizashi.Pattern:
	default:
		return
	}
	i := sort.Search(len(e.commands), func(i int) bool { return e.commands[i].At > c.At })
	e.commands = append(e.commands, kizashi.Command{})
	copy(e.commands[i+1:], e.commands[i:])
	e.commands[i] = c
}

// obey applies the commands in force from a minute on that the group has not seen.
func (g *group) obey(e *Engine, m kizashi.Time, out *Out) error {
	for ; g.obeyed < len(e.commands) && e.commands[g.obeyed].At <= m; g.obeyed++ {
		c := &e.commands[g.obeyed]
		var err error
		switch c.Op {
		case kizashi.Pattern:
			if c.Concerns(&g.meta) {
				g.pattern(c, m, out)
			}
		case kizashi.Exclude:
			g.apart = append(g.apart, *c)
			err = g.heard(e, c, false, m, out)
		case kizashi.Include:
			g.include(c)
			err = g.heard(e, c, true, m, out)
		case kizashi.Feedback:
			if c.As != kizashi.SaidOwner {
				err = g.heard(e, c, c.As != kizashi.SaidTrue, m, out)
			}
		case kizashi.Revoke:
			err = g.revoke(e, c, m, out)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// revoke takes back what an act did.
func (g *group) revoke(e *Engine, c *kizashi.Command, m kizashi.Time, out *Out) error {
	g.apart = slices.DeleteFunc(g.apart, func(x kizashi.Command) bool { return x.Act == c.Act })
	for i := range e.commands[:g.obeyed] {
		o := &e.commands[i]
		if o.Act != c.Act || o.Op != kizashi.Exclude && o.Op != kizashi.Include && o.Op != kizashi.Feedback || o.As == kizashi.SaidOwner || min(o.To, m).Sub(o.From) < window {
			continue
		}
		err := g.correct(o, m, out, func(k *key) (int, error) {
			k.gaps.Admit = false
			return g.unsay(k, o.Act, m), nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// include takes a stretch out of exclusions.
func (g *group) include(c *kizashi.Command) {
	var kept []kizashi.Command
	for _, x := range g.apart {
		if x.From >= c.To || x.To <= c.From || !c.Concerns(&g.meta) {
			kept = append(kept, x)
			continue
		}
		for _, part := range [...][2]kizashi.Time{{x.From, min(x.To, c.From)}, {max(x.From, c.To), x.To}} {
			if part[0] < part[1] {
				y := x
				y.From, y.To = part[0], part[1]
				kept = append(kept, y)
			}
		}
	}
	g.apart = kept
}

// excluded says whether a command keeps a key's counts of [from, to) out of what is
// usual.
func (g *group) excluded(k *key, from, to kizashi.Time) bool { return g.excluder(k, from, to) != nil }

// excluder is that command.
func (g *group) excluder(k *key, from, to kizashi.Time) *kizashi.Command {
	for i := range g.apart {
		if c := &g.apart[i]; c.From < to && c.To > from && g.concerns(c, k) {
			return c
		}
	}
	return nil
}

// concerns says that a command is about a key, or about its log group.
func (g *group) concerns(c *kizashi.Command, k *key) bool {
	switch {
	case c.Tenant != "" && c.Tenant != g.meta.Tenant:
		return false
	case c.Series != 0:
		return c.Series == g.meta.Series || c.Series == k.series
	}
	m := metaOf(&g.meta, k.name)
	return c.Concerns(&m)
}

// heldOut are the stretches that commands keep out of what is usual of a key.
func (g *group) heldOut(k *key) (out []kizashi.Stretch) {
	for i := range g.apart {
		if c := &g.apart[i]; g.concerns(c, k) {
			out = append(out, kizashi.Stretch{From: c.From, To: c.To, Why: kizashi.ClaimExcluded, Text: c.Reason})
		}
	}
	return out
}

// pattern does what a person decided of a pattern. What cannot be done is noted: the
// command was checked when it came, but patterns come and go.
func (g *group) pattern(c *kizashi.Command, m kizashi.Time, out *Out) {
	a, err := c.PatternAct()
	if err == nil {
		err = g.do(a)
	}
	g.follow()
	g.born = g.born[:0] // what a person made is no news
	fact := kizashi.Evidence{Claim: kizashi.ClaimPattern, Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None(), From: m, Text: a.Do + " " + a.ID}
	if err != nil {
		fact.Claim, fact.Text = kizashi.ClaimNoPattern, err.Error()
	}
	out.Notes = append(out.Notes, Note{g.meta.Series, m, fact})
}

func (g *group) do(a kizashi.PatternAct) error {
	id, err := pattern.ParseID(a.ID)
	if err != nil && a.Do != "seed" {
		return err
	}
	switch a.Do {
	case "pin":
		return g.miner.Pin(id)
	case "unpin":
		return g.miner.Unpin(id)
	case "name":
		return g.miner.Name(id, a.Text)
	case "merge":
		into, err := pattern.ParseID(a.Into)
		if err != nil {
			return err
		}
		_, err = g.miner.Merge(id, into)
		return err
	case "split":
		_, err = g.miner.Split(id, int32(a.Slot-1), a.Value)
		return err
	}
	_, err = g.miner.Seed(a.Text)
	return err
}
