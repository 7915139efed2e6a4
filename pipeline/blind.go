package pipeline

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// DefaultBlindAfter is how long an outage lasts before it is told.
const DefaultBlindAfter = 15 * time.Minute

// pollsMissed is how many polls an outage takes at the least to be told, of a
// partition that is read seldom.
const pollsMissed = 2

// BlindAfter changes from how long on an outage is told; 0 = the default. It
// is part of the state: who restarts with another value sets it after the
// journal was replayed.
func (p *Pipeline) BlindAfter(d time.Duration) {
	if d <= 0 {
		d = DefaultBlindAfter
	}
	p.blindAfter = d
}

// cause is why Kizashi cannot see: there is one alert a cause, however many
// partitions share it.
type cause struct {
	Tenant  string        `json:"tenant"`
	Account string        `json:"account"`
	Region  string        `json:"region"` // "" where it concerns the account in all its regions
	Cause   kizashi.Cause `json:"cause"`
}

func causeOf(k kizashi.Partition, c kizashi.Cause) cause {
	if c.Wide() {
		k.Region = ""
	}
	return cause{k.Tenant, k.Account, k.Region, c}
}

// blindness is who cannot see because of a cause, and its alert.
type blindness struct {
	Alert *kizashi.Alert `json:"alert,omitempty"` // nil while the outage is not longer than its limit
	From  kizashi.Time   `json:"from"`            // since when
	Parts []unseen       `json:"partitions"`      // sorted
}

// unseen is a partition that cannot be read, or could not while the cause lasts.
type unseen struct {
	Part      kizashi.Partition `json:"partition"`
	Through   kizashi.Time      `json:"through"`
	Reason    string            `json:"reason"` // what was answered last
	Resources string            `json:"resources,omitempty"`
	Back      bool              `json:"back,omitempty"` // it can be read again
}

// sight takes in a partition's Status, or the end of one: a partition that
// goes on without can be seen again.
func (p *Pipeline) sight(me *part, b *kizashi.Batch, on bool, r *Result) {
	s := b.Status
	if s == nil {
		if me.Out != nil && b.Until >= me.Out.Through {
			me.Out = nil
		}
		if on {
			p.seen(me, b.Until, kizashi.ClaimSight, r)
		}
		return
	}
	if me.Out == nil || me.Out.Through < s.Through {
		me.Out = s
	}
	if s.Cause.Kind == kizashi.Forgotten {
		p.lost(me, s)
	}
	c := causeOf(me.key, s.Cause)
	if me.cause != nil && *me.cause != c {
		p.seen(me, s.From, kizashi.ClaimOther, r)
	}
	known := p.blind[c]
	if known == nil {
		known = &blindness{From: s.From}
		p.blind[c] = known
	}
	me.cause = &c
	changed := known.take(me.key, s)
	switch {
	case known.Alert == nil && p.long(me.key, s):
		a := known.open(c)
		known.Alert = &a
		r.Alerts = append(r.Alerts, a)
	case known.Alert != nil && changed:
		known.Alert.To, known.Alert.Facts = max(known.Alert.To, s.Through), known.facts(c)
		r.Alerts = append(r.Alerts, *known.Alert)
	}
}

// long says that an outage is longer than what is tolerated, beyond what the
// partition is behind the clock anyway.
func (p *Pipeline) long(k kizashi.Partition, s *kizashi.Status) bool {
	return s.Through.Sub(s.From)-k.Settle-k.Poll-k.Period > max(p.blindAfter, pollsMissed*k.Poll)
}

// lost tells the series of a partition that the points of a stretch will never
// come: their absence there is no silence.
func (p *Pipeline) lost(me *part, s *kizashi.Status) {
	for _, m := range me.series {
		p.engine.Unseen(m.id, s.Through)
	}
}

// take notes what a partition's Status says; true = it says something new.
func (k *blindness) take(part kizashi.Partition, s *kizashi.Status) bool {
	name := part.String()
	i := sort.Search(len(k.Parts), func(i int) bool { return k.Parts[i].Part.String() >= name })
	changed := false
	if i == len(k.Parts) || k.Parts[i].Part != part {
		k.Parts, changed = slices.Insert(k.Parts, i, unseen{Part: part, Through: s.Through}), true
	}
	u := &k.Parts[i]
	changed = changed || u.Reason != s.Reason || u.Resources != s.Resources
	u.Reason, u.Resources, u.Through, u.Back = s.Reason, s.Resources, max(u.Through, s.Through), false
	k.From = min(k.From, s.From)
	return changed
}

