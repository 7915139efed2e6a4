package verify

import (
	"reflect"

	"github.com/kizashi-ops/kizashi"
)

// identity checks that alert and justification belong together and that
// neither was changed since.
func (c *checker) identity() {
	a, j := c.alert, c.j
	hash, err := kizashi.HashOf(j)
	if err != nil {
		c.fault("alert.justification: %v", err)
	}
	c.same("hash", "alert.justification", "SHA-256 of the justification's JSON", hash, a.Justify)
	c.same("format", "format", "this program's format", kizashi.JustificationFormat, j.Format)
	c.same("series", "meta.series", "hash of tenant and identity labels", kizashi.IDOf(j.Meta.Tenant, j.Meta.Identity), j.Meta.Series)
	c.same("alert", "alert", "hash of series, side and opening instant", kizashi.AlertID(j.Meta.Series, a.Side, j.Opening.At), j.Alert)
	c.same("alert", "alert.id", "the justification's alert", j.Alert, a.ID)
	c.same("series", "alert.series", "meta.series", j.Meta.Series, a.Series)
	c.same("series", "alert.tenant", "meta.tenant", j.Meta.Tenant, a.Tenant)
	c.same("series", "alert.group", "meta.group", j.Meta.Group, a.Group)
	c.same("series", "alert.labels", "meta.labels", j.Meta.Labels, a.Labels)
	c.same("opened", "alert.opened", "opening.at", j.Opening.At, a.Opened)
	c.moment(j.Opening, a.Opening)
	if len(j.Meta.Hints.Guards) > 0 || j.Meta.Hints.Forecast != nil {
		c.declare("meta.hints") // what a catalogue says; what came of it stands in settings
	}
}

// moment compares the alert's own copy of its opening.
func (c *checker) moment(want, got kizashi.Moment) {
	w, err := kizashi.HashOf(want)
	if err != nil {
		c.fault("opening: %v", err)
	}
	g, err := kizashi.HashOf(got)
	if err != nil {
		c.fault("alert.opening: %v", err)
	}
	c.same("opened", "alert.opening", "SHA-256 of opening", w, g)
}

// settings holds the settings against the stored configuration. What no
// formula uses is declared where that is absent.
func (c *checker) settings() {
	s := c.j.Settings
	if c.cfg.Hash != "" {
		c.same("config", "config", "hash of the stored configuration", c.cfg.Hash, c.j.Config)
	}
	if c.cfg.Settings == nil {
		c.declare("settings")
		return
	}
	w := *c.cfg.Settings
	if c.j.Log != nil {
		w.Silence = false // a minute without a line is a zero
	}
	const by = "the stored configuration"
	c.same("settings", "settings.r", by, w.R, s.R)
	c.same("settings", "settings.direction", by, w.Direction, s.Direction)
	c.same("settings", "settings.m", by, w.M, s.M)
	c.same("settings", "settings.n", by, w.N, s.N)
	c.same("settings", "settings.class", by, w.Class, s.Class)
	c.same("settings", "settings.static", by, w.Static, s.Static)
	c.same("settings", "settings.guards", by, w.Guards, s.Guards)
	c.same("settings", "settings.change", by, w.Change, s.Change)
	c.same("settings", "settings.forecast", by, w.Forecast, s.Forecast)
	c.same("settings", "settings.silence", by, w.Silence, s.Silence)
	c.same("settings", "settings.for", by, w.For, s.For)
	c.same("settings", "settings.recover", by, w.Recover, s.Recover)
	c.same("settings", "settings.off", by, w.Off, s.Off)
	if !reflect.DeepEqual(w, s) && c.Ok() {
		c.fault("settings: they differ from %s", by)
	}
}
