package models

import (
	"math"
	"math/bits"
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
	longest     = 4 // levels in a word
	coarseWords = 3 // the longest of the coarse ways: their words are many
	allWords    = coarseWays * (coarseWords + longest)
	coarseBits  = 8 // a word is one of two to the power of so many, of a coarse way
	fineBits    = 9 // and of a fine one
	setOfFine   = coarseWays << coarseBits / 64
	setsOfWords = setOfFine + coarseWays<<fineBits/64
	keepWords   = 14 * 24 * time.Hour
	turnsOfWay  = ways                       // of all, one is a way's own
	turnHours   = hour(14 * 24 / turnsOfWay) // from one turn to the next
	wordsTeach  = 7 * 24 * time.Hour         // before that most words are new for want of any
	wordsTell   = keepWords                  // what never was is worth telling of a fortnight
)

// New returns a state that has seen no sample.
func (m noveltyModel) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	s := &noveltyState{k: noveltyShared}
	if m.noveltyConst != noveltyUsual {
		s.k = m.cut()
	}
	s.At = kizashi.Never
	return s
}

// cuts are the constants, and how levels are cut by them.
type cuts struct {
	noveltyConst
	wide, close *cut
	fade        float64 // of the past, an hour
}

var noveltyShared = noveltyUsual.cut()

func (m noveltyConst) cut() *cuts {
	k := &cuts{noveltyConst: m, fade: exp2(-1 / (24 * m.halfLife))}
	var wide, close []func(float64) int
	f := 1 / m.spread
	for range coarseWays {
		wide, close = append(wide, m.levels(m.coarse*f/4)), append(close, m.levels(m.fine*f/4))
		f *= m.spread
	}
	k.wide, k.close = cutBy(wide...), cutBy(close...)
	return k
}

// levels of a way grow with the distance from the median.
func (m noveltyConst) levels(by float64) func(y float64) int {
	return func(y float64) int {
		if y < m.dead {
			return 0
		}
		return int(math.RoundToEven(math.Asinh(2*y) * by))
	}
}

// words is what a series has said. What each pair looks at stands first.
type words struct {
	At      kizashi.Time           // of the newest sample
	First   float64                // of the pair in hand
	Run     float64                // running mean of pairs
	Since   hour                   // when the series was first read
	Open    bool                   // there is a pair in hand
	Paired  bool                   // there was a pair
	Learned bool                   // the last one was
	Len     uint8                  // levels before, as many as there are
	Last    [ways]uint32           // these, a byte each, the newest highest
	Count   worth                  // of words of each length
	Seen    [setsOfWords][2]uint64 // the words of this fortnight, and those of the one before
	Spread  markers
	news
}

// news is what only a new word and an hour's begin look at.
type news struct {
	New   [allWords]uint16 // of all words, those never seen
	Turns uint16           // of ways, one after the other
	Told  hour             // when all words were last forgotten; 0 = never
}

type noveltyState struct {
	k     *cuts
	limit *voted // nil where a vote is not asked for
	words
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
	s.Count.fade(s.New[:], s.k.fade)
	if !s.Paired {
		s.Since = hourOf(c.View.Hour)
	}
	s.turn(hourOf(c.View.Hour))
}

// turn forgets the words of the fortnight before last. The ways do so one after
// the other: if all did at once, many words would seem new.
func (s *noveltyState) turn(now hour) {
	turns := uint16(min(max(now-s.Since, 0)/turnHours, math.MaxUint16))
	if turns <= s.Turns {
		return
	}
	for i := range ways {
		n := turnsOf(turns, i) - turnsOf(s.Turns, i)
		if n == 0 {
			continue
		}
		for k := range s.sets(i) {
			set := &s.sets(i)[k]
			if set[1], set[0] = set[0], 0; n > 1 {
				set[1] = 0 // nothing came for a fortnight
			}
		}
		if n > 1 {
			s.Told = now // and all would be new
		}
		if i == 0 {
			s.Spread.fade()
		}
	}
	s.Turns = turns
}

// turnsOf a way: fortnights of it that ended.
func turnsOf(turns uint16, way int) int { return max(int(turns)-way, 0) / turnsOfWay }

// sets of a way's words.
func (s *words) sets(way int) [][2]uint64 {
	if way < coarseWays {
		return s.coarse(way)[:]
	}
	return s.fine(way - coarseWays)[:]
}

