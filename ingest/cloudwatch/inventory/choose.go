package inventory

import (
	"maps"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/catalogue"
)

// Want is a statistic of a metric that is to be watched wherever it exists.
type Want struct {
	Namespace, Metric, Statistic string
	Dimensions                   []string // exactly these; empty = without any; nil = whatever there are
}

// Selection says what of a snapshot is watched.
type Selection struct {
	Want         []Want
	Select, Drop []kizashi.Matchers // over the labels; no Select = all
	Labels       map[string]string  // that the account's series have beside their own
	Accounts     []string           // whose metrics; none = all that are listed
	Catalogue    *catalogue.Catalogue
}

// Why a metric is not watched.
type Why string

const (
	Watched         Why = ""
	NotInCatalogue  Why = "not in the catalogue"
	OtherDimensions Why = "dimensions"   // published under other dimensions, that are watched or say too little
	RecordOnly      Why = "record"       // the catalogue has it, for the record only
	NotNamed        Why = "not named"    // the configuration names others of its namespace
	NoMatch         Why = "no match"     // no select matches
	Untagged        Why = "untagged"     // select asks for tags, and its resource has none
	Dropped         Why = "dropped"      // a drop matches
	OtherAccount    Why = "account"      // of an account that is not among those to be watched
	HasEnded        Why = "ended"        // its resource has ended
	NotReadable     Why = "not readable" // select asks for what could not be read
)

// Choice is what became of a metric: watched with a statistic, or not.
type Choice struct {
	Metric    Metric
	Statistic string // "" where it is not watched
	Labels    kizashi.Labels
	Why       Why
}

// Default is what is watched where nobody names anything: the catalogue's
// metrics of class act and check, in the statistic and under the dimensions
// that it lists first.
func Default(c *catalogue.Catalogue) (out []Want) {
	for _, n := range c.Namespaces() {
		for _, m := range c.Metrics(n) {
			if m.Class != "record" {
				out = append(out, WantsOf(m)...)
			}
		}
	}
	return out
}

// WantsOf an entry of the catalogue: itself, or what it is computed from, in
// the statistic and under the dimensions that it lists first.
func WantsOf(m catalogue.Metric) (out []Want) {
	names := m.Expression
	if names == nil {
		names = []string{m.Name}
	}
	var dimensions []string
	if len(m.Identity) > 0 {
		dimensions = append([]string{}, m.Identity[0]...)
	}
	for _, n := range names {
		w := Want{Namespace: m.Namespace, Metric: n, Dimensions: dimensions}
		if len(m.Statistics) > 0 {
			w.Statistic = m.Statistics[0]
		}
		out = append(out, w)
	}
	return out
}

// Choose says of each metric whether it is watched, once for each statistic
// that is, and else why not. The order is that of the snapshot.
func (s *Snapshot) Choose(sel Selection) []Choice {
	wants := map[[2]string][]Want{}
	named := map[string]bool{}
	for _, w := range sel.Want {
		wants[[2]string{w.Namespace, w.Metric}] = append(wants[[2]string{w.Namespace, w.Metric}], w)
		named[w.Namespace] = true
	}
	var out []Choice
	for _, m := range s.Metrics {
		why := OtherDimensions
		ws := wants[[2]string{m.Namespace, m.Name}]
		if len(ws) == 0 {
			why = sel.unwanted(m, named[m.Namespace])
		}
		chosen := false
		for _, w := range ws {
			if !w.fits(m.Dimensions) {
				continue
			}
			c := s.choose(m, w.Statistic, sel)
			if why = c.Why; why == Watched {
				out, chosen = append(out, c), true
			}
		}
		if !chosen {
			out = append(out, Choice{Metric: m, Labels: s.Series(m, "", sel.Labels), Why: why})
		}
	}
	return out
}

// unwanted says why nobody asked for the metric.
func (sel Selection) unwanted(m Metric, named bool) Why {
	if sel.Catalogue == nil {
		return NotNamed
	}
	e, ok := sel.Catalogue.Find(m.Namespace, m.Name)
	switch {
	case ok && e.Class == "record":
		return RecordOnly
	case ok || named && len(sel.Catalogue.Metrics(m.Namespace)) == 0:
		return NotNamed
	}
	return NotInCatalogue
}

// fits says whether dims are exactly the dimensions that are wanted.
func (w Want) fits(dims map[string]string) bool {
	if w.Dimensions == nil {
		return true
	}
	for _, d := range w.Dimensions {
		if _, ok := dims[d]; !ok {
			return false
		}
	}
	return len(dims) == len(w.Dimensions)
}

func (s *Snapshot) choose(m Metric, stat string, sel Selection) Choice {
	c := Choice{Metric: m, Statistic: stat, Labels: s.Series(m, stat, sel.Labels)}
	_, ended := s.Ending(m)
	matches := func(ms kizashi.Matchers) bool { return ms.Matches(c.Labels) }
	switch {
	case len(sel.Accounts) > 0 && !slices.Contains(sel.Accounts, m.Account):
		c.Why = OtherAccount
	case len(sel.Select) > 0 && !slices.ContainsFunc(sel.Select, matches):
		c.Why = s.unmatched(m, sel.Select)
	case slices.ContainsFunc(sel.Drop, matches):
		c.Why = Dropped
	case ended:
		c.Why = HasEnded
	}
	return c
}

// unmatched tells what was selected otherwise from what has no tags that
// could be selected by.
func (s *Snapshot) unmatched(m Metric, sel []kizashi.Matchers) Why {
	for _, ms := range sel {
		for _, one := range ms {
			if !strings.HasPrefix(one.Name, "tag_") && one.Name != "stack" {
				continue
			}
			r := s.ResourceOf(m)
			switch {
			case r != nil && r.Tagged():
				continue
			case s.read(GetResources) || r != nil && slices.Contains(r.Seen, "instances"):
				return Untagged
			}
			return NotReadable
		}
	}
	return NoMatch
}

// Tagged says whether people tagged the resource; AWS's own tags do not count.
func (r *Resource) Tagged() bool {
	for k := range r.Tags {
		if !strings.HasPrefix(k, "aws:") {
			return true
		}
	}
	return false
}

// Series has the labels over which matchers run: those that a series of the
// metric will have, as far as they are known before there is one, and more.
func (s *Snapshot) Series(m Metric, stat string, more map[string]string) kizashi.Labels {
	out := s.Labels(m)
	maps.Copy(out, more)
	for n, v := range m.Dimensions {
		out["dim_"+n] = v
	}
	out["namespace"], out["metric"], out["stat"], out["account"], out["region"] = m.Namespace, m.Name, stat, m.Account, s.Region
	return kizashi.LabelsOf(out)
}
