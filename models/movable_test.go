package models

import (
	"reflect"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// What New of a Movable returns is copied for each series: a pointer in it would be
// shared by all of them.
func TestMovableStatesShareNothing(t *testing.T) {
	for _, r := range All() {
		if _, ok := r.Model.(detect.Movable); !ok {
			continue
		}
		if p := reflect.ValueOf(r.Model.New(&kizashi.Meta{}, &kizashi.Settings{})); p.Kind() == reflect.Pointer {
			shared(t, r.Name, p.Elem())
		}
	}
}

func shared(t *testing.T, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if n := v.Type().Field(i).Name; n == "k" || n == "span" {
				continue // the model's constants, which nobody writes
			}
			shared(t, path+"."+v.Type().Field(i).Name, v.Field(i))
		}
	case reflect.Array:
		for i := range v.Len() {
			shared(t, path, v.Index(i))
		}
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Func, reflect.Chan:
		if !v.IsNil() {
			t.Errorf("%s is not nil in what series are copies of", path)
		}
	}
}

// What a tail knows of clusters is in scales that a restart of the baseline makes others.
func TestARestartForgetsClusters(t *testing.T) {
	s, at := newCalibrated(), kizashi.Time(0)
	for hour := range 20 * 24 {
		s.roll(at, 0)
		if s.add(.1, at, s.theta(28*24*time.Hour, .1)); hour%7 == 0 {
			s.add(1+float64(hour%5)/4, at, s.theta(28*24*time.Hour, .1))
		}
		at = at.Add(time.Hour)
	}
	known := s.Tail.N
	if s.roll(at, 0); known == 0 || s.Tail.N < known-1 {
		t.Fatalf("%g clusters, and an hour later %g", known, s.Tail.N)
	}
	if s.roll(at.Add(time.Hour), 1); s.Tail.N != 0 || s.theta(28*24*time.Hour, .1) == 0 {
		t.Errorf("after a restart: %g clusters, limit %g", s.Tail.N, s.theta(28*24*time.Hour, .1))
	}
}
