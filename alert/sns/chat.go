package sns

import (
	"fmt"
	"strings"
	"unicode/utf8"

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
	title := plainMarkdown(alert.Cut(said.Title, maxChatTitle/longestEscape))
	if whole := plainMarkdown(said.Title); utf8.RuneCountInString(whole) <= maxChatTitle {
		title = whole
	}
	event := string(n.Alert.State)
	if n.Thread != nil {
		event = string(n.Thread.Reason)
	}
	m := chatMessage{Version: "1.0", Source: "custom", ID: n.DedupKey,
		Content: chatContent{TextType: "client-markdown", Title: title, Description: chatText(said, maxChatDescription)},
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

// chatText is the message in Markdown, of at most so many characters. What does
// not fit is left out whole: half of a link or of an escape is neither.
func chatText(m alert.Message, most int) string {
	t := sheet{left: most}
	if lead := plainMarkdown(m.Lead); !t.add("", lead) {
		t.add("", plainMarkdown(alert.Cut(m.Lead, most/longestEscape)))
	}
	var facts, answers []string
	for _, f := range m.Facts {
		facts = append(facts, "*"+plainMarkdown(f.Name)+"* "+plainMarkdown(f.Text))
	}
	for _, l := range append(m.Lines, m.More) {
		if l != "" {
			facts = append(facts, "- "+plainMarkdown(l))
		}
	}
	for _, a := range m.Actions {
		answers = append(answers, answer(a))
	}
	for _, paragraph := range [][]string{facts, answers, {plainMarkdown(m.Foot)}} {
		before := "\n\n"
		for _, line := range paragraph {
			if line != "" && t.add(before, line) {
				before = "\n"
			}
		}
	}
	return t.text.String()
}

// longestEscape is what plainMarkdown makes of one character at most: &amp;
const longestEscape = 5

// sheet is a text with room for so many characters.
type sheet struct {
	text strings.Builder
	left int
}

// add writes what fits, with what stands before it; at the start nothing does.
func (s *sheet) add(before, text string) bool {
	if s.text.Len() == 0 {
		before = ""
	}
	n := utf8.RuneCountInString(before + text)
	if n > s.left {
		return false
	}
	s.left -= n
	s.text.WriteString(before + text)
	return true
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