// pairs says whether a sample ends the pair in hand: there is one, and it follows
// closely enough to be of it.
func (s *noveltyState) pairs(c *detect.Case) (ends bool) {
	return s.Open && !apart(c, s.At)
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
	if s.Paired {
		run = s.Run/2 + mean/2
	}
	low := min(s.First, b) // which of the two it is cannot be guessed
	if d = max(s.First, b); math.Abs(low-run) > math.Abs(d-run) {
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
	level  [ways]int8
	side   kizashi.Side
	never  uint32 // its words that were never seen, a bit each
	absent uint32 // and those not seen this fortnight
}

// read cuts the levels of what a pair said.
func (s *noveltyState) read(d float64) (w said) {
	wide := s.Spread.over(d, s.Spread.scale(q01, q99, s.k.leastCoarse))
	close := s.Spread.over(d, s.Spread.scale(q05, q95, s.k.least))
	a, b := s.k.wide.at(math.Abs(wide)), s.k.close.at(math.Abs(close))
	w.side = sideOf(wide)
	for i := range coarseWays {
		w.level[i], w.level[coarseWays+i] = int8(w.side)*a[i], int8(w.side)*b[i]
	}
	return w
}

// note keeps a pair and what it came to.
func (w *said) note(n *detect.Draft, h *heard) {
	if n == nil {
		return
	}
	n.Set, n.F, n.U = true, [2]float64{h.Stat, h.Rank}, [2]uint32{w.never, w.absent}
	copy(n.B[:], w.level[:])
	n.B[ways] = int8(w.side)
}

// noted reads what was kept.
func (w *said) noted(n *detect.Draft, h *heard) bool {
	if n == nil || !n.Set {
		return false
	}
	copy(w.level[:], n.B[:])
	w.side, w.never, w.absent = kizashi.Side(n.B[ways]), n.U[0], n.U[1]
	h.Stat, h.Rank, h.Side = n.F[0], n.F[1], w.side
	return true
}

// word is a way and a length.
type word struct{ way, length uint8 }

// wordsAt are all there are, by their bit: the coarse ones first.
var wordsAt = func() (all [allWords]word) {
	n := 0
	for way := range uint8(ways) {
		for l := range wordsOf(way) {
			all[n] = word{way, l + 1}
			n++
		}
	}
	return all
}()

// wordsOf a way: its longest.
func wordsOf(way uint8) uint8 {
	if way < coarseWays {
		return coarseWords
	}
	return longest
}

// heardWords are, by the number of levels before, the bits of words that are no longer.
var heardWords = func() (bits [longest]uint32) {
	for n := range bits {
		for k, w := range wordsAt {
			if int(w.length) <= n+1 {
				bits[n] |= 1 << k
			}
		}
	}
	return bits
}()

// hash of a word of a length: the level in hand and those before it.
func hash(level int8, before uint32, length int) uint64 {
	h := (uint64(uint8(level))<<8|uint64(length))<<(8*(length-1)) | uint64(before)>>(8*(5-length))
	return h * 0x9E3779B97F4A7C15
}

// place of a word in the sets of its way.
func (s *words) place(at word, level int8) (set *[2]uint64, bit uint64) {
	h, way := hash(level, s.Last[at.way], int(at.length)), int(at.way)
	if way < coarseWays {
		h >>= 64 - coarseBits
		return &s.coarse(way)[h/64], h % 64
	}
	h >>= 64 - fineBits
	return &s.fine(way - coarseWays)[h/64], h % 64
}

// mark says which words of a pair were never seen.
func (s *words) mark(w *said) {
	var never, absent uint32
	for i := range coarseWays {
		sets, level, before := s.coarse(i), w.level[i], s.Last[i]
		n1, a1 := lacks(sets[:], hash(level, before, 1)>>(64-coarseBits))
		n2, a2 := lacks(sets[:], hash(level, before, 2)>>(64-coarseBits))
		n3, a3 := lacks(sets[:], hash(level, before, 3)>>(64-coarseBits))
		never |= (n1 | n2<<1 | n3<<2) << (coarseWords * i)
		absent |= (a1 | a2<<1 | a3<<2) << (coarseWords * i)
	}
	for i := range ways - coarseWays {
		sets, level, before := s.fine(i), w.level[coarseWays+i], s.Last[coarseWays+i]
		n1, a1 := lacks(sets[:], hash(level, before, 1)>>(64-fineBits))
		n2, a2 := lacks(sets[:], hash(level, before, 2)>>(64-fineBits))
		n3, a3 := lacks(sets[:], hash(level, before, 3)>>(64-fineBits))
		n4, a4 := lacks(sets[:], hash(level, before, 4)>>(64-fineBits))
		never |= (n1 | n2<<1 | n3<<2 | n4<<3) << (coarseWays*coarseWords + longest*i)
		absent |= (a1 | a2<<1 | a3<<2 | a4<<3) << (coarseWays*coarseWords + longest*i)
	}
	w.never, w.absent = never&heardWords[s.Len], absent&heardWords[s.Len]
}

// coarse are the sets of a coarse way, fine those of a fine one.
func (s *words) coarse(i int) *[1 << coarseBits / 64][2]uint64 {
	return (*[1 << coarseBits / 64][2]uint64)(s.Seen[i<<coarseBits/64:])
}

func (s *words) fine(i int) *[1 << fineBits / 64][2]uint64 {
	return (*[1 << fineBits / 64][2]uint64)(s.Seen[setOfFine+i<<fineBits/64:])
}

// lacks is 1 where a word was never seen, and where it was not this fortnight.
func lacks(sets [][2]uint64, word uint64) (never, absent uint32) {
	set, bit := &sets[word/64], word%64
	now := set[0] >> bit
	return uint32(^(now | set[1]>>bit)) & 1, uint32(^now) & 1
}

// score hears a pair out: its surprise in decades is the mean over the ways of
// -log10 of the odds of what was never seen, of the length with the least. As a
// moment it ranks by the sum over the lengths: a level never seen ranks above a
// course never taken of known ones.
func (s *noveltyState) score(w *said, h *heard, of *odds) {
	h.Side, h.Stat, h.Rank = w.side, 0, 0
	if w.never == 0 {
		return // mostly nothing is new
	}
	all, least, one, way := 1., 1., 1., uint8(0)
	for left := w.never; left != 0; left &= left - 1 {
		k := bits.TrailingZeros32(left)
		at, o := wordsAt[k], s.Count.odds(float32(s.New[k]))
		if at.way != way {
			least, one, way = least*one, 1, at.way
		}
		if of != nil {
			of[at.way][at.length-1] = o
		}
		all, one = all*float64(o), min(one, float64(o))
	}
	h.Stat, h.Rank = -math.Log10(least*one)/ways, -math.Log10(all)/ways
}

// hear evaluates where the sample ends a pair; where it does not, what was heard
// last stands, unless it is too long ago.
func (s *noveltyState) hear(c *detect.Case, h *heard, of *odds) (now, ok bool) {
	if s.pairs(c) && s.Spread.full() {
		d, _ := s.pair(c.Sample.Value)
		w := s.read(d)
		s.mark(&w)
		h.From, h.To = s.At, c.Sample.At
		s.score(&w, h, of)
		w.note(c.Draft, h)
		return true, true
	}
	if s.limit == nil {
		return false, false
	}
	*h = s.limit.Heard
	return false, s.limit.Known && !apart(c, s.At)
}

// weigh evaluates at the end of a pair; within one the vote stands as it did.
func (s *noveltyState) weigh(c *detect.Case) (w weighed, onset float64, ok bool) {
	var h heard
	now, ok := s.hear(c, &h, nil)
	if now {
		onset = h.Rank
	}
	if s.limit == nil || !now && h.Odds == nil && s.limit.beyond(c, h.Stat) {
		return w, onset, false // it is not asked for, or what it rested on is not known any more
	}
	if !ok || c.Sample.At.Sub(max(s.Since, s.Told).time()) < wordsTell {
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
		s.limit.tell(c, &w, v, "decades")
	}
	return ok
}

// Learn takes the pair in. What is held out is judged, and not said before.
func (s *noveltyState) Learn(c *detect.Case, held bool) {
	if !s.pairs(c) {
		if s.Open || apart(c, s.At) {
			s.Len = 0 // what was said before is no word with this
			if s.limit != nil {
				s.limit.Known = false
			}
		}
		s.First, s.At, s.Open = c.Sample.Value, c.Sample.At, true
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
			s.mark(&w)
			s.score(&w, &h, nil)
		}
		s.limited(c, &w, &h)
		s.remember(&w, learned)
	}
	if learned {
		s.Spread.add(d)
	}
	s.Run, s.At, s.Open, s.Paired = run, c.Sample.At, false, true
}

