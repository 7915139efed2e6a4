package inventory

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// shown is how many rows of a list a text has; the data has all.
const shown = 20

// Tell writes the coverage for people, in "en" or "ja".
func (c Coverage) Tell(out io.Writer, lang string) error {
	w, ok := wordings[lang]
	if !ok {
		return fmt.Errorf("inventory: language %q: want en or ja", lang)
	}
	p := &page{words: w}
	p.f(w.title, c.Account, c.Region, c.At.UTC().Format("2006-01-02 15:04 UTC"))
	p.f(w.sum, c.Metrics, c.Watched, c.Metrics-c.Watched)
	p.spaces(c)
	p.groups(c)
	p.resources(c)
	p.hosts(c)
	for _, b := range c.Blind {
		p.once(w.blind)
		p.f("  %s: %s (%s)\n", b.Action, w.lost[b.Action], b.Text)
	}
	_, err := io.WriteString(out, p.b.String())
	return err
}

// page is a text while it is written.
type page struct {
	b     strings.Builder
	words wording
	said  string
}

func (p *page) f(format string, a ...any) { fmt.Fprintf(&p.b, format, a...) }

// once writes a heading before its first row.
func (p *page) once(heading string) {
	if p.said != heading {
		p.f("%s", "\n"+heading+"\n")
		p.said = heading
	}
}

func (p *page) spaces(c Coverage) {
	for _, s := range c.Spaces {
		p.once(p.words.spaces)
		p.f("  %-28s %6d %6d", s.Namespace, s.Metrics, s.Watched)
		var why []string
		for _, k := range slices.Sorted(maps.Keys(s.Not)) {
			why = append(why, fmt.Sprintf("%d %s", s.Not[k], p.words.why[k]))
		}
		p.f("  %s\n", strings.Join(why, p.words.comma))
	}
}

func (p *page) groups(c Coverage) {
	for _, g := range c.Groups {
		p.once(p.words.groups)
		p.f("  "+p.words.group+"\n", g.Group, g.Series, g.Resources)
	}
}

func (p *page) resources(c Coverage) {
	for i, r := range c.Unwatched {
		p.once(p.words.unwatched)
		if i == shown {
			p.f("  "+p.words.more+"\n", len(c.Unwatched)-shown)
			break
		}
		p.f("  %s %s: %s\n", r.ARN, r.Name, p.words.why[r.Why])
	}
	for i, arn := range c.Untagged {
		p.once(p.words.untagged)
		if i == shown {
			p.f("  "+p.words.more+"\n", len(c.Untagged)-shown)
			break
		}
		p.f("  %s\n", arn)
	}
	if !c.TagsKnown {
		p.once(p.words.tagsUnknown)
	}
}

func (p *page) hosts(c Coverage) {
	for _, h := range c.Hosts {
		p.once(p.words.hosts)
		p.f("  %s: %s", h.Name, p.words.health[h.Health])
		for _, s := range []string{p.words.by[h.By], h.State, h.Ping, since(h.Since, p.words), h.Reason} {
			if s != "" {
				p.f("%s%s", p.words.comma, s)
			}
		}
		p.f("\n")
	}
	for _, s := range c.Short {
		p.once(p.words.short)
		p.f("  "+p.words.capacity+"\n", s.Group, s.Desired, s.Service)
		for i, f := range s.Failed {
			if i == 3 {
				p.f("    "+p.words.more+"\n", len(s.Failed)-i)
				break
			}
			p.f("    %s %s: %s\n", f.At.UTC().Format("01-02 15:04"), f.Text, f.Message)
		}
	}
}

func since(t time.Time, w wording) string {
	if t.IsZero() {
		return ""
	}
	return fmt.Sprintf(w.since, t.UTC().Format("2006-01-02 15:04 UTC"))
}

// TellChanges writes what changed between two scans, per group.
func TellChanges(out io.Writer, cs []Change, lang string) error {
	w, ok := wordings[lang]
	if !ok {
		return fmt.Errorf("inventory: language %q: want en or ja", lang)
	}
	p := &page{words: w}
	if len(cs) == 0 {
		p.f("%s\n", w.nothing)
	}
	for i, c := range cs {
		if i == 0 || c.Group != cs[i-1].Group {
			name := c.Group
			if name == "" {
				name = w.noGroup
			}
			p.f(w.groupName+"\n", name)
		}
		p.f("  %s %s", w.op[c.Op], c.Resource)
		if c.Metrics > 0 {
			p.f(" "+w.metrics, c.Metrics)
		}
		for _, t := range c.Tags {
			p.f(" %s: %q -> %q", t.Key, t.Old, t.New)
		}
		if c.Reason != "" {
			p.f(" %s", c.Reason)
		}
		p.f("\n")
	}
	_, err := io.WriteString(out, p.b.String())
	return err
}
