package models

import "github.com/kizashi-ops/kizashi"

// States lie beside those of the other models of their series: none points into
// itself (detect.Movable).

// Movable says so.
func (contextModel) Movable() {}

// Movable says so.
func (earlyModel) Movable() {}

// Movable says so.
func (extremeModel) Movable() {}

// Movable says so.
func (bandModel) Movable() {}

// Movable says so.
func (forecastModel) Movable() {}

// Movable says so.
func (spikeModel) Movable() {}

// Movable says so.
func (levelModel) Movable() {}

// Movable says so.
func (limitModel) Movable() {}

// Movable says so.
func (noveltyModel) Movable() {}

// Movable says so.
func (rateModel) Movable() {}

// Movable says so.
func (routineModel) Movable() {}

// Movable says so.
func (siblingModel) Movable() {}

// Movable says so.
func (silenceModel) Movable() {}

// Movable says so.
func (stuckModel) Movable() {}

// Movable says so.
func (varianceModel) Movable() {}

// Idle where no limit is set.
func (m limitModel) Idle(set *kizashi.Settings) (judge, learn bool) {
	idle := len(m.limits(set)) == 0
	return idle, idle
}

// Idle where no change is asked for.
func (rateModel) Idle(set *kizashi.Settings) (judge, learn bool) {
	idle := len(set.Change) == 0
	return idle, idle
}

// Idle where there is no limit to come to. What was known of one is forgotten as the
// next hour begins.
func (forecastModel) Idle(set *kizashi.Settings) (judge, learn bool) {
	idle := set.Aheads() == 0
	return idle, idle
}

// Idle: what it needs to remember is the baseline's.
func (bandModel) Idle(*kizashi.Settings) (judge, learn bool) { return false, true }

// Idle: what it needs to remember is the baseline's.
func (spikeModel) Idle(*kizashi.Settings) (judge, learn bool) { return false, true }

// Idle: a sample that came is no silence.
func (silenceModel) Idle(*kizashi.Settings) (judge, learn bool) { return true, false }

// Idle: it compares on the group's tick.
func (siblingModel) Idle(*kizashi.Settings) (judge, learn bool) { return true, true }
