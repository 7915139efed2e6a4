package gen

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
)

// family is one kind of normal behaviour.
type family struct {
	name  string
	mean  float64 // of the draws, and their standard deviation
	sigma float64
	whole bool    // values are whole numbers
	none  float64 // chance of a nought, of the Poisson families
	fill  func(n *Noise, dst []float64)
}

const (
	arKeep    = .9 // of the value before
	logSpread = .5 // sd of the logarithm of the lognormal family
	swing     = 3  // sigmas from the seasonal family's middle to its top
)

var families = []family{
	{name: "gauss", sigma: 1, fill: (*Noise).gauss},
	{name: "t3", sigma: 1, fill: (*Noise).t3},
	{name: "lognormal", sigma: 1, fill: (*Noise).lognormal},
	{name: "ar", sigma: 1, fill: (*Noise).ar},
	{name: "seasonal", sigma: 1, fill: (*Noise).seasonal},
	{name: "laplace", sigma: 1, fill: (*Noise).laplace},
	{name: "poisson", mean: 2, sigma: math.Sqrt2, whole: true, none: .13533528323661270, fill: (*Noise).poisson},
	{name: "poisson8", mean: 8, sigma: 2 * math.Sqrt2, whole: true, none: .00033546262790251185, fill: (*Noise).poisson},
	{name: "poisson30", mean: 30, sigma: 5.477225575051661, whole: true, none: 9.357622968840175e-14, fill: (*Noise).poisson},
}

// Families names the families: gauss; t3 (Student's t, 3 degrees of freedom);
// lognormal (log spread .5); ar (x = .9 x' + noise); seasonal (a daily shape
// whose noise changes with it); laplace; poisson, poisson8 and poisson30 (means
// 2, 8 and 30).
func Families() []string {
	names := make([]string, len(families))
	for i := range families {
		names[i] = families[i].name
	}
	return names
}

// Options of a family's series. The zero Zone is UTC; only the seasonal
// family looks at it.
type Options struct {
	Start  kizashi.Time
	Period time.Duration
	Weeks  int
	Zone   string
}

// Noise is an endless series of one family. Every family but some has mean 0
// and sigma 1: a poisson one has the mean of its name and the root of it for
// sigma, and of the seasonal one
// Mean and Sigma say what they are at a time (its sigma is 1 over a day, as
// a root mean square).
type Noise struct {
	family *family
	r      *rand.Rand
	x      float64 // the value before, of the ar family
	at     kizashi.Time
	period time.Duration
	zone   *calendar.Zone
	day    *[1440][2]float64 // mean and sigma by minute of the day
}

// NewNoise returns the noise of a family and a seed. It fails on an unknown
// family or zone, or a period that is not positive; Weeks is not looked at.
func NewNoise(name string, seed uint64, o Options) (*Noise, error) {
	i := slices.IndexFunc(families, func(f family) bool { return f.name == name })
	if i < 0 {
		return nil, fmt.Errorf("family %q: unknown (want one of %s)", name, strings.Join(Families(), ", "))
	}
	if o.Period <= 0 {
		return nil, fmt.Errorf("family %s: the period must be positive, not %s", name, o.Period)
	}
	z, err := calendar.Load(o.Zone)
	if err != nil {
		return nil, fmt.Errorf("family %s: %w", name, err)
	}
	n := &Noise{family: &families[i], r: random(seed, name), at: o.Start, period: o.Period, zone: z}
	n.x = n.r.NormFloat64() // the ar family starts in its steady state
	if name == "seasonal" {
		n.day = season()
	}
	return n, nil
}

// Fill draws the next len(dst) values.
func (n *Noise) Fill(dst []float64) { n.family.fill(n, dst) }

// Mean is the expected value at a time.
func (n *Noise) Mean(at kizashi.Time) float64 {
	if n.day == nil {
		return n.family.mean
	}
	return n.day[n.minute(at)][0]
}

// Sigma is the standard deviation around Mean at a time.
func (n *Noise) Sigma(at kizashi.Time) float64 {
	if n.day == nil {
		return n.family.sigma
	}
	return n.day[n.minute(at)][1]
}

func (n *Noise) minute(at kizashi.Time) int64 { return n.zone.DayMillis(int64(at)) / 60_000 }

// season lays out the seasonal family's day: highest and noisiest at 14:00,
// with a second, smaller wave.
func season() *[1440][2]float64 {
	var day [1440][2]float64
	var squares float64
	for m := range day {
		a := 2 * math.Pi * float64(m-14*60) / 1440
		day[m] = [2]float64{swing * (.8*math.Cos(a) + .2*math.Cos(2*a)), 1 + .5*math.Cos(a)}
		squares += day[m][1] * day[m][1]
	}
	rms := math.Sqrt(squares / 1440)
	for m := range day {
		day[m] = [2]float64{round6(day[m][0]), round6(day[m][1] / rms)}
	}
	return &day
}

// Normal is a stretch of normal behaviour whose sigma is known.
type Normal struct {
	Series
	noise *Noise
}

// Family returns o.Weeks weeks of a family. It is the same for the same
// family, seed and options.
func Family(name string, seed uint64, o Options) (*Normal, error) {
	n, err := NewNoise(name, seed, o)
	if err != nil {
		return nil, err
	}
	if o.Weeks <= 0 {
		return nil, fmt.Errorf("family %s: the number of weeks must be positive, not %d", name, o.Weeks)
	}
	label := name + "-" + strconv.FormatUint(seed, 10)
	s := &Normal{noise: n, Series: Series{Start: o.Start, Spec: Spec{
		Short: label, Name: label, Tenant: "normal", Metric: name, Period: o.Period, Zone: o.Zone,
		Group: name, Lower: kizashi.None(), Upper: kizashi.None(),
	}}}
	if n.family.whole {
		s.Lower = 0
	}
	s.Values = make([]float64, int(time.Duration(o.Weeks)*7*24*time.Hour/o.Period))
	n.Fill(s.Values)
	return s, nil
}

// Mean is the expected value at a time, without what was injected.
func (s *Normal) Mean(at kizashi.Time) float64 { return s.noise.Mean(at) }

// Sigma is the standard deviation around Mean at a time.
func (s *Normal) Sigma(at kizashi.Time) float64 { return s.noise.Sigma(at) }

// Injected is where a shift was put.
type Injected struct {
	From, To kizashi.Time // the samples shifted have From <= At < To
	Sigmas   float64
}

// Shift adds k sigma (each sample's own) to the samples with at <= At < at+d,
// and says where that was; of whole numbers, what it adds is rounded. It
// panics where that is outside the series: a test that injects nothing must
// not pass.
func (s *Normal) Shift(k float64, d time.Duration, at kizashi.Time) Injected {
	i := int(at.Sub(s.Start)+s.Period-1) / int(s.Period)
	j := int(at.Add(d).Sub(s.Start)+s.Period-1) / int(s.Period)
	if at < s.Start || j > len(s.Values) || j <= i {
		panic(fmt.Sprintf("gen: shift of %s at %s is outside of series %s", d, at, s.Name))
	}
	for n := i; n < j; n++ {
		by := k * s.Sigma(s.At(n))
		if s.noise.family.whole {
			by = math.RoundToEven(by)
		}
		s.Values[n] = round6(s.Values[n] + by)
	}
	return Injected{From: s.At(i), To: s.At(j), Sigmas: k}
}
