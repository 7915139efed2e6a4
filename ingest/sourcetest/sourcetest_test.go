package sourcetest

import (
	"math"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

var part = kizashi.Partition{Tenant: "a", Kind: kizashi.Metrics}

func good() []kizashi.Batch {
	id := kizashi.LabelsOf(map[string]string{"column": "v"})
	m := kizashi.Meta{Series: kizashi.IDOf("a", id), Tenant: "a", Identity: id, Group: "g"}
	at := func(ts ...kizashi.Time) (ss []kizashi.Sample) {
		for _, t := range ts {
			ss = append(ss, kizashi.Sample{Series: m.Series, At: t, Value: float64(t)})
		}
		return ss
	}
	return []kizashi.Batch{
		{Partition: part, Pos: 1, Until: kizashi.Never, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: part}}, Declare: []kizashi.Declaration{{From: 0, Meta: m}}},
		{Partition: part, Pos: 2, Until: 2, Samples: at(1, 2)},
		{Partition: part, Pos: 7, Until: 4, Samples: at(3, 4)},
		{Partition: part, Pos: 8, Until: 4, Roster: []kizashi.RosterEntry{{Op: kizashi.Close, Partition: part, At: 4}}},
	}
}

// Each breach of the contract is found; what keeps it is not.
func TestCheckFindsEachBreach(t *testing.T) {
	for _, c := range []struct {
		name, want string
		breach     func([]kizashi.Batch)
	}{
		{"none", "", func([]kizashi.Batch) {}},
		{"late is allowed", "", func(b []kizashi.Batch) { b[2].Samples[0].At, b[2].Samples[0].Late = 1, true }},
		{"running ahead is allowed", "", func(b []kizashi.Batch) { b[1].Until = 0 }},
		{"position repeats", "the position is not after 2", func(b []kizashi.Batch) { b[2].Pos = 2 }},
		{"position 0", "the position is not after 0", func(b []kizashi.Batch) { b[0].Pos = 0 }},
		{"until goes back", "Until went back", func(b []kizashi.Batch) { b[2].Until = 1 }},
		{"broken promise", "until 1970-01-01T00:00:00.003Z all was promised", func(b []kizashi.Batch) { b[1].Until = 3 }},
		{"not declared", "was not declared", func(b []kizashi.Batch) { b[0].Declare = nil }},
		{"declared from later on", "is declared from", func(b []kizashi.Batch) { b[0].Declare[0].From = 2 }},
		{"other tenant", `declared for tenant "z"`, func(b []kizashi.Batch) { b[0].Declare[0].Meta.Tenant = "z" }},
		{"id", "not the hash", func(b []kizashi.Batch) { b[0].Declare[0].Meta.Identity = nil }},
		{"no group", "has no group", func(b []kizashi.Batch) { b[0].Declare[0].Meta.Group = "" }},
		{"not joined", "has not joined", func(b []kizashi.Batch) { b[0].Roster = nil }},
		{"samples after the end", "after the closing", func(b []kizashi.Batch) { b[1].Roster = b[3].Roster }},
		{"not a number", "is NaN", func(b []kizashi.Batch) { b[1].Samples[1].Value = math.NaN() }},
		{"other period", "period is 1s", func(b []kizashi.Batch) { b[1].Samples[1].Period = 1e9 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			bs := good()
			c.breach(bs)
			err := Check(bs)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}

// A reading that is cut otherwise is the same; one that lacks, repeats or
// changes something is not.
func TestSameComparesContent(t *testing.T) {
	all, from := good(), map[kizashi.Partition]uint64{part: 2}
	recut := good()
	recut[1].Samples, recut[2].Samples = recut[1].Samples[:1], append(recut[1].Samples[1:2:2], recut[2].Samples...)
	lacks, changed := good(), good()
	lacks[2].Samples = lacks[2].Samples[:1]
	changed[2].Samples[1].Value++
	for _, c := range []struct {
		name   string
		rest   []kizashi.Batch
		from   map[kizashi.Partition]uint64
		prefix bool
		same   bool
	}{
		{"itself", good(), nil, false, true},
		{"cut otherwise", recut, nil, false, true},
		{"the rest", good()[2:], from, false, true},
		{"what was known again", good()[1:], from, false, false},
		{"one sample less", lacks, nil, false, false},
		{"one sample less at an open end", lacks, nil, true, true},
		{"another value", changed, nil, true, false},
		{"nothing", nil, nil, false, false},
	} {
		if err := Same(all, c.rest, c.from, c.prefix); (err == nil) != c.same {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := After(good()[1:], from); err == nil {
		t.Error("a batch that was known passed as new")
	}
}
