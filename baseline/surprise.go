package baseline

import "math"

// The histogram of the surprise: four bins an octave over sixteen octaves,
// laid so that the first residuals fall in its middle.
const (
	surpriseBins  = 64
	surpriseMid   = 28
	surpriseFirst = 32  // residuals before the bins are laid
	surpriseTop   = .02 // of the residuals are fitted by a tail
	surpriseEvery = 32  // samples between two fits
	surpriseCap   = 8
	surprisePrior = 20 // residuals that a shape of surpriseShape weighs
	surpriseShape = .1
)

// surprise ranks samples by how far they lie from the moving mean of those
// before, as -log10 of a tail probability. It opens no alert.
type surprise struct {
	SurMean  float64               `json:"-"`
	SurSeen  int64                 `json:"-"`
	SurFirst float64               `json:"-"` // sum of the first residuals
	SurBase  int64                 `json:"-"` // of the bins, in quarters of an octave
	SurHist  [surpriseBins]float32 `json:"-"`
	SurN     float64               `json:"-"`
	SurU     float64               `json:"-"`
	SurPu    float64               `json:"-"` // share of residuals over U
	SurXi    float64               `json:"-"`
	SurSigma float64               `json:"-"`
}

// look returns the surprise of a value.
func (s *surprise) look(x float64) float64 {
	if s.SurSeen <= surpriseFirst || s.SurU == 0 {
		return 0
	}
	return s.of(math.Abs(x - s.SurMean))
}

// of a residual.
func (s *surprise) of(f float64) float64 {
	var p float64
	if f > s.SurU {
		y := (f - s.SurU) / s.SurSigma
		if math.Abs(s.SurXi) < 1e-9 {
			p = s.SurPu * math.Exp(-y)
		} else {
			p = s.SurPu * math.Pow(max(0, 1+s.SurXi*y), -1/s.SurXi)
		}
	} else {
		return 0 // the body is no surprise
	}
	if p < 1e-8 {
		return surpriseCap
	}
	return min(-math.Log10(p), surpriseCap)
}

func octaves(f float64) int64 { return int64(math.Float64bits(f) >> 50) }

func (s *surprise) bin(f float64) int {
	return int(min(max(octaves(f)-s.SurBase, 0), surpriseBins-1))
}

func (s *surprise) edge(i int) float64 { return math.Float64frombits(uint64(s.SurBase+int64(i)) << 50) }

// learn takes a value in.
func (s *surprise) learn(x float64) {
	s.SurSeen++
	if s.SurSeen == 1 {
		s.SurMean = x
		return
	}
	f := math.Abs(x - s.SurMean)
	if s.SurSeen <= surpriseFirst {
		s.SurFirst += f
		if s.SurSeen == surpriseFirst {
			s.SurBase = octaves(max(s.SurFirst/(surpriseFirst-1), 1e-12*(1+math.Abs(x)))) - surpriseMid
		}
	} else {
		s.SurHist[s.bin(f)]++
		s.SurN++
		if s.SurSeen%surpriseEvery == 0 {
			s.fit()
		}
	}
	s.SurMean += alpha * (x - s.SurMean)
}

// fit lays a tail over the top of the histogram, by moments.
func (s *surprise) fit() {
	left := surpriseTop * s.SurN
	var n, s1, s2 float64
	i := surpriseBins - 1
	for ; i > 0 && n+float64(s.SurHist[i]) < left; i-- {
		n += float64(s.SurHist[i])
	}
	u := s.edge(i + 1)
	for j := i + 1; j < surpriseBins; j++ {
		e := (s.edge(j)+s.edge(j+1))/2 - u
		c := float64(s.SurHist[j])
		s1 += c * e
		s2 += c * e * e
	}
	// A prior of a few residuals at a tenth of u keeps the first fits sane.
	m0 := u / 4
	k := n + 5
	m := (s1 + 5*m0) / k
	v := (s2+5*2*m0*m0)/k - m*m
	xi := .5 * (1 - m*m/v)
	xi = (n*xi + surprisePrior*surpriseShape) / (n + surprisePrior)
	s.SurU, s.SurPu, s.SurXi, s.SurSigma = u, (n+.5)/(s.SurN+1), xi, m*(1-xi)
}

// roll lets the past fade by an observed hour.
func (s *surprise) roll() {
	for i := range s.SurHist {
		s.SurHist[i] *= float32(decay)
	}
	s.SurN *= decay
}
