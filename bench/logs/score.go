package logs

import (
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
)

// Score is how well lines were grouped and templates found.
type Score struct {
	GA  float64 // lines whose group holds exactly the lines of a true group
	FGA float64 // F1 of groups that are exactly a true group
	PA  float64 // lines whose template is the true one
	FTA float64 // F1 of groups that are, and whose template is, a true one
}

// Found is what the miner made of lines.
type Found struct {
	Miner    *pattern.Miner
	ID       []pattern.ID // of each line, aliases resolved at the end
	Template []string
}

// Mine adds lines to a fresh miner.
func Mine(lines []string) Found {
	f := Found{Miner: pattern.New(pattern.Config{})}
	arrival := make([]pattern.ID, len(lines))
	var m pattern.Match
	for i, l := range lines {
		f.Miner.Add([]byte(l), kizashi.Time(i), &m)
		arrival[i] = m.ID
	}
	f.Miner.Events(nil)
	templates := map[pattern.ID]string{}
	for p := range f.Miner.Patterns() {
		templates[p.ID] = p.Template
	}
	for _, id := range arrival {
		id = f.Miner.Resolve(id)
		f.ID = append(f.ID, id)
		f.Template = append(f.Template, templates[id])
	}
	return f
}

// Judge scores what was found against what is true.
func (s *System) Judge(f Found) Score {
	truth, found := map[string][]int{}, map[pattern.ID][]int{}
	for i := range s.Event {
		truth[s.Event[i]] = append(truth[s.Event[i]], i)
		found[f.ID[i]] = append(found[f.ID[i]], i)
	}
	var out Score
	exact, right, lines, parsed := 0, 0, 0, 0
	for i := range s.Event {
		if Same(f.Template[i], s.True[i]) {
			parsed++
		}
	}
	for _, g := range found {
		t := truth[s.Event[g[0]]]
		if len(t) != len(g) {
			continue
		}
		same := true
		for _, i := range g {
			same = same && s.Event[i] == s.Event[g[0]]
		}
		if !same {
			continue
		}
		exact++
		lines += len(g)
		if Same(f.Template[g[0]], s.True[g[0]]) {
			right++
		}
	}
	n := float64(len(s.Event))
	groups := float64(len(truth) + len(found))
	out.GA, out.PA = float64(lines)/n, float64(parsed)/n
	out.FGA, out.FTA = 2*float64(exact)/groups, 2*float64(right)/groups
	return out
}

// Same says whether two templates are, white space aside.
func Same(a, b string) bool {
	return strings.Join(strings.Fields(a), " ") == strings.Join(strings.Fields(b), " ")
}

// Mean of scores.
func Mean(ss []Score) (m Score) {
	for _, s := range ss {
		n := float64(len(ss))
		m.GA, m.FGA, m.PA, m.FTA = m.GA+s.GA/n, m.FGA+s.FGA/n, m.PA+s.PA/n, m.FTA+s.FTA/n
	}
	return m
}

// Lowest of each score, of one system or another.
func Lowest(ss []Score) Score {
	m := ss[0]
	for _, s := range ss[1:] {
		m.GA, m.FGA, m.PA, m.FTA = min(m.GA, s.GA), min(m.FGA, s.FGA), min(m.PA, s.PA), min(m.FTA, s.FTA)
	}
	return m
}
