package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// reach is how far back level B looks: the window, and the hour of the same
// wall time on its first day.
const reach = fortnight + 26*hour

// data repeats the recursions and counts again, from stored samples.
func (c *checker) data() {
	t0 := c.j.Opening.At
	c.past = &past{records: map[kizashi.Time]*kizashi.Record{}}
	var cp *kizashi.Checkpoint
	from := t0 - reach
	if c.j.Record != nil {
		if cp = c.checkpoint(); cp == nil {
			return
		}
	}
	base := c.base(cp)
	if base != nil {
		from = min(from, base.At)
	}
	samples, err := c.cfg.Data.Samples(c.j.Meta.Series, from, t0)
	if err != nil {
		c.fault("samples: %v", err)
		return
	}
	c.past.samples = samples
	c.past.window = between(samples, t0-fortnight, t0)
	c.past.whole = whole(c.past.window)
	c.count()
	if base == nil {
		c.declare("rhythm.usual, since and count: the whole history of gaps")
		return
	}
	if err := c.storedRecords(t0); err != nil {
		c.fault("records: %v", err)
		return
	}
	if base.At < cp.At {
		c.repeat(base, cp.At)
	}
	c.compare(c.repeat(cp, t0))
	c.fired()
	c.limitRange()
}

// checkpoint finds the one that the record's start names, and checks that
// nobody changed it.
func (c *checker) checkpoint() *kizashi.Checkpoint {
	start := c.j.Record.Start
	for i := range c.cfg.Data.Checkpoints {
		cp := &c.cfg.Data.Checkpoints[i]
		if cp.Series != c.j.Meta.Series || cp.Hash != start.Hash {
			continue
		}
		var state bytes.Buffer // as it was hashed: a file may have been indented since
		if err := json.Compact(&state, cp.State); err != nil {
			c.fault("record.start: the checkpoint is no JSON: %v", err)
			return nil
		}
		sum := sha256.Sum256(state.Bytes())
		c.same("repeat", "record.start.hash", "SHA-256 of the starting state", "sha256:"+hex.EncodeToString(sum[:]), start.Hash)
		c.same("repeat", "record.start.at", "the checkpoint's instant", cp.At, start.At)
		return cp
	}
	c.fault("record.start: no checkpoint with the hash %s is stored", start.Hash)
	return nil
}

// base is the checkpoint from which the hours of the whole window can be
// repeated, or as many as there are: the last one far enough back, else the
// first. Where stored records cover them the record's own start does.
func (c *checker) base(start *kizashi.Checkpoint) *kizashi.Checkpoint {
	if start == nil || c.cfg.Data.Records != nil {
		return start
	}
	best := start
	far := c.j.Opening.At - reach
	for i := range c.cfg.Data.Checkpoints {
		cp := &c.cfg.Data.Checkpoints[i]
		if cp.Series != c.j.Meta.Series || cp.At > best.At && best.At <= far || cp.At > start.At {
			continue
		}
		if cp.At <= far && best.At <= far && cp.At > best.At || cp.At < best.At && best.At > far {
			best = cp
		}
	}
	return best
}

// storedRecords takes the records that the store kept, of hours that are not
// repeated.
func (c *checker) storedRecords(t0 kizashi.Time) error {
	if c.cfg.Data.Records == nil {
		return nil
	}
	rs, err := c.cfg.Data.Records(c.j.Meta.Series, t0-reach, t0)
	for i := range rs {
		c.past.records[rs[i].Hour] = &rs[i]
	}
	return err
}

// repeat goes through the samples from a checkpoint on, up to a time, and
// keeps every hour's record. It returns the last one.
func (c *checker) repeat(cp *kizashi.Checkpoint, until kizashi.Time) *kizashi.Record {
	s, err := decode(cp)
	if err != nil {
		c.fault("record.start: %v", err)
		return nil
	}
	zone, err := calendar.Load(c.j.Meta.Zone)
	if err != nil {
		c.fault("meta.zone: %v", err)
		return nil
	}
	r := &repeater{state: s, zone: zone, meta: c.j.Meta, start: c.j.Record.Start, settings: c.j.Settings, excluded: c.excluded}
	for _, smp := range between(c.past.samples, cp.At, until) {
		r.take(smp)
		c.past.records[r.rec.Hour] = r.rec
	}
	if until == c.j.Opening.At {
		r.enter(until)
		c.past.records[r.rec.Hour] = r.rec
	}
	return r.rec
}

// excluded says whether a command in force at the opening excludes t.
func (c *checker) excluded(t kizashi.Time) bool {
	out := false
	for _, cmd := range c.cfg.Data.Commands {
		if cmd.At > c.j.Opening.At || t < cmd.From || t >= cmd.To || !cmd.Match.Matches(c.j.Meta.Labels) ||
			cmd.Tenant != "" && cmd.Tenant != c.j.Meta.Tenant {
			continue
		}
		switch cmd.Op {
		case kizashi.Exclude:
			out = true
		case kizashi.Include:
			out = false
		}
	}
	return out
}

// compare holds the record against the repeated one, field by field.
func (c *checker) compare(want *kizashi.Record) {
	got := c.j.Record
	if want == nil {
		return
	}
	const by = "repeated from the starting state"
	c.same("repeat", "record.hour", by, want.Hour, got.Hour)
	c.same("repeat", "record.transform", by, want.Transform, got.Transform)
	c.same("repeat", "record.season", by, want.Season, got.Season)
	c.same("repeat", "record.period", by, want.Period, got.Period)
	c.same("repeat", "record.m", by, want.M, got.M)
	c.same("repeat", "record.n", by, want.N, got.N)
	c.same("repeat", "record.samples", by, want.Samples, got.Samples)
	c.same("repeat", "record.since", by, want.Since, got.Since)
	c.same("repeat", "record.restarts", by, want.Restarts, got.Restarts)
	c.same("repeat", "record.ready", by, want.Ready, got.Ready)
	c.again("record.spike_scale", want.SpikeUnit, got.SpikeUnit)
	for i := range want.Slots {
		p := at("record.slots", i)
		c.again(p+".center", want.Slots[i].Center, got.Slots[i].Center)
		c.again(p+".scale", want.Slots[i].Scale, got.Slots[i].Scale)
	}
	for _, t := range []struct {
		name      string
		want, got kizashi.Tail
	}{
		{"band_up", want.BandUp, got.BandUp}, {"band_down", want.BandDown, got.BandDown},
		{"spike_up", want.SpikeUp, got.SpikeUp}, {"spike_down", want.SpikeDown, got.SpikeDown},
	} {
		p := "record." + t.name
		c.again(p+".u", t.want.U, t.got.U)
		c.again(p+".lambda", t.want.Lambda, t.got.Lambda)
		c.again(p+".n", t.want.N, t.got.N)
		c.again(p+".m", t.want.Mean, t.got.Mean)
		c.again(p+".v", t.want.Var, t.got.Var)
	}
}

func (c *checker) again(path string, want, got float64) {
	c.repeated("repeat", path, calc("repeated over the stored samples", want), got)
}

func whole(samples []kizashi.Sample) bool {
	for _, s := range samples {
		if s.Value != float64(int64(s.Value)) {
			return false
		}
	}
	return len(samples) > 0
}
