package incidents

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// Mark is a moment at which a detector says something.
type Mark struct {
	At      kizashi.Time // of the sample; of a silence: the moment it became one
	Member  int
	Opens   bool // an alert, rather than being part of one
	Silence bool
	Models  []string
}

// Judge is Kizashi at one setting, with every row of the table of models.
type Judge struct {
	R   time.Duration
	Off []string // models that have no vote
}

// Run judges a scene. Where an incident's height comes from the limit in
// force, the first run puts it there, and later ones leave it.
func (j Judge) Run(s *Scene) ([]Mark, error) {
	if len(s.Values) > 1 {
		return j.group(s)
	}
	return j.single(s)
}

func (j Judge) config(s *Scene) detect.Config {
	r := kizashi.Duration(j.R)
	rule := detect.Rule{R: &r, Off: j.Off}
	c := detect.Config{Rules: []detect.Rule{rule}}
	if s.habit == monthEnd {
		c.Calendars = []detect.Calendar{{Name: "accounting", Special: []detect.Special{{Name: "month end", Rule: "month-end"}}}}
		c.Rules[0].Calendar = "accounting"
	}
	return c
}

// declaration of a member.
func (s *Scene) declaration(member int) kizashi.Declaration {
	identity := kizashi.LabelsOf(map[string]string{"name": s.Family, "metric": "load", "member": strconv.Itoa(member)})
	return kizashi.Declaration{From: start, Meta: kizashi.Meta{Series: kizashi.IDOf("bench", identity), Tenant: "bench", Identity: identity, Labels: identity,
		Group: "bench", Statistic: "Average", Period: kizashi.Duration(s.Period), Lower: kizashi.None(), Upper: kizashi.None()}}
}

// single drives an engine.
func (j Judge) single(s *Scene) ([]Mark, error) {
	e, err := detect.NewEngine(j.config(s), models.All(), 1, nil)
	if err != nil {
		return nil, err
	}
	d := s.declaration(0)
	if err := e.Declare(d); err != nil {
		return nil, err
	}
	var marks []Mark
	var out detect.Judged
	batch := make([]kizashi.Sample, 0, 1440)
	feed := func(from, to int) error {
		for i := from; i < to; {
			batch = batch[:0]
			for ; len(batch) < cap(batch) && i < to; i++ {
				if v := s.Values[0][i]; !math.IsNaN(v) {
					batch = append(batch, kizashi.Sample{Series: d.Meta.Series, At: s.Time(i), Period: s.Period, Value: v})
				}
			}
			out = detect.Judged{Judgements: out.Judgements[:0], Crossings: out.Crossings[:0], Records: out.Records[:0], Checkpoints: out.Checkpoints[:0], Notes: out.Notes[:0]}
			if err := e.Judge(batch, &out); err != nil {
				return err
			}
			for k := range out.Crossings {
				marks = appendMark(marks, &out.Crossings[k], 0)
			}
		}
		return nil
	}
	done := 0
	for _, in := range s.byTime() {
		if !in.open {
			continue
		}
		if err := feed(done, in.At-1); err != nil {
			return nil, err
		}
		a := e.Ask(d.Meta.Series, s.Time(in.At-1))
		if err := feed(in.At-1, in.At); err != nil {
			return nil, err
		}
		done = in.At
		if a.Record == nil || !s.raise(in, a.Record) {
			return nil, fmt.Errorf("%s, seed %d: no limit at %s to put a spike beyond", s.Family, s.Seed, s.Time(in.At))
		}
	}
	return marks, feed(done, len(s.Values[0]))
}

// open says that an incident's height is not known yet.
func (s *Scene) open() bool {
	return slices.ContainsFunc(s.Incidents, func(in Incident) bool { return in.open })
}

func (s *Scene) byTime() []*Incident {
	out := make([]*Incident, len(s.Incidents))
	for i := range out {
		out[i] = &s.Incidents[i]
	}
	slices.SortFunc(out, func(a, b *Incident) int { return a.At - b.At })
	return out
}

