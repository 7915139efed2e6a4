package awsfake

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// The readers below take a value of any protocol: the form has strings only.

func text(v any) string {
	s, _ := v.(string)
	return s
}

func number(v any) (float64, error) {
	switch v := v.(type) {
	case nil:
		return 0, nil
	case float64:
		return v, nil
	case string:
		return strconv.ParseFloat(v, 64)
	}
	return 0, fmt.Errorf("%T is no number", v)
}

// instant reads an epoch number, or RFC 3339 as the form has it.
func instant(v any) (time.Time, error) {
	switch v := v.(type) {
	case float64:
		return time.UnixMilli(int64(math.Round(v * 1000))).UTC(), nil
	case string:
		return time.Parse(time.RFC3339, v)
	}
	return time.Time{}, fmt.Errorf("%T is no instant", v)
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func dict(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// flag reads true or false; said is whether it was given.
func flag(v any) (yes, said bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		return v == "true", v != ""
	}
	return false, false
}

// texts reads a list of strings.
func texts(v any) []string {
	var out []string
	for _, x := range list(v) {
		out = append(out, text(x))
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
