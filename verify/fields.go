package verify

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Fields lists the path of every numeric field of a justification, in the
// order of its JSON: numbers, durations, instants and the series' id. Fields
// that JSON leaves out because they are zero are listed too; a number that is
// null is no number, and is not.
func Fields(j kizashi.Justification) []string {
	var paths []string
	walk(reflect.ValueOf(&j).Elem(), "", func(path string, v reflect.Value) bool {
		paths = append(paths, path)
		return true
	})
	return paths
}

// Tamper returns a copy of j in which the number at path, one of [Fields], is
// 2 % greater in magnitude; zeros and whole numbers grow by 1, instants by
// 1 ms. It is for tests: whatever Tamper changes, Check must find.
func Tamper(j kizashi.Justification, path string) (kizashi.Justification, error) {
	c, err := clone(j)
	if err != nil {
		return c, fmt.Errorf("tamper %s: %w", path, err)
	}
	found := false
	walk(reflect.ValueOf(&c).Elem(), "", func(at string, v reflect.Value) bool {
		if at == path {
			found = true
			disturb(v)
		}
		return !found
	})
	if !found {
		return c, fmt.Errorf("tamper %s: the justification has no such number", path)
	}
	return c, nil
}

// clone copies deeply. It goes by way of JSON, since that is what is stored.
func clone(j kizashi.Justification) (kizashi.Justification, error) {
	var c kizashi.Justification
	b, err := json.Marshal(j)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(b, &c)
}

func disturb(v reflect.Value) {
	switch x := v.Interface().(type) {
	case kizashi.Duration:
		v.SetInt(int64(x) + max(int64(time.Millisecond), int64(x)/50))
		return
	case kizashi.SeriesID:
		v.SetUint(uint64(x) + 1)
		return
	}
	if v.CanInt() {
		v.SetInt(v.Int() + 1)
		return
	}
	if v.Float() == 0 {
		v.SetFloat(1)
		return
	}
	v.SetFloat(v.Float() * 1.02)
}

// walk visits the numbers under v until visit returns false.
func walk(v reflect.Value, path string, visit func(string, reflect.Value) bool) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return v.IsNil() || walk(v.Elem(), path, visit)
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if !walk(v.Index(i), path+"["+strconv.Itoa(i)+"]", visit) {
				return false
			}
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			if !walk(v.Field(i), strings.TrimPrefix(path+"."+name, "."), visit) {
				return false
			}
		}
	default:
		return !numeric(v) || visit(path, v)
	}
	return true
}

func numeric(v reflect.Value) bool {
	switch x := v.Interface().(type) {
	case kizashi.Time:
		return x != kizashi.Never && x != kizashi.Forever
	case kizashi.Side:
		return false // a word, in JSON
	}
	if v.CanFloat() {
		f := v.Float()
		return !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return v.CanInt() || v.CanUint()
}
