package config

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/arn"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// The forms that AWS gives names: regions by what there is; roles, external
// ids and session tags by the documentation of STS AssumeRole.
var (
	regionForm   = regexp.MustCompile(`^[a-z]{2,5}(-[a-z]+)+-[0-9]+$`)
	roleForm     = regexp.MustCompile(`^arn:(aws|aws-cn|aws-us-gov):iam::([0-9]{12}):role/[\w+=,.@/-]+$`)
	externalForm = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)
	tagForm      = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

const (
	longestID    = 1224
	mostTags     = 50
	longestKey   = 128
	longestValue = 256
)

// nearest says which name was meant, or which ones there are.
func nearest(name string, known []string) string {
	known = slices.DeleteFunc(slices.Clone(known), func(s string) bool { return s == "" })
	if len(known) == 0 {
		return "; there are none"
	}
	return yamlstrict.Nearest(name, known)
}

// sortedKeys of a map, for errors that come in the same order each time.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (w *walker) region(into *[]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if len(*into) > 0 {
			w.Fail(n, "%s: give region or regions, not both", name)
		}
		switch {
		case ok && s == "":
			w.Fail(n, "%s: must not be empty", name)
		case ok && !regionForm.MatchString(s):
			w.Fail(n, "%s: want a region such as ap-northeast-1, not %q", name, s)
		case ok && slices.Contains(*into, s):
			w.Fail(n, "%s: %s stands twice", name, s)
		}
		*into = append(*into, s)
	}
}

func (w *walker) regions(into *[]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if len(*into) > 0 {
			w.Fail(n, "%s: give region or regions, not both", name)
			return
		}
		var all []string
		w.List(name, func(n *yaml.Node, name string) {
			var one []string
			w.region(&one, name)(n)
			if len(one) > 0 && slices.Contains(all, one[0]) {
				w.Fail(n, "%s: %s stands twice", name, one[0])
			}
			all = append(all, one...)
		})(n)
		*into = all
	}
}

// role checks a role against the account and the regions that it is for.
func (w *walker) role(n *yaml.Node, a Account, name string) {
	m := roleForm.FindStringSubmatch(a.Role)
	if m == nil {
		w.Fail(n, "%s.role: want the ARN of a role such as arn:aws:iam::%s:role/kizashi-read, not %q", name, a.ID, a.Role)
		return
	}
	if m[2] != a.ID {
		w.Fail(n, "%s.role: it is a role of account %s, and the account is %s", name, m[2], a.ID)
	}
	for _, r := range a.Regions {
		if want := arn.Partition(r); want != m[1] {
			w.Fail(n, "%s.role: %s is in partition %s, and the role in %s", name, r, want, m[1])
		}
	}
}

func (w *walker) externalID(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && (!externalForm.MatchString(s) || len(s) > longestID) {
			w.Fail(n, "%s: want 2 to 1,224 letters, digits and +=,.@:/-_ (STS AssumeRole), not %q", name, s)
		}
		*into = s
	}
}

func (w *walker) sessionTags(into *map[string]string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		w.Texts(into, name)(n)
		if len(*into) > mostTags {
			w.Fail(n, "%s: %d tags; a session has %d at the most", name, len(*into), mostTags)
		}
		for _, k := range sortedKeys(*into) {
			v := (*into)[k]
			if k == "" || len([]rune(k)) > longestKey || len([]rune(v)) > longestValue || !tagForm.MatchString(k) || !tagForm.MatchString(v) {
				w.Fail(n, "%s: %q: %q cannot be a session tag: a key has 1 to %d letters, a value up to %d, of letters, digits, space and _.:/=+-@", name, k, v, longestKey, longestValue)
			}
		}
	}
}

func (w *walker) share(into *float64, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var v kizashi.Num
		before := w.Faults()
		w.Number(&v, name)(n)
		if before == w.Faults() && (v <= 0 || v > 1) {
			w.Fail(n, "%s: want more than 0 and at most 1, a part of each API's quota, not %v", name, v)
		}
		*into = float64(v)
	}
}

// cap reads dollars a day.
func (w *walker) cap(into *float64, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var v kizashi.Num
		before := w.Faults()
		w.Number(&v, name)(n)
		if before == w.Faults() && v <= 0 {
			w.Fail(n, "%s: want dollars a day, more than 0, not %v; leave it out for no cap", name, v)
		}
		*into = float64(v)
	}
}

// weekly reads a tenant's target.
func (w *walker) weekly(into *float64, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var v kizashi.Num
		before := w.Faults()
		w.Number(&v, name)(n)
		if before == w.Faults() && (v < kizashi.LeastWeekly || v > kizashi.MostWeekly) {
			w.Fail(n, "%s: want a number from %v (one in nineteen years) to %v (one in ten minutes), not %v", name, kizashi.LeastWeekly, kizashi.MostWeekly, v)
		}
		*into = float64(v)
	}
}

// poll reads one interval for every class, or one a class.
func (w *walker) poll(into *map[string]time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = yamlstrict.Resolve(n)
		*into = map[string]time.Duration{}
		if n.Kind == yaml.ScalarNode {
			var d time.Duration
			w.atLeast(&d, time.Second, name)(n)
			for _, c := range Classes() {
				(*into)[c] = d
			}
			return
		}
		fields := map[string]func(*yaml.Node){}
		for _, c := range Classes() {
			fields[c] = func(n *yaml.Node) {
				var d time.Duration
				w.atLeast(&d, time.Second, name+"."+c)(n)
				(*into)[c] = d
			}
		}
		w.Fields(n, name, fields)
	}
}

func (w *walker) atLeast(into *time.Duration, least time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		before := w.Faults()
		w.Duration(into, name)(n)
		if before == w.Faults() && *into < least {
			w.Fail(n, "%s: want at least %s, not %s", name, least, *into)
		}
	}
}

// backfill reads how much history is read first; 0 means none of it.
func (w *walker) backfill(into *time.Duration, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		d := time.Duration(-1)
		w.Duration(&d, name)(n)
		if d == 0 {
			d = -1 // the source takes 0 as "not said"
		}
		*into = d
	}
}

func (w *walker) accountID(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && (len(s) != 12 || !digits(s)) {
			w.Fail(n, "%s: want twelve digits, not %q", name, s)
		}
		*into = s
	}
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

var dayTime = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// timeOfDay reads a time such as 08:30.
func (w *walker) timeOfDay(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && !dayTime.MatchString(s) {
			w.Fail(n, "%s: want a time such as \"08:30\", not %q", name, s)
		}
		*into = s
	}
}

// numberOr reads a number that may be left out.
func (w *walker) numberOr(into **float64, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		v := kizashi.None()
		w.Number(&v, name)(n)
		if f := float64(v); v.Ok() {
			*into = &f
		}
	}
}

func (w *walker) oneOf(into *string, name string, known ...string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		if ok && !slices.Contains(known, s) {
			w.Fail(n, "%s: %q is unknown%s", name, s, yamlstrict.Nearest(s, slices.Clone(known)))
		}
		*into = s
	}
}

func (w *walker) url(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		s, ok := w.Scalar(n, name)
		u, err := url.Parse(s)
		*into = s
		if ok && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			w.Fail(n, "%s: want a URL such as http://127.0.0.1:9093, not %q", name, s)
		}
	}
}
