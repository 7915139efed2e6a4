package models

import (
	"reflect"
	"testing"

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
