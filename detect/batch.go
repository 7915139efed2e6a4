package detect

import (
	"slices"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/baseline"
)

// shard is what the samples that one goroutine judges share.
type shard struct {
	e       *Engine
	out     *Judged
	room    baseline.Room
	drafts  []Draft        // of each row, those of the judges that are at work side by side
	votes   []kizashi.Vote // scratch: those on the sample in hand, with room for one of each row
	told    []kizashi.Evidence
	bases   []kizashi.Ground
	regular *kizashi.Routine // what comes at the time of the sample
	side    kizashi.Side
	until   kizashi.Time
	before  []kizashi.Sample // judged in the same step, not in the history yet
	soon    soon
}

// abreast is how many samples are judged side by side: what they need is to stay in
// the cache of one core, with what the next ones need.
const abreast = 32

func (e *Engine) shard(out *Judged, most int) *shard {
	return &shard{e: e, out: out, votes: make([]kizashi.Vote, 0, len(e.rows)), drafts: make([]Draft, len(e.rows)*most)}
}

// judge of a series, by itself.
func (e *Engine) judge(s *series, out *Judged) *judge {
	j := &judge{shard: e.shard(out, 1), s: s, most: 1}
	j.room.Serve(&j.view)
	return j
}

// batch is samples of different series that are judged side by side, one detector
// after the other: so its code, and what the processor has learned of it, stay at hand,
// and while it waits for what one series knows it works on another.
type batch struct {
	*shard
	js []judge
}

func (e *Engine) batch(out *Judged, most int) *batch {
	b := &batch{e.shard(out, most), make([]judge, most)}
	for i := range b.js {
		b.js[i] = judge{shard: b.shard, at: i, most: most}
		b.room.Serve(&b.js[i].view)
	}
	b.js = b.js[:0]
	return b
}

// run judges and learns the samples that were taken in.
func (b *batch) run() {
	b.rows(b.begin)
	b.rows(b.brief)
	for i := range b.js {
		b.js[i].settle()
	}
	b.rows(b.learn)
	for i := range b.js {
		b.js[i].close()
	}
	b.js = b.js[:0]
}

// rows does a row's part of some work on all samples in hand, row by row: from one of
// them on, up to the place where it came to.
func (b *batch) rows(do func(row int, k *int)) {
	for row := range b.e.rows {
		for k := 0; k < len(b.js); k++ {
			b.guard(row, &k, do)
		}
	}
}

// guard notes a panic, behind which the next call goes on.
func (b *batch) guard(row int, k *int, do func(row int, k *int)) {
	defer func() {
		if what := recover(); what != nil {
			b.js[*k].fault(row, what)
		}
	}()
	do(row, k)
}

func (b *batch) begin(row int, k *int) {
	for ; *k < len(b.js); *k++ {
		if j := &b.js[*k]; j.view.Begins && !j.alone && slices.Contains(j.s.hourly, row) {
			beginRow(j, row)
		}
	}
}

func (b *batch) brief(row int, k *int) {
	r, l := &b.e.rows[row], &b.e.layout
	for ; *k < len(b.js); *k++ {
		b.soon.some()
		if j := &b.js[*k]; !j.alone && j.s.set.asks[row] != nothingAsked {
			j.brief(row, r, l)
		}
	}
}

func (b *batch) learn(row int, k *int) {
	l := &b.e.layout
	for ; *k < len(b.js); *k++ {
		b.soon.some()
		j := &b.js[*k]
		set, d := j.s.set, j.draft(row)
		if j.alone || !set.learns[row] {
			continue
		}
		if set.asks[row] == nothingAsked {
			d.Set = false
		}
		j.c.Draft = d
		l.state(j.s, row).Learn(&j.c, j.held)
	}
}

// brief asks a row whether its vote would stand.
func (j *judge) brief(row int, r *Row, l *layout) {
	set, d := j.s.set, j.draft(row)
	d.Set = false
	votes := set.asks[row] == voteAsked
	if r.Share > 0 && j.apart() {
		if votes = false; r.Weight == 0 || set.out[row] {
			return
		}
	}
	j.c.Share, j.c.Draft = r.Share, d
	said, onset := l.brief(j.s, row).Brief(&j.c)
	if onset-onset != 0 {
		j.fault(row, "a vote that is no number")
		return
	}
	j.onset += r.Weight * onset
	if votes && said != NoOpinion {
		j.opinions++
		j.stands = j.stands || said == Stands && (r.Share == 0 || j.tellable())
	}
}
