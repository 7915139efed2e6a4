package alertmanager

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// postable is an alert in the words of Alertmanager's API v2
// (postableAlert in its openapi.yaml).
type postable struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

func (s *Sink) postable(n alert.Notification) postable {
	a := n.Alert
	p := postable{Labels: labels(a), Annotations: annotations(n), StartsAt: a.From.UTC(), EndsAt: s.now().UTC().Add(s.ahead)}
	if a.State == kizashi.Resolved {
		// An end before the beginning is refused.
		p.EndsAt = max(a.From, a.To).UTC()
	}
	// The field has to be a URI or the whole alert is refused.
	if u, err := url.Parse(n.Link); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		p.GeneratorURL = u.String()
	}
	return p
}

// labels are the alert's identity at Alertmanager: they must not change in
// the life of an episode, so nothing that is measured is among them. Our own
// names come first; a series' label of the same name gives way.
func labels(a kizashi.Alert) map[string]string {
	m := map[string]string{
		"alertname": "Kizashi", "kizashi_id": a.ID, "tenant": a.Tenant,
		"series": seriesName(a), "class": a.Class, "side": a.Side.String(),
	}
	for _, l := range a.Labels {
		m[freeName(m, l.Name)] = l.Value
	}
	for name, v := range m {
		// Clean: amtool shows them in a terminal as they stand.
		if m[name] = alert.Clean(v); m[name] == "" {
			delete(m, name) // absent and empty mean the same
		}
	}
	return m
}

func seriesName(a kizashi.Alert) string { return kizashi.Meta{Labels: a.Labels}.Name() }

// annotations say what may change.
func annotations(n alert.Notification) map[string]string {
	m := map[string]string{"summary": n.Title, "description": n.Summary, "justification": n.Justification, "link": n.Link}
	for _, l := range kizashi.LabelsOf(n.Fields) { // sorted, so that clashes end the same each time
		m[freeName(m, l.Name)] = l.Value
	}
	for name, v := range m {
		if m[name] = alert.CleanLines(v); m[name] == "" {
			delete(m, name)
		}
	}
	return m
}

// freeName makes name valid and finds it a place beside those in m: "name",
// else "name_2" and so on. It depends only on the names that came before,
// which are sorted.
func freeName(m map[string]string, name string) string {
	name = validName(name)
	free := name
	for i := 2; ; i++ {
		if _, taken := m[free]; !taken {
			return free
		}
		free = name + "_" + strconv.Itoa(i)
	}
}

// validName turns what Prometheus does not allow in a label name
// ([a-zA-Z_][a-zA-Z0-9_]*) into underscores.
func validName(name string) string {
	valid := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if valid == "" || valid[0] >= '0' && valid[0] <= '9' {
		return "_" + valid
	}
	return valid
}
