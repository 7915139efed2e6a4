package pattern

// table maps the key of a skeleton to what is known of it: a node, or a hole
// with one member, or a hole with several. Open addressing, never deleted
// from; eviction builds it anew.
type table struct {
	keys []uint64
	vals []int32
	n    int
}

// What a value of the table is: its low bits.
const (
	isNode   = 1 // a skeleton that was seen, or promoted
	isSingle = 2 // a hole with one member: that node
	isHole   = 3 // a hole with several
)

func newTable(size int) table {
	n := 64
	for n < size*2 {
		n *= 2
	}
	return table{keys: make([]uint64, n), vals: make([]int32, n)}
}

// get returns the value of a key, 0 for none.
func (t *table) get(key uint64) int32 {
	mask := uint64(len(t.keys) - 1)
	for i := key & mask; ; i = (i + 1) & mask {
		if t.keys[i] == key {
			return t.vals[i]
		}
		if t.keys[i] == 0 {
			return 0
		}
	}
}

func (t *table) put(key uint64, v int32) {
	if t.n*10 >= len(t.keys)*7 {
		old := *t
		*t = table{keys: make([]uint64, 2*len(old.keys)), vals: make([]int32, 2*len(old.keys))}
		for i, k := range old.keys {
			if k != 0 {
				t.put(k, old.vals[i])
			}
		}
	}
	mask := uint64(len(t.keys) - 1)
	i := key & mask
	for t.keys[i] != 0 && t.keys[i] != key {
		i = (i + 1) & mask
	}
	if t.keys[i] == 0 {
		t.n++
	}
	t.keys[i], t.vals[i] = key, v
}

// wordSet is a set of words.
type wordSet struct {
	words []elem
	n     int
}

func newWordSet(size int) wordSet {
	n := 64
	for n < size*2 {
		n *= 2
	}
	return wordSet{words: make([]elem, n)}
}

func (s *wordSet) place(e elem) int {
	mask := uint64(len(s.words) - 1)
	i := uint64(e) >> 20 & mask
	for s.words[i] != 0 && s.words[i] != e {
		i = (i + 1) & mask
	}
	return int(i)
}

func (s *wordSet) has(e elem) bool { return s.words[s.place(e)] == e }

func (s *wordSet) add(e elem) {
	if s.n*10 >= len(s.words)*7 {
		old := s.words
		*s = wordSet{words: make([]elem, 2*len(old)), n: s.n}
		for _, w := range old {
			if w != 0 {
				s.words[s.place(w)] = w
			}
		}
	}
	if i := s.place(e); s.words[i] == 0 {
		s.words[i] = e
		s.n++
	}
}
