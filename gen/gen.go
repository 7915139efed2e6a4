// Package gen makes series, accounts and incidents together with the truth
// about them, for the demo, the tests and the benchmarks.
//
// There are three things in it: noise of a known distribution ([NewNoise],
// [Family]), an account as a customer has it, with its habits, traps and
// incidents ([NewAccount]), and the ways to hand either to the engine as
// batches ([Batches], [Interleave]) or files ([Account.WriteFiles]).
//
// Everything is a function of a seed. Nothing here reads a clock or opens a
// file. Values are rounded to few decimals: numbers in files stay short, and a
// processor that rounds the last bit differently makes the same series.
package gen

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// Spec says of a series what a live source would say. The caller makes the
// Meta of it, with the identity that its own source uses.
type Spec struct {
	Short      string // resource and metric ("web-1.CPUUtilization"): the ledger's name for it, and its file's
	Name       string // as a live source names it: metric, statistic, values of the dimensions
	Tenant     string
	Account    string
	Region     string
	Namespace  string
	Metric     string
	Dimensions kizashi.Labels
	Statistic  string
	Unit       string
	Period     time.Duration
	Settle     time.Duration
	Zone       string // IANA name
	Group      string
	Lower      kizashi.Num // values below cannot be; None = no bound
	Upper      kizashi.Num
}

// Labels returns all that the spec knows as labels: namespace, metric, stat,
// account, region, name, and dim_<Name> for each dimension.
func (s *Spec) Labels() kizashi.Labels {
	m := map[string]string{
		"namespace": s.Namespace, "metric": s.Metric, "stat": s.Statistic,
		"account": s.Account, "region": s.Region, "name": s.Name,
	}
	for _, d := range s.Dimensions {
		m["dim_"+d.Name] = d.Value
	}
	return kizashi.LabelsOf(m)
}

// Partition is the one that the series belongs to.
func (s *Spec) Partition() kizashi.Partition {
	return kizashi.Partition{
		Tenant: s.Tenant, Account: s.Account, Region: s.Region,
		Kind: kizashi.Metrics, Period: s.Period, Settle: s.Settle,
	}
}

// Meta returns the declaration of the series under the identity given. A
// series that no live source knows may give its Labels.
func (s *Spec) Meta(identity kizashi.Labels) kizashi.Meta {
	return kizashi.Meta{
		Series: kizashi.IDOf(s.Tenant, identity), Tenant: s.Tenant,
		Identity: identity, Labels: s.Labels(), Group: s.Group,
		Unit: s.Unit, Statistic: s.Statistic,
		Period: kizashi.Duration(s.Period), Settle: kizashi.Duration(s.Settle),
		Lower: s.Lower, Upper: s.Upper, Zone: s.Zone,
	}
}

// Series is a spec with its values: Values[i] covers one period from
// Start + i periods on. NaN means that there is no sample.
type Series struct {
	Spec
	Start  kizashi.Time
	Values []float64
}

// At is the time of value i.
func (s *Series) At(i int) kizashi.Time { return s.Start.Add(time.Duration(i) * s.Period) }

// End is the first instant after the last value.
func (s *Series) End() kizashi.Time { return s.At(len(s.Values)) }

// Index returns which value covers t. It may lie outside the series.
func (s *Series) Index(t kizashi.Time) int {
	return int(t.Floor(s.Period).Sub(s.Start.Floor(s.Period)) / s.Period)
}

// Samples returns the values that there are, as samples of the series id.
func (s *Series) Samples(id kizashi.SeriesID) []kizashi.Sample {
	out := make([]kizashi.Sample, 0, len(s.Values))
	for i, v := range s.Values {
		if !math.IsNaN(v) {
			out = append(out, kizashi.Sample{Series: id, At: s.At(i), Period: s.Period, Value: v})
		}
	}
	return out
}

// random returns the numbers of one seed that belong to one name, so that a
// series added to an account changes no other.
func random(seed uint64, name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name)) // a hash never fails
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// round6 rounds to six decimals.
func round6(v float64) float64 { return math.RoundToEven(v*1e6) / 1e6 }
