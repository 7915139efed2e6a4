package models

import "github.com/kizashi-ops/kizashi/detect"

// Jittered is the table with every constant of what ranks moments moved by up
// to a quarter, each on its own, and every weight. Benchmarks ask it how much a
// figure owes to the constants' very values; what runs is All. draw gives numbers
// from 0 up to 1, evenly.
func Jittered(draw func() float64) []detect.Row {
	rows := All()
	for i := range rows {
		move(draw, &rows[i].Weight)
		switch m := rows[i].Model.(type) {
		case noveltyModel:
			k := &m.noveltyConst
			move(draw, &k.coarse, &k.fine, &k.leastCoarse, &k.least, &k.spread, &k.dead, &k.near, &k.halfLife)
			rows[i].Model = m
		case contextModel:
			k := &m.contextConst
			move(draw, &k.levels, &k.least, &k.hours)
			rows[i].Model = m
		case extremeModel:
			move(draw, &m.extremeConst.days)
			rows[i].Model = m
		}
	}
	return rows
}

func move(draw func() float64, vs ...*float64) {
	for _, v := range vs {
		*v *= .75 + .5*draw()
	}
}
