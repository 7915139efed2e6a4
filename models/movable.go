package models

// States lie beside those of the other models of their series: none points into
// itself (detect.Movable).

// Movable says so.
func (contextModel) Movable() {}

// Movable says so.
func (extremeModel) Movable() {}

// Movable says so.
func (levelModel) Movable() {}

// Movable says so.
func (limitModel) Movable() {}

// Movable says so.
func (noveltyModel) Movable() {}

// Movable says so.
func (rateModel) Movable() {}

// Movable says so.
func (siblingModel) Movable() {}

// Movable says so.
func (silenceModel) Movable() {}

// Movable says so.
func (stuckModel) Movable() {}

// Movable says so.
func (varianceModel) Movable() {}