// limited learns what the limit follows from, where a vote is asked for, and keeps
// what one would rest on.
func (s *noveltyState) limited(c *detect.Case, w *said, h *heard) {
	l := s.limit
	if l == nil {
		return
	}
	if l.Heard, l.Known = *h, true; l.beyond(c, h.Stat) {
		l.Heard.Odds = new(odds)
		s.score(w, &l.Heard, l.Heard.Odds)
	}
	if c.Sample.At.Sub(s.Since.time()) >= wordsTeach {
		l.take(c, h.Stat, c.Sample.At)
	}
}

// remember goes on by a pair, and adds its words to the sets where they are
// learned.
func (s *noveltyState) remember(w *said, learned bool) {
	if learned {
		s.Count.more()
		for left := w.never; left != 0; left &= left - 1 {
			s.Count.count(s.New[:], bits.TrailingZeros32(left))
		}
		for left := w.absent; left != 0; left &= left - 1 {
			at := wordsAt[bits.TrailingZeros32(left)]
			set, bit := s.place(at, w.level[at.way])
			set[0] |= 1 << bit
		}
	}
	for i := range s.Last {
		s.Last[i] = s.Last[i]>>8 | uint32(uint8(w.level[i]))<<24
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
	s.limit.ground(c.View.R, shareOf(c), g)
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
