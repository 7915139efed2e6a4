package sns

import (
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
)

// chatMessage is a custom notification of Amazon Q Developer in chat
// applications (its guide, "Custom notifications"): version and source are
// fixed, description is required, messages of one threadId stand together.
type chatMessage struct {
	Version  string       `json:"version"`
	Source   string       `json:"source"`
	ID       string       `json:"id"`
	Content  chatContent  `json:"content"`
	Metadata chatMetadata `json:"metadata"`
}

type chatContent struct {
	TextType    string   `json:"textType"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	NextSteps   []string `json:"nextSteps,omitempty"`
	Keywords    []string `json:"keywords,omitempty"`
}

type chatMetadata struct {
	ThreadID          string            `json:"threadId"`
	Summary           string            `json:"summary"`
	EventType         string            `json:"eventType"`
	AdditionalContext map[string]string `json:"additionalContext,omitempty"`
}

// The lengths that we keep to, in characters. The service's own are not in the
// sources that were at hand; these are what Slack shows of a message at once.
const (
	maxChatTitle       = 250
	maxChatDescription = 3000
	maxChatSteps       = 10
)

// chat writes a notification as a custom notification. What does not fit is
// left out at the end of the description.
func chat(n alert.Notification, limit int) (string, error) {
	said := n.Said()
	title := alert.Cut(plainMarkdown(said.Title), maxChatTitle)
	event := string(n.Alert.State)
	if n.Thread != nil {
		event = string(n.Thread.Reason)
	}
	m := chatMessage{Version: "1.0", Source: "custom", ID: n.DedupKey,
		Content: chatContent{TextType: "client-markdown", Title: title, Description: alert.Cut(chatText(said), maxChatDescription)},
		Metadata: chatMetadata{ThreadID: threadOf(n), Summary: title, EventType: event,
			AdditionalContext: map[string]string{"tenant": alert.Cut(plainMarkdown(n.Alert.Tenant), maxChatTitle), "severity": n.Severity.String(), "alert": n.Alert.ID}}}
	for _, s := range said.Next[:min(len(said.Next), maxChatSteps)] {
		m.Content.NextSteps = append(m.Content.NextSteps, plainMarkdown(s))
	}
	body, err := alert.JSON(m)
	if err != nil {
		return "", err
	}
	if len(body) > limit {
		return "", fmt.Errorf("a chat notification of %d bytes, SNS takes %d", len(body), limit)
	}
	return awssink.Printable(string(body)), nil
}

// chatText is the message in Markdown.
func chatText(m alert.Message) string {
	ps := []string{plainMarkdown(m.Lead)}
	var facts []string
	for _, f := range m.Facts {
		facts = append(facts, "*"+plainMarkdown(f.Name)+"* "+plainMarkdown(f.Text))
	}
	for _, l := range append(m.Lines, m.More) {
		if l != "" {
			facts = append(facts, "- "+plainMarkdown(l))
		}
	}
	var answers []string
	for _, a := range m.Actions {
		answers = append(answers, answer(a))
	}
	for _, p := range []string{strings.Join(facts, "\n"), strings.Join(answers, "\n"), plainMarkdown(m.Foot)} {
		if p != "" {
			ps = append(ps, p)
		}
	}
	return strings.Join(ps, "\n\n")
}

// answer is a link, or the command that does the same.
func answer(a alert.Action) string {
	if a.URL != "" {
		return "<" + a.URL + "|" + plainMarkdown(a.Label) + ">"
	}
	return plainMarkdown(a.Label) + ": `" + strings.ReplaceAll(plainMarkdown(a.Command), "`", "'") + "`"
}

// plainMarkdown makes text that neither mentions anybody nor is a link: the
// chat's three special characters are escaped, an at sign is followed by a
// word joiner, and marks of emphasis are kept from their words.
func plainMarkdown(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "@", "@\u2060", "*", "\u2217", "`", "'", "~", "\u223c",
		"[", "\uff3b", "]", "\uff3d").Replace(alert.CleanLines(s))
}
