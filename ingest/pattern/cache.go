package pattern

// cache is a table of bounded size with four places for a key: of those that
// contend for them one after the other goes. It grows while many do.
type cache[T any] struct {
	sets []set4[T]
	gone int // since it grew
}

// set4 holds the keys that share their places, and what is kept under them.
type set4[T any] struct {
	keys [ways]uint64 // 0 = the place is free
	vals [ways]T
}

const (
	ways         = 4
	cacheAtFirst = 8 // sets
	cacheAtMost  = 2048
)

// get returns what is kept under a key, nil = nothing is.
func (c *cache[T]) get(key uint64) *T {
	if len(c.sets) == 0 {
		return nil
	}
	s := c.set(key)
	for j, k := range &s.keys {
		if k == key {
			return &s.vals[j]
		}
	}
	return nil
}

func (c *cache[T]) set(key uint64) *set4[T] { return &c.sets[key>>8&uint64(len(c.sets)-1)] }

// put keeps v under a key.
func (c *cache[T]) put(key uint64, v *T) {
	if len(c.sets) == 0 {
		c.sets = make([]set4[T], cacheAtFirst)
	}
	s, j := c.place(key)
	if k := s.keys[j]; k != 0 && k != key {
		if c.gone++; c.gone > len(c.sets) && len(c.sets) < cacheAtMost {
			c.grow()
			s, j = c.place(key)
		}
	}
	s.keys[j], s.vals[j] = key, *v
}

// place is where a key goes.
func (c *cache[T]) place(key uint64) (s *set4[T], j int) {
	s = c.set(key)
	for j, k := range &s.keys {
		if k == key || k == 0 {
			return s, j
		}
	}
	return s, c.gone & (ways - 1)
}

func (c *cache[T]) grow() {
	old := c.sets
	c.sets, c.gone = make([]set4[T], 4*len(old)), 0
	for i := range old {
		for j, key := range old[i].keys {
			if key != 0 {
				s, k := c.place(key)
				s.keys[k], s.vals[k] = key, old[i].vals[j]
			}
		}
	}
}

// twice remembers which keys came, to tell the first time from later ones.
type twice [8192]uint16

// before says whether a key was here not long ago.
func (t *twice) before(key uint64) bool {
	at, tag := &t[key>>8%uint64(len(t))], uint16(key>>40)|1
	was := *at == tag
	*at = tag
	return was
}
