package models

import (
	"math/rand/v2"

	"github.com/kizashi-ops/kizashi/detect"
)

// Jittered is the table with every constant of what ranks moments moved by up
// to a quarter, each on its own, and every weight. Benchmarks ask it how much a
// figure owes to the constants' very values; what runs is All.
func Jittered(r *rand.Rand) []detect.Row {
	rows := All()
	for i := range rows {
		move(r, &rows[i].Weight)
		switch m := rows[i].Model.(type) {
		case noveltyModel:
			k := &m.noveltyConst
			move(r, &k.coarse, &k.fine, &k.leastCoarse, &k.least, &k.spread, &k.dead, &k.near, &k.halfLife)
			rows[i].Model = m
		case contextModel:
			k := &m.contextConst
			move(r, &k.levels, &k.least, &k.hours)
			rows[i].Model = m
		case extremeModel:
			move(r, &m.extremeConst.days)
			rows[i].Model = m
		}
	}
	return rows
}

func move(r *rand.Rand, vs ...*float64) {
	for _, v := range vs {
		*v *= .75 + .5*r.Float64()
	}
}
