package slack

import (
	"testing"

	api "github.com/slack-go/slack"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// Whatever texts a message is made of, it mentions nobody, leads nowhere but to
// us, and stays within Slack's limits.
func FuzzCompose(f *testing.F) {
	sinktest.Fuzz(f, func(t *testing.T, n alert.Notification) {
		p := compose(n)
		p.Channel, p.Metadata = "C1", metadata(n)
		body, err := alert.JSON(p)
		if err != nil {
			t.Fatal(err)
		}
		calm(t, body)
		if len(p.Blocks) > 50 || units(p.Text) > mostText {
			t.Errorf("%d blocks, a text of %d", len(p.Blocks), units(p.Text))
		}
		within := func(x *api.TextBlockObject, most int) {
			if x != nil && (x.Text == "" || units(x.Text) > most) {
				t.Errorf("a text of %d, want 1 to %d", units(x.Text), most)
			}
		}
		for _, b := range p.Blocks {
			switch b := b.(type) {
			case *api.HeaderBlock:
				within(b.Text, mostHeader)
			case *api.SectionBlock:
				within(b.Text, mostSection)
				for _, x := range b.Fields {
					within(x, mostField)
				}
				if len(b.Fields) > mostFields {
					t.Errorf("%d fields", len(b.Fields))
				}
			}
		}
	})
}
