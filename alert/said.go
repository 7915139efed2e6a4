package alert

import (
	"cmp"
	"net/url"
	"strings"
)

// Bounds of a message that a sink lays out, in runes and in numbers: far more
// than anybody reads, far less than any medium takes. What is longer ends with
// an ellipsis.
const (
	longestTitle = 300
	longestText  = 3000 // the lead; a fact, a line or a step has a third of it
	mostParts    = 100  // of facts, lines, steps, and a tenth of it of actions
)

// Said is what a person reads of n: its Message, or where the lane has none
// one made of Title and Summary. Its texts are clean and bounded, its links
// lead to the web or are left out, and its foot names the justification and
// the dedup key. Escaping for a medium is still to be done.
func (n Notification) Said() Message {
	m := n.Message
	if m.Title == "" {
		m.Title = n.Title
	}
	if m.Lead == "" && len(m.Facts) == 0 && len(m.Lines) == 0 {
		m.Lead = n.Summary
	}
	out := Message{
		Title: Cut(Clean(m.Title), longestTitle), Lead: Cut(CleanLines(m.Lead), longestText),
		More: Cut(Clean(m.More), longestTitle), Foot: n.foot(m.Foot), Chart: m.Chart,
	}
	for _, f := range first(m.Facts, mostParts) {
		out.Facts = append(out.Facts, Fact{Name: Cut(Clean(f.Name), longestTitle), Text: Cut(Clean(f.Text), longestText/3)})
	}
	out.Lines, out.Next = tidy(m.Lines), tidy(m.Next)
	for _, a := range first(m.Actions, mostParts/10) {
		out.Actions = append(out.Actions, Action{
			Name: Cut(Clean(a.Name), longestTitle), Label: Cut(Clean(a.Label), longestTitle), URL: WebLink(a.URL), Command: Cut(Clean(a.Command), longestText/3),
		})
	}
	if c := m.Chart; c != nil {
		out.Chart = &Chart{PNG: c.PNG, Alt: Cut(Clean(c.Alt), longestText/3)}
	}
	return out
}

func first[T any](s []T, n int) []T { return s[:min(n, len(s))] }

func tidy(lines []string) []string {
	var out []string
	for _, l := range first(lines, mostParts) {
		out = append(out, Cut(Clean(l), longestText/3))
	}
	if len(lines) > mostParts {
		out = append(out, "…")
	}
	return out
}

// foot adds to a foot the ids that it does not name yet.
func (n Notification) foot(s string) string {
	parts := []string{Clean(s)}
	for _, id := range []string{n.DedupKey, n.Justification} {
		if id = Clean(id); !strings.Contains(parts[0], id) {
			parts = append(parts, id)
		}
	}
	return Cut(strings.TrimPrefix(strings.Join(parts, " · "), " · "), longestText/3)
}

// WebLink returns a link that leads to a page by http or https, with all but
// plain ASCII of it escaped, and "" for anything else.
func WebLink(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(s) > longestText {
		return ""
	}
	var b strings.Builder
	for _, c := range []byte(u.String()) {
		if c <= ' ' || c > '~' || strings.IndexByte("<>\"'`|\\^{}", c) >= 0 {
			const hex = "0123456789ABCDEF"
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

// Text lays a message out as plain text, the title first: paragraphs between
// blank lines. It ends in a line break.
func (m Message) Text(link string) string {
	var b strings.Builder
	paragraph := func(lines ...string) {
		said := false
		for _, l := range lines {
			if l == "" {
				continue
			}
			if !said && b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(l + "\n")
			said = true
		}
	}
	paragraph(m.Title)
	paragraph(m.Lead)
	var facts, lines, next, actions []string
	for _, f := range m.Facts {
		facts = append(facts, f.Name+": "+f.Text)
	}
	for _, l := range m.Lines {
		lines = append(lines, "- "+l)
	}
	for _, s := range m.Next {
		next = append(next, "→ "+s)
	}
	for _, a := range m.Actions {
		if way := cmp.Or(a.URL, a.Command); way != "" {
			actions = append(actions, a.Label+": "+way)
		}
	}
	paragraph(facts...)
	paragraph(append(lines, m.More)...)
	paragraph(next...)
	paragraph(actions...)
	paragraph(WebLink(link), m.Foot)
	return b.String()
}