// seen says that a partition can be read again, or is out for another cause.
// When all can the cause is over: for the reason why, at until.
func (p *Pipeline) seen(me *part, until kizashi.Time, why kizashi.Claim, r *Result) {
	if me.cause == nil {
		return
	}
	c, known := *me.cause, p.blind[*me.cause]
	me.cause = nil
	out := false
	for i := range known.Parts {
		u := &known.Parts[i]
		u.Back = u.Back || u.Part == me.key
		out = out || !u.Back
		if known.Alert != nil {
			known.Alert.To = max(known.Alert.To, u.Through)
		}
	}
	if out {
		return
	}
	delete(p.blind, c)
	if known.Alert == nil {
		return
	}
	a := *known.Alert
	a.State, a.Ended, a.Seq, a.Facts = kizashi.Resolved, why, a.Seq+1, known.facts(c)
	if a.Changed = a.To.Ceil(grid); until < kizashi.Forever {
		a.Changed = max(a.To, until).Ceil(grid)
	}
	r.Alerts = append(r.Alerts, a)
}

// facts are what is known of a cause: the answer, what cannot be seen, and, of
// one that concerns an account, where.
func (k *blindness) facts(c cause) []kizashi.Evidence {
	none := kizashi.Evidence{Value: kizashi.None(), Low: kizashi.None(), High: kizashi.None()}
	counts, regions, answers := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, u := range k.Parts {
		count(counts, u.Resources)
		regions[u.Part.Region] = true
		answers[u.Reason] = true
	}
	blind := none
	blind.Claim, blind.From, blind.Text = kizashi.ClaimBlind, k.From, some(answers)
	out := []kizashi.Evidence{blind}
	if len(counts) > 0 {
		e := none
		e.Claim, e.Text = kizashi.ClaimUnseen, counted(counts)
		out = append(out, e)
	}
	if delete(regions, ""); c.Region == "" && len(regions) > 0 {
		e := none
		e.Claim, e.Count, e.Text = kizashi.ClaimRegions, len(regions), strings.Join(keys(regions), ", ")
		out = append(out, e)
	}
	return out
}

// answersTold is how many different answers are told of one cause.
const answersTold = 3

// some of the answers, and that there are more.
func some(answers map[string]bool) string {
	delete(answers, "")
	list := keys(answers)
	if len(list) > answersTold {
		list = append(list[:answersTold], "...")
	}
	return strings.Join(list, "; ")
}

// count adds up resources as a Status writes them: "AWS/EC2 (120 series), ...".
// What is written otherwise is kept as it is.
func count(into map[string]int, resources string) {
	for _, item := range strings.Split(resources, ", ") {
		name, rest, _ := strings.Cut(item, " (")
		n, err := strconv.Atoi(strings.TrimSuffix(rest, " series)"))
		switch {
		case item == "":
		case err == nil:
			into[name] += n
		default:
			into[item] += 0
		}
	}
}

func counted(counts map[string]int) string {
	var items []string
	for _, name := range keys(counts) {
		if n := counts[name]; n > 0 {
			name = fmt.Sprintf("%s (%d series)", name, n)
		}
		items = append(items, name)
	}
	return strings.Join(items, ", ")
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (p *Pipeline) causes() []cause {
	cs := make([]cause, 0, len(p.blind))
	for c := range p.blind {
		cs = append(cs, c)
	}
	sort.Slice(cs, func(i, j int) bool {
		a, b := cs[i], cs[j]
		return slices.Compare([]string{a.Tenant, a.Account, a.Region, string(a.Cause.Kind), a.Cause.Name},
			[]string{b.Tenant, b.Account, b.Region, string(b.Cause.Kind), b.Cause.Name}) < 0
	})
	return cs
}

// open makes the alert of a cause. It is about ourselves: it names what cannot
// be seen, and no host. Its labels stay the same while the cause does.
func (k *blindness) open(c cause) kizashi.Alert {
	labels := map[string]string{"name": "sight", "account": c.Account, "region": c.Region, "cause": string(c.Cause.Kind)}
	switch {
	case c.Cause.Name == "":
	case c.Cause.Kind == kizashi.NoPermission:
		labels["permission"] = c.Cause.Name
	case c.Cause.Kind == kizashi.NoCredentials:
		labels["role"] = c.Cause.Name
	default:
		labels["detail"] = c.Cause.Name
	}
	for n, v := range labels {
		if v == "" {
			delete(labels, n)
		}
	}
	ls, from, through := kizashi.LabelsOf(labels), k.From, kizashi.Never
	for _, u := range k.Parts {
		through = max(through, u.Through)
	}
	id := kizashi.IDOf(c.Tenant, ls)
	// Within one outage a cause may end and come back: not under the id of the
	// alert that has ended, or nobody would be told.
	alertID := kizashi.AlertID(id, kizashi.Both, through)
	m := kizashi.Moment{At: from, Value: kizashi.None(), Verdict: kizashi.Verdict{
		State: kizashi.NoOpinion, Why: string(kizashi.ClaimBlind), Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
	return kizashi.Alert{ID: alertID, Series: id, Tenant: c.Tenant, Group: "kizashi", Labels: ls,
		Class: "act", State: kizashi.Firing, Opened: from, From: from, To: through, Changed: through.Ceil(grid), Seq: 1,
		Opening: m, Peak: m, Models: []string{"blind"}, Facts: k.facts(c)}
}
