package slack

import (
	"strings"
	"unicode/utf16"

	api "github.com/slack-go/slack"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// Slack's limits, of its reference of blocks and of chat.postMessage, in
// characters; we count UTF-16 units, which are never fewer than what Slack
// counts. A message has at most 50 blocks; ours has at most 17.
const (
	mostHeader   = 150
	mostSection  = 3000
	mostField    = 2000
	mostFields   = 10   // of a section
	mostText     = 4000 // of the text beside the blocks, as Slack advises
	mostPayload  = 200  // of a value of the metadata
	factSections = 5
	lineSections = 4
)

// post is a message as chat.postMessage and incoming webhooks take it.
type post struct {
	Channel   string             `json:"channel,omitempty"`
	Text      string             `json:"text"` // for notifications and screen readers
	Blocks    []api.Block        `json:"blocks"`
	Thread    string             `json:"thread_ts,omitempty"`
	Broadcast bool               `json:"reply_broadcast,omitempty"`
	Parse     string             `json:"parse"` // none: no name and no address becomes a link
	Mrkdwn    bool               `json:"mrkdwn"`
	Links     bool               `json:"unfurl_links"`
	Media     bool               `json:"unfurl_media"`
	Metadata  *api.SlackMetadata `json:"metadata,omitempty"`
}

// compose lays a message out.
func compose(n alert.Notification) post {
	m := n.Said()
	title := strings.TrimSpace(mark(n) + " " + m.Title)
	p := post{Text: escapeCut(title+"\n"+m.Lead, mostText), Parse: "none"}
	add := func(b api.Block) { p.Blocks = append(p.Blocks, b) }
	add(api.NewHeaderBlock(plain(title, mostHeader)))
	if units(title) > mostHeader {
		add(section(plain(m.Title, mostSection)))
	}
	if strings.TrimSpace(m.Lead) != "" {
		add(section(plain(m.Lead, mostSection)))
	}
	for _, b := range facts(m.Facts) {
		add(b)
	}
	for _, b := range paragraphs(m.Lines, "• ", m.More, lineSections) {
		add(b)
	}
	for _, b := range paragraphs(m.Next, "→ ", "", 1) {
		add(b)
	}
	for _, b := range actions(m.Actions) {
		add(b)
	}
	add(foot(n, m))
	return p
}

// facts stand in two columns, name and value, ten texts a section.
func facts(all []alert.Fact) []api.Block {
	var out []api.Block
	for len(all) > 0 && len(out) < factSections {
		now := all[:min(len(all), mostFields/2)]
		all = all[len(now):]
		var fields []*api.TextBlockObject
		for _, f := range now {
			fields = append(fields, markdown("*"+escapeCut(f.Name, mostField-2)+"*"), plain(f.Text, mostField))
		}
		out = append(out, api.NewSectionBlock(nil, fields, nil))
	}
	return out
}

// paragraphs are lines in as few sections as hold them, at most so many; the
// rest is told by an ellipsis.
func paragraphs(lines []string, before, after string, most int) []api.Block {
	var texts []string
	add := func(line string) bool {
		line = cut(line, mostSection)
		if last := len(texts) - 1; last >= 0 && units(texts[last])+1+units(line) <= mostSection {
			texts[last] += "\n" + line
			return true
		}
		if len(texts) == most {
			texts[most-1] = cut(texts[most-1], mostSection-2) + "\n…"
			return false
		}
		texts = append(texts, line)
		return true
	}
	for _, l := range lines {
		if !add(before + l) {
			break
		}
	}
	if after != "" {
		add(after)
	}
	var out []api.Block
	for _, t := range texts {
		out = append(out, section(plain(t, mostSection)))
	}
	return out
}

// actions are links in one section, and commands where there is no link.
func actions(all []alert.Action) []api.Block {
	links, commands := "", []string(nil)
	for _, a := range all {
		if a.URL == "" {
			if a.Command != "" {
				commands = append(commands, a.Label+": "+a.Command)
			}
			continue
		}
		// WebLink has left no |, < or > in the URL.
		link := "<" + escape(a.URL) + "|" + escapeCut(strings.ReplaceAll(a.Label, "|", "¦"), 75) + ">"
		if next := strings.TrimPrefix(links+"   "+link, "   "); units(next) <= mostSection {
			links = next
		}
	}
	var out []api.Block
	if links != "" {
		out = append(out, section(markdown(links)))
	}
	return append(out, paragraphs(commands, "", "", 1)...)
}

// foot holds the ids, and the link to the page under the alert's own.
func foot(n alert.Notification, m alert.Message) api.Block {
	var elements []api.MixedElement
	if link := alert.WebLink(n.Link); link != "" && units(link) < mostField {
		name := strings.ReplaceAll(alert.Clean(n.Alert.ID), "|", "¦")
		if name == "" {
			name = "→"
		}
		elements = append(elements, markdown("<"+escape(link)+"|"+escapeCut(name, 75)+">"))
	}
	ids := m.Foot
	if strings.TrimSpace(ids) == "" {
		ids = "kizashi"
	}
	return api.NewContextBlock("", append(elements, plain(ids, mostField))...)
}

// metadata is for programs that read the channel.
func metadata(n alert.Notification) *api.SlackMetadata {
	payload := map[string]any{}
	for name, v := range map[string]string{
		"dedup_key": n.DedupKey, "alert": n.Alert.ID, "state": string(state(n)), "severity": n.Severity.String(), "tenant": n.Alert.Tenant, "reason": string(reason(n)),
	} {
		if v = cut(alert.Clean(v), mostPayload); v != "" {
			payload[name] = v
		}
	}
	return &api.SlackMetadata{EventType: "kizashi_notification", EventPayload: payload}
}

func state(n alert.Notification) kizashi.AlertState {
	if n.Thread != nil {
		return n.Thread.State
	}
	return n.Alert.State
}

func reason(n alert.Notification) alert.Reason {
	if n.Thread != nil {
		return n.Thread.Reason
	}
	return ""
}

// mark shows state and severity before the title is read.
func mark(n alert.Notification) string {
	switch {
	case state(n) == kizashi.Resolved:
		return "✅"
	case n.Severity == alert.Critical:
		return "🔴"
	case n.Severity == alert.Warning:
		return "🟠"
	}
	return "🔵"
}

func section(t *api.TextBlockObject) api.Block { return api.NewSectionBlock(t, nil, nil) }

// plain is a text that Slack shows as it stands. Slack refuses an empty one.
func plain(s string, most int) *api.TextBlockObject {
	if strings.TrimSpace(s) == "" {
		s = "–"
	}
	return api.NewTextBlockObject(api.PlainTextType, cut(s, most), false, false)
}

// markdown is a text that Slack formats; what is not ours in it is escaped.
// Verbatim: no name and no address in it becomes a link.
func markdown(s string) *api.TextBlockObject {
	return api.NewTextBlockObject(api.MarkdownType, s, false, true)
}

// escape is Slack's own: these three begin and end all that it acts on.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

func units(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// cut shortens to at most n UTF-16 units, between characters.
func cut(s string, n int) string { return cutBy(s, n, func(s string) string { return s }) }

// escapeCut escapes, and shortens to at most n units of the escaped text.
func escapeCut(s string, n int) string { return cutBy(s, n, escape) }

func cutBy(s string, n int, f func(string) string) string {
	if whole := f(s); units(whole) <= n {
		return whole
	}
	var b strings.Builder
	left := n - 1 // for the ellipsis
	for _, r := range s {
		next := f(string(r))
		if left -= units(next); left < 0 {
			break
		}
		b.WriteString(next)
	}
	return b.String() + "…"
}
