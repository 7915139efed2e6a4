package sns

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// In each format what a stranger wrote stays inside a JSON string, and the
// subject and the attributes of a message hold nothing that breaks a header.
func TestCanaries(t *testing.T) {
	for format := range formats {
		c := newCloud(t)
		s, err := New(t.Context(), Config{Topic: topic, Endpoint: c.URL, Format: format})
		if err != nil {
			t.Fatal(err)
		}
		sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place {
			return sinktest.Place{Sink: s, Set: c.Set, Received: func() []sinktest.Told {
				var out []sinktest.Told
				for _, p := range c.posts(t) {
					out = append(out, sinktest.Told{Text: p.Get("Message")})
				}
				return out
			}}
		}, func(t *testing.T, told sinktest.Told) {
			var m map[string]any
			if err := json.Unmarshal([]byte(told.Text), &m); err != nil || m["admin"] != nil {
				t.Errorf("%s: %v: %s", format, err, told.Text)
			}
			all := c.posts(t)
			last := all[len(all)-1]
			if sub := last.Get("Subject"); strings.ContainsFunc(sub, func(r rune) bool { return r < ' ' || r > '~' }) || len(sub) > maxSubject || sub == "" {
				t.Errorf("%s: subject %q", format, sub)
			}
			for i := 1; last.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
				if v := last.Get(fmt.Sprintf("MessageAttributes.entry.%d.Value.StringValue", i)); strings.ContainsFunc(v, sinktest.Acts) {
					t.Errorf("%s: an attribute %q", format, v)
				}
			}
		})
	}
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets.AWS
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		c := newCloud(t)
		sinktest.AWS(t, "test", x)
		return sinktest.Place{Sink: c.sink(t, topic), Set: c.Set, Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Absent}}
	}, x)
}
