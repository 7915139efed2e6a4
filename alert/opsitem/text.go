package opsitem

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
)

// Operational data of ours. Searchable ones are found by DescribeOpsItems.
const (
	threadKey        = "kizashi-thread"
	alertKey         = "kizashi-alert"
	tenantKey        = "kizashi-tenant"
	justificationKey = "kizashi-justification"
	dedupKey         = "/aws/dedup" // OpsCenter opens no second item of the same dedupString while one is open
)

// Lengths in characters (Systems Manager API Reference, CreateOpsItem); a value
// of operational data in bytes (SDK: 20 KB).
const (
	maxTitle       = 1024
	maxDescription = 2048
	maxValue       = 20_000
)

// text is what an item holds.
type text struct {
	title, description, severity string
	priority                     int32
	data                         map[string]types.OpsItemDataValue
}

func (s *Sink) textOf(n alert.Notification) text {
	said := n.Said()
	t := text{title: alert.Cut(said.Title, maxTitle), description: alert.Cut(markdown(said), maxDescription), severity: "3", priority: 3}
	switch n.Severity {
	case alert.Critical:
		t.severity, t.priority = "1", 1
	case alert.Notice:
		t.severity, t.priority = "4", 4
	}
	if t.title == "" {
		t.title = "Kizashi alert " + n.Alert.ID
	}
	if t.description == "" {
		t.description = t.title
	}
	t.data = map[string]types.OpsItemDataValue{}
	if dedup, err := alert.JSON(map[string]string{"dedupString": threadOf(n)}); err == nil { // of a text it always can
		t.data[dedupKey] = search(string(dedup))
	}
	for key, v := range map[string]string{threadKey: threadOf(n), alertKey: n.Alert.ID, tenantKey: n.Alert.Tenant, justificationKey: n.Justification} {
		if v = awssink.Printable(alert.Clean(v)); v != "" {
			t.data[key] = search(v)
		}
	}
	if body, err := awssink.JSON(n, maxValue); err == nil {
		t.data["kizashi-notification"] = types.OpsItemDataValue{Type: types.OpsItemDataTypeString, Value: &body}
	} // else the texts above say enough
	return t
}

func search(v string) types.OpsItemDataValue {
	v = awssink.Head(v, maxValue)
	return types.OpsItemDataValue{Type: types.OpsItemDataTypeSearchableString, Value: &v}
}

// markdown writes a message.
func markdown(m alert.Message) string {
	ps := []string{plain(m.Lead)}
	var list, answers []string
	for _, f := range m.Facts {
		list = append(list, "- **"+plain(f.Name)+"**: "+plain(f.Text))
	}
	for _, l := range append(m.Lines, m.More) {
		if l != "" {
			list = append(list, "- "+plain(l))
		}
	}
	for _, a := range m.Actions {
		way := "[" + plain(a.Label) + "](" + target(a.URL) + ")"
		if a.URL == "" {
			way = plain(a.Label) + ": " + plain(a.Command)
		}
		answers = append(answers, "- "+way)
	}
	ps = append(ps, strings.Join(list, "\n"))
	for _, x := range m.Next {
		ps = append(ps, plain(x))
	}
	ps = append(ps, strings.Join(answers, "\n"), plain(m.Foot))
	return strings.Join(slices.DeleteFunc(ps, func(p string) bool { return p == "" }), "\n\n")
}

// target is a link as it stands between parentheses.
var target = strings.NewReplacer("(", "%28", ")", "%29", "[", "%5B", "]", "%5D").Replace

// special are the characters by which Markdown and the HTML in it begin
// anything.
var special = regexp.MustCompile("[\\\\`*_{}\\[\\]<>#|!~]")

// plain makes text that Markdown shows as it is.
func plain(s string) string {
	return special.ReplaceAllString(s, `\$0`)
}

// checkSource holds the rules for an item's source: at most 128 characters,
// and none of Amazon's own names (Systems Manager API Reference).
func checkSource(s string) error {
	low := strings.ToLower(s)
	for _, own := range []string{"aws", "amazon", "amzn"} {
		if strings.Contains(low, own) {
			return fmt.Errorf("source is %q; AWS keeps names with %q for itself", s, own)
		}
	}
	if len([]rune(s)) > 128 {
		return fmt.Errorf("source has %d characters, want at most 128", len([]rune(s)))
	}
	return nil
}
