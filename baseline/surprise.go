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
	surpriseUnit  = 16 // one counts as so many at the least: a bin of what is fitted holds thousands
)

// surprise ranks samples by how far they lie from the moving mean of those
// before, as -log10 of a tail probability. It opens no alert.
type surprise struct {
	SurMean  float64
	SurU     float64 // before the bins are laid, the sum of the first residuals
	SurSigma float64
	SurXi    float32
	SurPu    float32 // share of residuals over U
	SurN     float32
	SurSeen  uint32
	SurBase  int16 // of the bins, in quarters of an octave
	SurHist  [surpriseBins]uint16
	SurUnit  Unit
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
	if f <= s.SurU {
		return 0 // the body is no surprise
	}
	y, xi := (f-s.SurU)/s.SurSigma, float64(s.SurXi)
	if math.Abs(xi) < 1e-9 {
		p = float64(s.SurPu) * math.Exp(-y)
	} else {
		p = float64(s.SurPu) * math.Pow(max(0, 1+xi*y), -1/xi)
	}
	if p < 1e-8 {
		return surpriseCap
	}
	return min(-math.Log10(p), surpriseCap)
}

func octaves(f float64) int64 { return int64(math.Float64bits(f) >> 50) }

func (s *surprise) bin(f float64) int {
	return int(min(max(octaves(f)-int64(s.SurBase), 0), surpriseBins-1))
}

func (s *surprise) edge(i int) float64 {
	return math.Float64frombits(uint64(int64(s.SurBase)+int64(i)) << 50)
}

// learn takes a value in.
func (s *surprise) learn(x float64) {
	s.SurSeen++
	if s.SurSeen == 1 {
		s.SurMean = x
		return
	}
	f := math.Abs(x - s.SurMean)
	if s.SurSeen <= surpriseFirst {
		s.SurU += f
		if s.SurSeen == surpriseFirst {
			s.SurBase = int16(octaves(max(s.SurU/(surpriseFirst-1), 1e-12*(1+math.Abs(x)))) - surpriseMid)
			s.SurU = 0
		}
	} else {
		s.SurUnit.Begin(firstUnit)
		s.SurUnit.Add(s.SurHist[:], s.bin(f), surpriseUnit)
		s.SurN++
		if s.SurSeen%surpriseEvery == 0 {
			s.fit()
		}
	}
	s.SurMean += alpha * (x - s.SurMean)
}

// fit lays a tail over the top of the histogram, by moments.
func (s *surprise) fit() {
	left, unit := surpriseTop*float64(s.SurN), float64(s.SurUnit)
	var n, s1, s2 float64
	i := surpriseBins - 1
	for ; i > 0 && n+float64(s.SurHist[i])/unit < left; i-- {
		n += float64(s.SurHist[i]) / unit
	}
	u := s.edge(i + 1)
	for j := i + 1; j < surpriseBins; j++ {
		e := (s.edge(j)+s.edge(j+1))/2 - u
		c := float64(s.SurHist[j]) / unit
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
	s.SurU, s.SurPu, s.SurXi, s.SurSigma = u, float32((n+.5)/(float64(s.SurN)+1)), float32(xi), m*(1-xi)
}

// roll lets the past fade by an observed hour.
func (s *surprise) roll() {
	s.SurUnit.Fade(s.SurHist[:], decay)
	s.SurN = float32(float64(s.SurN) * decay)
}
