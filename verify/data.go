package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// reach is how far back level B looks: the window, and the hour of the same
// wall time on its first day.
const reach = fortnight + 26*hour

// data repeats the recursions and counts again, from stored samples.
func (c *checker) data() {
	if c.j.Log != nil {
		c.lineData()
		return
	}
	t0 := c.j.Opening.At
	c.past = &past{records: map[kizashi.Time]*kizashi.Record{}}
	var start *kizashi.Checkpoint
	if c.j.Record != nil {
		if start = c.checkpoint(); start == nil {
			return
		}
	}
	samples, err := c.cfg.Data.Samples(c.j.Meta.Series, c.earliest(start), t0)
	if err != nil {
		c.fault("samples: %v", err)
		return
	}
	c.past.samples = samples
	c.past.window = between(samples, t0-fortnight, t0)
	c.past.whole = whole(c.past.window)
	if start == nil {
		c.count()
		c.past.stretches(c.said(t0).kept())
		c.heldAgain(kizashi.Never)
		c.same("fired", "fired", "none of a silence", 0, c.j.Fired)
		return
	}
	if err := c.storedRecords(t0); err != nil {
		c.fault("records: %v", err)
		return
	}
	since := c.earlier(start)
	c.compare(c.repeat(start, c.lastChange(), t0, t0))
	c.past.stretches(c.said(t0).kept())
	c.count()
	c.heldAgain(since)
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

// repeat goes through the samples from a checkpoint on, up to a time, as the
// commands in force at a time have it. It keeps the records of hours from keep
// on, and returns what it came to.
func (c *checker) repeat(cp *kizashi.Checkpoint, keep, until, inForce kizashi.Time) *repeater {
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
	r := &repeater{state: s, zone: zone, meta: c.j.Meta, start: c.j.Record.Start, settings: c.settingsAt, said: c.said(inForce), kind: c.cfg.Data.Kind, anew: c.informedAfter(cp)}
	for _, smp := range s.own(between(c.past.samples, cp.At, until)) {
		why := r.take(smp)
		if why != "" && inForce == c.j.Opening.At {
			c.past.hold(smp.At, why)
		}
		if r.rec.Hour >= keep {
			c.past.records[r.rec.Hour] = r.rec
		}
	}
	if until == c.j.Opening.At {
		r.enter(until)
		c.past.records[r.rec.Hour] = r.rec
	}
	return r
}

// settingsAt are the settings in force at an instant.
func (c *checker) settingsAt(t kizashi.Time) kizashi.Settings {
	if d := c.cfg.Data; d != nil && d.Settings != nil {
		return d.Settings(t)
	}
	return c.j.Settings
}

// compare holds the record against the repeated one, field by field.
func (c *checker) compare(r *repeater) {
	if r == nil {
		return
	}
	got, want := c.j.Record, r.rec
	const by = "repeated from the starting state"
	c.same("repeat", "record.hour", by, want.Hour, got.Hour)
	c.same("repeat", "record.transform", by, want.Transform, got.Transform)
	c.same("repeat", "record.season", by, want.Season, got.Season)
	c.same("repeat", "record.r", by, want.R, got.R)
	c.same("repeat", "record.period", by, want.Period, got.Period)
	c.same("repeat", "record.m", by, want.M, got.M)
	c.same("repeat", "record.n", by, want.N, got.N)
	c.same("repeat", "record.samples", by, want.Samples, got.Samples)
	c.same("repeat", "record.since", by, want.Since, got.Since)
	c.same("repeat", "record.restarts", by, want.Restarts, got.Restarts)
	c.same("repeat", "record.ready", by, want.Ready, got.Ready)
	c.same("repeat", "record.informed", "what the starting state says", told(want.Informed), told(got.Informed))
	c.compareInherited(want.Inherited, got.Inherited)
	c.same("repeat", "record.seen", by, want.Seen != nil, got.Seen != nil)
	if want.Seen != nil && got.Seen != nil {
		c.same("repeat", "record.seen.low", by, want.Seen.Low, got.Seen.Low)
		c.same("repeat", "record.seen.high", by, want.Seen.High, got.Seen.High)
	}
	c.same("repeat", "record.special", by, want.Special, got.Special)
	c.repeated("repeat", "record.spike_scale", r.spikeScaleFormula(), got.SpikeUnit)
	for i := range want.Slots {
		p := at("record.slots", i)
		c.same("repeat", p+".day", "the kind of the day", want.Slots[i].Day, got.Slots[i].Day)
		c.repeated("repeat", p+".center", r.centerFormula(i), got.Slots[i].Center)
		c.repeated("repeat", p+".least", calc("the least center of the slot and of those beside it", want.Slots[i].Least), got.Slots[i].Least)
		c.repeated("repeat", p+".most", calc("the greatest center of the slot and of those beside it", want.Slots[i].Most), got.Slots[i].Most)
		c.repeated("repeat", p+".scale", r.scaleFormula(i), got.Slots[i].Scale)
	}
	stated := [4]kizashi.Tail{got.BandUp, got.BandDown, got.SpikeUp, got.SpikeDown}
	for i, name := range [4]string{"band_up", "band_down", "spike_up", "spike_down"} {
		c.compareTail("record."+name, r.Tails[i], r.recTails()[i], stated[i])
	}
}

// told is a history that informed, as it can be compared.
func told(i *kizashi.Informed) kizashi.Informed {
	if i == nil {
		return kizashi.Informed{}
	}
	return *i
}

func (c *checker) compareInherited(want, got *kizashi.Inherited) {
	const by = "the starting state"
	c.same("repeat", "record.inherited", by, want != nil, got != nil)
	if want == nil || got == nil {
		return
	}
	c.same("repeat", "record.inherited.series", by, want.Series, got.Series)
	c.same("repeat", "record.inherited.name", by, want.Name, got.Name)
	c.same("repeat", "record.inherited.at", by, want.At, got.At)
	c.same("repeat", "record.inherited.hours", by, want.Hours, got.Hours)
	c.same("repeat", "record.inherited.own", "observed hours since", want.Own, got.Own)
}

func whole(samples []kizashi.Sample) bool {
	for _, s := range samples {
		if s.Value != math.Trunc(s.Value) {
			return false
		}
	}
	return len(samples) > 0
}
