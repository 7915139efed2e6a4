package models

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Quantiles of what came are met within what a sample of that size leaves open, also
// when the past was forgotten, and the markers stay in order.
func TestMarkersMeetQuantiles(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var m markers
	for fortnight := range 30 {
		for range 2000 {
			m.add(r.NormFloat64())
		}
		for i, want := range map[int]float64{q01: -2.3263, q05: -1.6449, q50: 0, q95: 1.6449, q99: 2.3263} {
			if math.Abs(m.Q[i]-want) > .3 {
				t.Errorf("fortnight %d: quantile %d of 200 is %.3f, want %.3f", fortnight, markAt[i], m.Q[i], want)
			}
		}
		if !slices.IsSorted(m.Q[:]) || !m.sane() {
			t.Fatalf("fortnight %d: %+v", fortnight, m)
		}
		m.fade()
	}
}

// As many values as there may ever be move nothing out of range.
func TestMarkersHaveAnEnd(t *testing.T) {
	m := markers{}
	for i := range marks {
		m.add(float64(i))
	}
	n := m.N
	m.N = mostValues - 1
	for i := range m.Off {
		m.Off[i] += (m.N - n) * markAt[i+1] / 2
	}
	for i := range 5 {
		m.add(float64(i) / 3)
	}
	if m.N != mostValues || !m.sane() {
		t.Errorf("%+v", m)
	}
}