// raise sets a sample to where the spike's statistic is so many times its
// limit: both what it is made of, as docs/method.md has it.
func (s *Scene) raise(in *Incident, rec *kizashi.Record) bool {
	theta := spikeTimes * rec.SpikeUp.Theta
	if theta <= 0 || rec.SpikeUnit <= 0 {
		return false
	}
	vs, m := s.Values[0], 0.
	for i := in.At - 60; i < in.At; i++ {
		t := rec.Transform.Forth(vs[i])
		if i == in.At-60 {
			m = t
		}
		m += .3 * (t - m)
	}
	slot := rec.Slots[rec.SlotAt(s.Time(in.At))]
	vs[in.At] = rec.Transform.Back(max(m+theta*rec.SpikeUnit, slot.Center+theta*slot.Scale/2))
	in.open = false
	in.Height = ((vs[in.At]/base-1)/s.Noise - s.mean(in.At)) / s.sigma(in.At)
	return true
}

// appendMark notes a crossing on which votes stand.
func appendMark(marks []Mark, c *kizashi.Crossing, member int) []Mark {
	m := Mark{At: c.At, Member: member, Opens: len(c.Proof) > 0, Silence: !c.Value.Ok()}
	for _, v := range c.Verdict.Votes {
		if v.Crossed {
			m.Models = append(m.Models, v.Model)
		}
	}
	if len(m.Models) == 0 {
		return marks
	}
	return append(marks, m)
}

// group drives the whole path: what one member does may matter to another.
func (j Judge) group(s *Scene) ([]Mark, error) {
	mem := pipeline.NewMemory()
	p, err := pipeline.New(pipeline.Config{Detect: j.config(s), Shards: 1}, models.All(), mem)
	if err != nil {
		return nil, err
	}
	b := kizashi.Batch{Partition: kizashi.Partition{Tenant: "bench", Kind: kizashi.Metrics, Period: s.Period}}
	b.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: b.Partition, At: start}}
	who := map[kizashi.SeriesID]int{}
	ids := make([]kizashi.SeriesID, len(s.Values))
	for m := range s.Values {
		d := s.declaration(m)
		b.Declare = append(b.Declare, d)
		ids[m], who[d.Meta.Series] = d.Meta.Series, m
	}
	var marks []Mark
	var r pipeline.Result
	told := map[string]bool{}
	hour := s.samples(time.Hour)
	for i := 0; i < len(s.Values[0]); i += hour {
		b.Samples = b.Samples[:0]
		for k := i; k < min(i+hour, len(s.Values[0])); k++ {
			for m, id := range ids {
				if v := s.Values[m][k]; !math.IsNaN(v) {
					b.Samples = append(b.Samples, kizashi.Sample{Series: id, At: s.Time(k), Period: s.Period, Value: v})
				}
			}
		}
		b.Pos, b.Until = b.Pos+1, s.Time(min(i+hour, len(s.Values[0])))
		if err := p.Step(b, &r); err != nil {
			return nil, err
		}
		b.Roster, b.Declare = nil, nil
		if err := mem.Keep(&r); err != nil {
			return nil, err
		}
		for k := range r.Crossings {
			c := r.Crossings[k]
			c.Proof = nil // alerts say what opens
			marks = appendMark(marks, &c, who[c.Series])
		}
		marks = appendAlerts(marks, r.Alerts, who, told)
	}
	slices.SortStableFunc(marks, func(a, b Mark) int { return int(a.At - b.At) })
	return marks, nil
}

// appendAlerts notes alerts that opened. One comes again under the same id when
// more becomes known of it.
func appendAlerts(marks []Mark, as []kizashi.Alert, who map[kizashi.SeriesID]int, told map[string]bool) []Mark {
	for i := range as {
		a := &as[i]
		if told[a.ID] {
			continue
		}
		told[a.ID] = true
		member, ok := who[a.Series]
		if !ok {
			continue // about Kizashi itself
		}
		marks = append(marks, Mark{At: a.Opened, Member: member, Opens: true, Silence: !a.Opening.Value.Ok(), Models: a.Models})
	}
	return marks
}
