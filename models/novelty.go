package models

import (
	"math"
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// noveltyModel reads a series as words: samples in pairs, each pair a level,
// two or three levels in a row a word. It votes on how improbable it was that
// a word never seen before would come, under several ways to cut levels, so that
// no single edge between two levels decides.
type noveltyModel struct{ noveltyConst }

// noveltyConst are the constants of what the vote scores.
type noveltyConst struct {
	coarse, fine       float64 // levels in asinh(2)/4 of a scale: coarse ones of a wide scale, fine ones of a narrow
	leastCoarse, least float64 // of the median, that a scale is at least
	spread             float64 // between one way to cut levels and the next
	dead               float64 // scales about the median that are one level
	near               float64 // of the running mean, within which a pair is its mean
	halfLife           float64 // days, of how often new words come
}

// noveltyUsual: the scale of the first is the range of nearly all values, cut
// in about ten levels to either side that grow with the distance; that of the
// second the range of most, in about four.
var noveltyUsual = noveltyConst{coarse: 10, fine: 4, leastCoarse: .4, least: .05, spread: 1.4, dead: .3, near: .1, halfLife: 14}

const (
	ways        = 6 // to cut levels: three coarse, three fine
	coarseWays  = 3
	longest     = 4   // levels in a word
	coarseWords = 3   // the longest of the coarse ways: their words are many
	wordBits    = 512 // of a set of words
	keepWords   = 14 * 24 * time.Hour
	wordsTeach  = 7 * 24 * time.Hour // before that most words are new for want of any
	wordsTell   = keepWords          // what never was is worth telling of a fortnight
)

// New returns a state that has seen no sample.
func (m noveltyModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	s := &noveltyState{k: noveltyShared}
	if m.noveltyConst != noveltyUsual {
		s.k = m.cut()
	}
	s.At, s.Ended = kizashi.Never, kizashi.Never
	return s
}

// cuts are the constants, and how levels are cut by them.
type cuts struct {
	noveltyConst
	levels [ways]float64
	fade   float64 // of the past, an hour
}

var noveltyShared = noveltyUsual.cut()

func (m noveltyConst) cut() *cuts {
	k := &cuts{noveltyConst: m, fade: exp2(-1 / (24 * m.halfLife))}
	f := 1 / m.spread
	for i := range coarseWays {
		k.levels[i], k.levels[coarseWays+i] = m.coarse*f/4, m.fine*f/4
		f *= m.spread
	}
	return k
}

// words is what a series has said.
type words struct {
	Spread  markers
	Seen    [2][ways][wordBits / 64]uint64 // of each way this fortnight's words, and those of the one before
	Turns   [ways]uint16                   // fortnights of each way that ended
	Since   kizashi.Time                   // when the series was first read
	Told    kizashi.Time                   // when all words were last forgotten; 0 = never
	All     float32                        // decayed words of each length
	New     [ways][longest]float32         // and of these, those never seen
	Last    [ways][longest - 1]int8        // the levels before, newest first
	Len     uint8                          // of these, how many there are
	Run     float64                        // running mean of pairs
	First   float64                        // of the pair in hand
	At      kizashi.Time                   // of that sample; Never = a pair begins
	Ended   kizashi.Time                   // of the second sample of the last pair
	Pairs   int32                          // so many, at most 2^30
	Learned bool                           // the last pair was
}

type noveltyState struct {
	words
	k     *cuts
	limit *voted // nil where a vote is not asked for
}

// voted is what a vote needs, beyond the rank of moments.
type voted struct {
	calibrated
	Heard heard // of the last pair
	Known bool  // Heard is one
}

// Begin freezes the limit, and lets the past fade by an observed hour.
func (s *noveltyState) Begin(c *detect.Case) {
	if !slices.Contains(c.Settings.OptIn, "novelty") {
		s.limit = nil
	} else if s.limit == nil {
		s.limit = &voted{calibrated: newCalibrated()}
	}
	if s.limit != nil {
		s.limit.begin(c)
	}
	s.All *= float32(s.k.fade)
	for i := range s.New {
		for l := range s.New[i] {
			s.New[i][l] *= float32(s.k.fade)
		}
	}
	if s.Pairs == 0 {
		s.Since = c.View.Hour
	}
	s.turn(c.View.Hour)
}

// turn forgets the words of the fortnight before last. The ways do so one after
// the other: if all did at once, many words would seem new.
func (s *noveltyState) turn(now kizashi.Time) {
	for i := range s.Turns {
		lag := time.Duration(i) * keepWords / ways
		n := uint16(min(max(0, now.Sub(s.Since)-lag)/keepWords, math.MaxUint16-1))
		if n <= s.Turns[i] {
			continue
		}
		if s.Seen[1][i] = s.Seen[0][i]; n > s.Turns[i]+1 {
			s.Seen[1][i] = [wordBits / 64]uint64{} // nothing came for a fortnight
			s.Told = now                           // and all would be new
		}
		s.Seen[0][i] = [wordBits / 64]uint64{}
		s.Turns[i] = n
		if i == 0 {
			s.Spread.fade()
		}
	}
}

// pairs says whether a sample ends the pair in hand, and whether it follows
// closely enough to be of it.
func (s *noveltyState) pairs(c *detect.Case) (ends bool) {
	return s.At != kizashi.Never && !apart(c, s.At)
}

// apart says that more than a sample is missing since an instant.
func apart(c *detect.Case, since kizashi.Time) bool {
	gap := c.Base.Gap()
	return gap > 0 && 2*c.Sample.At.Sub(since) > 5*gap
}

// pair is what two samples say: the one further from the running mean, or both
// where neither is far.
func (s *noveltyState) pair(b float64) (d, run float64) {
	mean := s.First/2 + b/2
	run = mean
	if s.Pairs > 0 {
		run = s.Run/2 + mean/2
	}
	d = max(s.First, b)
	if low := min(s.First, b); math.Abs(low-run) > math.Abs(d-run) {
		d = low
	}
	if math.Abs(d-run) <= s.k.near*math.Abs(run) {
		d = mean
	}
	return d, run
}

// heard is what an evaluation came to.
type heard struct {
	Stat float64      // surprise of all new words, in decades, by way
	Rank float64      // as a moment
	From kizashi.Time // of its first sample
	To   kizashi.Time // and of its second
	Odds *odds        // kept where the vote stands
	Side kizashi.Side // where the pair lay
}

// odds of a new word, by way and length; 0 = it was not new.
type odds [ways][longest]float32

// said is a pair in every way of cutting.
type said struct {
	level [ways]int8
	side  kizashi.Side
}

// read cuts the levels of what a pair said.
func (s *noveltyState) read(d float64) (w said) {
	wide := s.Spread.over(d, s.Spread.scale(q01, q99, s.k.leastCoarse))
	close := s.Spread.over(d, s.Spread.scale(q05, q95, s.k.least))
	w.side = kizashi.Up
	if wide < 0 {
		w.side = kizashi.Down
	}
	a, b := s.curve(wide), s.curve(close)
	for i := range coarseWays {
		w.level[i] = int8(math.RoundToEven(a * s.k.levels[i]))
		w.level[coarseWays+i] = int8(math.RoundToEven(b * s.k.levels[coarseWays+i]))
	}
	return w
}

// note keeps a pair and what it came to.
func (w *said) note(n *detect.Draft, h *heard) {
	if n == nil {
		return
	}
	n.Set, n.F = true, [2]float64{h.Stat, h.Rank}
	copy(n.B[:], w.level[:])
	n.B[ways] = int8(w.side)
}

// noted reads what was kept.
func (w *said) noted(n *detect.Draft, h *heard) bool {
	if n == nil || !n.Set {
		return false
	}
	copy(w.level[:], n.B[:])
	w.side = kizashi.Side(n.B[ways])
	h.Stat, h.Rank, h.Side = n.F[0], n.F[1], w.side
	return true
}

// curve makes levels grow with the distance from the median.
func (s *noveltyState) curve(y float64) float64 {
	if math.Abs(y) < s.k.dead {
		return 0
	}
	return math.Asinh(2 * y)
}

// wordsOf a way: its longest.
func wordsOf(way int) int {
	if way < coarseWays {
		return coarseWords
	}
	return longest
}

// place of a word in a set: the level in hand and those before it.
func (w *words) place(way int, level int8, length int) uint32 {
	h := uint64(uint8(level))<<8 | uint64(length)
	for i := range length - 1 {
		h = h<<8 | uint64(uint8(w.Last[way][i]))
	}
	return uint32(h * 0x9E3779B97F4A7C15 >> 55)
}

func (w *words) has(way int, p uint32) bool {
	return (w.Seen[0][way][p/64]|w.Seen[1][way][p/64])>>(p%64)&1 == 1
}

// odds of a word of a length that was never seen, as often as they came.
func (w *words) odds(way, length int) float32 {
	return (w.New[way][length-1] + .5) / (w.All + 1)
}

// score hears a pair out: its surprise in decades is the mean over the ways of
// -log10 of the odds of what was never seen, of the length with the least. As a
// moment it ranks by the sum over the lengths: a level never seen ranks above a
// course never taken of known ones.
func (s *noveltyState) score(c *detect.Case, w *said, h *heard, of *odds) {
	h.Side, h.From, h.To = w.side, s.At, c.Sample.At
	all, least := 1., 1.
	for i := range ways {
		o1 := 1.
		n := min(wordsOf(i), int(s.Len)+1)
		for l := 1; l <= n; l++ {
			if !s.has(i, s.place(i, w.level[i], l)) {
				o := s.odds(i, l)
				if of != nil {
					of[i][l-1] = o
				}
				all, o1 = all*float64(o), min(o1, float64(o))
			}
		}
		least *= o1
	}
	if h.Stat, h.Rank = 0, 0; all < 1 { // mostly nothing is new
		h.Stat, h.Rank = -math.Log10(least)/ways, -math.Log10(all)/ways
	}
}

// hear evaluates where the sample ends a pair; where it does not, what was heard
// last stands, unless it is too long ago.
func (s *noveltyState) hear(c *detect.Case, h *heard, of *odds) (now, ok bool) {
	if s.pairs(c) && s.Spread.full() {
		d, _ := s.pair(c.Sample.Value)
		w := s.read(d)
		s.score(c, &w, h, of)
		w.note(c.Draft, h)
		return true, true
	}
	if s.limit == nil {
		return false, false
	}
	*h = s.limit.Heard
	return false, s.limit.Known && !apart(c, max(s.At, s.Ended))
}

// weigh evaluates at the end of a pair; within one the vote stands as it did.
func (s *noveltyState) weigh(c *detect.Case) (w weighed, onset float64, ok bool) {
	var h heard
	now, ok := s.hear(c, &h, nil)
	if now {
		onset = h.Rank
	}
	if s.limit == nil || !now && h.Odds == nil && h.Stat > s.limit.Theta {
		return w, onset, false // it is not asked for, or what it rested on is not known any more
	}
	if !ok || c.Sample.At.Sub(max(s.Since, s.Told)) < wordsTell {
		return w, onset, false
	}
	w, ok = s.limit.weigh(c, h.Stat, h.Side)
	return w, onset, ok
}

// Brief is Judge in short.
func (s *noveltyState) Brief(c *detect.Case) (detect.Said, float64) {
	w, onset, ok := s.weigh(c)
	return w.short(ok), onset
}

// Judge says how improbable it was that so much that is new would come.
func (s *noveltyState) Judge(c *detect.Case, v *kizashi.Vote) (ok bool) {
	var w weighed
	if w, v.Onset, ok = s.weigh(c); ok {
		w.tell(v, "decades")
	}
	return ok
}

// Learn takes the pair in. What is held out is judged, and not said before.
func (s *noveltyState) Learn(c *detect.Case, held bool) {
	if !s.pairs(c) {
		if s.At != kizashi.Never || apart(c, s.Ended) {
			s.Len = 0 // what was said before is no word with this
			if s.limit != nil {
				s.limit.Known = false
			}
		}
		s.First, s.At = c.Sample.Value, c.Sample.At
		return
	}
	d, run := s.pair(c.Sample.Value)
	learned, draft := c.Learns(), c.Draft
	if learned != s.Learned {
		draft = nil                   // it was made of what is forgotten now
		s.Len, s.Learned = 0, learned // no word goes across the edge of what is not learned
	}
	if s.Spread.full() {
		var w said
		h := heard{From: s.At, To: c.Sample.At}
		if !w.noted(draft, &h) {
			w = s.read(d)
			if s.limit != nil {
				s.score(c, &w, &h, nil)
			}
		}
		s.limited(c, &w, &h)
		s.remember(&w, learned)
	}
	if learned {
		s.Spread.add(d)
	}
	s.Run, s.At, s.Ended = run, kizashi.Never, c.Sample.At
	s.Pairs = min(s.Pairs+1, 1<<30)
}

// limited learns what the limit follows from, where a vote is asked for, and keeps
// what one would rest on.
func (s *noveltyState) limited(c *detect.Case, w *said, h *heard) {
	l := s.limit
	if l == nil {
		return
	}
	if l.Heard, l.Known = *h, true; l.Theta > 0 && h.Stat > l.Theta {
		l.Heard.Odds = new(odds)
		s.score(c, w, &l.Heard, l.Heard.Odds)
	}
	if c.Sample.At.Sub(s.Since) >= wordsTeach {
		l.take(c, h.Stat, c.Sample.At)
	}
}

// remember goes on by a pair, and adds its words to the sets where they are
// learned.
func (s *noveltyState) remember(w *said, learned bool) {
	for i := range ways {
		n := min(wordsOf(i), int(s.Len)+1)
		for l := 1; l <= n && learned; l++ {
			p := s.place(i, w.level[i], l)
			if !s.has(i, p) {
				s.New[i][l-1]++
			}
			s.Seen[0][i][p/64] |= 1 << (p % 64)
		}
		copy(s.Last[i][1:], s.Last[i][:])
		s.Last[i][0] = w.level[i]
	}
	if learned {
		s.All++
	}
	s.Len = min(s.Len+1, longest-1)
}

// Explain adds nothing: the ground says it.
func (s *noveltyState) Explain(*detect.Case) []kizashi.Evidence { return nil }

// Ground gives, for each word that was never seen, its way and length and the
// odds of one; and on how many days at the least it was not.
func (s *noveltyState) Ground(c *detect.Case) *kizashi.Ground {
	var h heard
	var of odds
	now, ok := s.hear(c, &h, &of)
	if !ok || s.limit == nil || !now && h.Odds == nil {
		return nil
	}
	if !now {
		of = *h.Odds
	}
	g := &kizashi.Ground{Model: "novelty", Side: h.Side, Stat: h.Stat, Unit: "decades", From: h.From, To: h.To + 1,
		Usual: kizashi.None(), Scale: kizashi.None()}
	for i := range of {
		for l, o := range of[i] {
			if o > 0 {
				g.Parts = append(g.Parts, kizashi.Part{From: h.From, To: h.To + 1, Count: l + 1, Sum: float64(o), Text: wayNames[i]})
			}
		}
	}
	g.Past = &kizashi.Past{From: h.From.Add(-keepWords), To: h.From, Of: int(keepWords / (24 * time.Hour)), Low: kizashi.None(), High: kizashi.None()}
	s.limit.ground(c.View.R, g)
	return g
}

// wayNames of the ways to cut levels, in their order.
var wayNames = [ways]string{"coarse 1", "coarse 2", "coarse 3", "fine 1", "fine 2", "fine 3"}

// Turned sets what the limit's tail knows of the baseline's turns.
func (s *noveltyState) Turned(restarts int, moves uint16) {
	if s.limit != nil {
		s.limit.Turned(restarts, moves)
	}
}
