package sns

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// ours are the links of the chat's form.
var ours = regexp.MustCompile(`<https://kizashi\.example/[^|<>]*\|[^<>]*>`)

// mention is whether a chat would call somebody, or link to another place.
func mention(text string) bool {
	rest := strings.ReplaceAll(ours.ReplaceAllString(text, ""), "@\u2060", "")
	return strings.ContainsAny(rest, "<>@")
}

// Whatever texts a message is made of, each form of it is JSON that SNS takes,
// and the chat's calls nobody.
func FuzzForms(f *testing.F) {
	sinktest.Fuzz(f, func(t *testing.T, n alert.Notification) {
		for format, body := range formats {
			in, err := (&Sink{topic: topic, body: body}).input(n)
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			if !json.Valid([]byte(*in.Message)) || len(*in.Message)+size(in) > maxMessage {
				t.Errorf("%s: %d bytes", format, len(*in.Message)+size(in))
			}
			if s := *in.Subject; s == "" || len(s) > maxSubject || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%s: subject %q", format, s)
			}
			for name, a := range in.MessageAttributes {
				if *a.StringValue == "" || strings.ContainsFunc(*a.StringValue, sinktest.Acts) {
					t.Errorf("%s: %s is %q", format, name, *a.StringValue)
				}
			}
		}
		var m chatMessage
		in, err := (&Sink{topic: topic, body: chat}).input(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(*in.Message), &m); err != nil {
			t.Fatal(err)
		}
		for _, text := range append([]string{m.Content.Title, m.Content.Description, m.Metadata.Summary}, m.Content.NextSteps...) {
			if mention(text) {
				t.Errorf("it acts on %q", text)
			}
		}
	})
}
