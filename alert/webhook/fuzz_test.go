package webhook

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// Whatever texts a body is made of, it is JSON of a bounded size with the fields
// that it says; a template's has those of the template, and nothing else.
func FuzzBody(f *testing.F) {
	const template = `{"title": "{{.Title}}", "text": "{{calm .Text}}", "labels": "{{range .Alert.Labels}}{{.Name}}={{.Value}},{{end}}", "lead": {{json .Message.Lead}}}`
	plain, err := New(Config{URL: "https://hooks.example/x"})
	if err != nil {
		f.Fatal(err)
	}
	laid, err := New(Config{URL: "https://hooks.example/x", Template: template})
	if err != nil {
		f.Fatal(err)
	}
	sinktest.Fuzz(f, func(t *testing.T, n alert.Notification) {
		for _, s := range []*Sink{plain, laid} {
			r, failed := s.Preview(n)
			if r.Body == nil || failed != nil && !strings.Contains(failed.Error(), "more than") {
				t.Fatalf("%v", failed)
			}
			var m map[string]json.RawMessage
			if err := json.Unmarshal(r.Body, &m); err != nil || len(r.Body) > longestBody || m["admin"] != nil {
				t.Errorf("%d bytes: %v", len(r.Body), err)
			}
			if names := slices.Sorted(maps.Keys(m)); s == laid && failed == nil && !slices.Equal(names, []string{"labels", "lead", "text", "title"}) {
				t.Errorf("the template's body has the fields %v", names)
			}
			for name, values := range r.Header {
				if strings.ContainsFunc(strings.Join(values, ""), func(r rune) bool { return r < ' ' || r > '~' }) {
					t.Errorf("header %s: %q", name, values)
				}
			}
		}
	})
}
