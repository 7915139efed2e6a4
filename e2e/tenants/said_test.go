package tenants

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// said collects what was said, in pieces that may be of one tenant only.
type said struct {
	t         *testing.T
	customers []*customer
	pieces    map[string]int // by where, those that carry a mark
	bad       int
}

// owners are the tenants whose marks a text carries.
func (s *said) owners(text string) (out []string) {
	for _, c := range s.customers {
		if slices.ContainsFunc(c.marks(), func(m string) bool { return strings.Contains(text, m) }) {
			out = append(out, c.tenant)
		}
	}
	return out
}

// piece checks one: tenant is whose it says to be, "" if it does not say.
func (s *said) piece(where, tenant, text string) {
	s.t.Helper()
	own := s.owners(text)
	if len(own) > 0 {
		s.pieces[where]++
	}
	if len(own) > 1 || len(own) == 1 && tenant != "" && own[0] != tenant {
		if s.bad++; s.bad <= 10 {
			s.t.Errorf("%s of %q carries the marks of %q:\n%.600s", where, tenant, own, text)
		}
	}
}

// lines checks each line of a text for itself.
func (s *said) lines(where, text string) {
	s.t.Helper()
	for _, l := range strings.Split(text, "\n") {
		s.piece(where, "", l)
	}
}

// log checks lines of JSON that may name their tenant.
func (s *said) log(text string) {
	s.t.Helper()
	for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
		var v struct{ Tenant string }
		if err := json.Unmarshal([]byte(l), &v); err != nil {
			s.t.Errorf("log line %q: %v", l, err)
		}
		s.piece("log line", v.Tenant, l)
	}
}

// metrics checks lines of /metrics.
func (s *said) metrics(text string) {
	s.t.Helper()
	for _, l := range strings.Split(text, "\n") {
		tenant := ""
		if _, rest, ok := strings.Cut(l, `tenant="`); ok {
			tenant, _, _ = strings.Cut(rest, `"`)
		}
		s.piece("metric", tenant, l)
	}
}

// tree checks a JSON value: what lies under an object that names its tenant is
// that tenant's.
func (s *said) tree(where string, v any, tenant string) {
	s.t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for _, key := range []string{"tenant", "Tenant"} {
			if t, ok := v[key].(string); ok && t != "" {
				tenant = t
			}
		}
		for k, x := range v {
			s.piece(where, tenant, k)
			s.tree(where, x, tenant)
		}
	case []any:
		for _, x := range v {
			s.tree(where, x, tenant)
		}
	default:
		s.piece(where, tenant, fmt.Sprint(v))
	}
}

// json checks a text of JSON.
func (s *said) json(where string, b []byte) {
	s.t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		s.t.Errorf("%s: %v: %.200s", where, err, b)
	}
	s.tree(where, v, "")
}
