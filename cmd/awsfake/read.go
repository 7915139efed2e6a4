package main

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/yamlstrict"
	"go.yaml.in/yaml/v3"
)

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// reader reads YAML (and so JSON) into structs: a key is a field's name in
// lower case with underscores. What no field has is a fault of the file.
type reader struct{ yamlstrict.Walker }

// into reads a mapping into a struct; more are keys that have no field.
func (r *reader) into(n *yaml.Node, what string, to any, more map[string]func(*yaml.Node)) {
	set := map[string]func(*yaml.Node){}
	v := reflect.ValueOf(to).Elem()
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() {
			key := snake(f.Name)
			set[key] = r.value(v.Field(i), what+" "+key)
		}
	}
	maps.Copy(set, more)
	r.Fields(n, what, set)
}

// value returns what reads a node into a field.
func (r *reader) value(v reflect.Value, name string) func(*yaml.Node) {
	switch to := v.Addr().Interface().(type) {
	case *string:
		return r.Text(to, name)
	case *int:
		return r.Int(to, name)
	case *bool:
		return r.Bool(to, name)
	case *time.Duration:
		return r.Duration(to, name)
	case *map[string]string:
		return r.Texts(to, name)
	case *[]string:
		return r.TextList(to, name)
	case *float64:
		return func(n *yaml.Node) {
			var x kizashi.Num
			r.Number(&x, name)(n)
			*to = float64(x)
		}
	case *time.Time:
		return func(n *yaml.Node) { r.time(to, n, name) }
	}
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Struct {
		return func(n *yaml.Node) { r.Fail(n, "%s cannot be said in a file", name) }
	}
	return r.List(name, func(n *yaml.Node, item string) {
		x := reflect.New(v.Type().Elem())
		r.into(n, item, x.Interface(), nil)
		v.Set(reflect.Append(v, x.Elem()))
	})
}

func (r *reader) time(to *time.Time, n *yaml.Node, name string) {
	s, ok := r.Scalar(n, name)
	if !ok {
		return
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		r.Fail(n, "%s: %q is not a time such as 2026-11-20T12:00:00Z", name, s)
	}
	*to = at
}

// snake turns ExternalID into external_id and CutIn into cut_in.
func snake(s string) string {
	var b strings.Builder
	for i, c := range s {
		if unicode.IsUpper(c) && i > 0 && !unicode.IsUpper(rune(s[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
