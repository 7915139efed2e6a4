package pattern

// cache is a table of bounded size with four places for a key: of those that
// contend for them one after the other goes. It grows while many do.
type cache[T any] struct {
	keys [][ways]uint64 // 0 = the place is free
	vals [][ways]T
	gone int // since it grew
}

const (
	ways         = 4
	cacheAtFirst = 8 // times ways
	cacheAtMost  = 2048
)

// get returns what is kept under a key, nil = nothing is.
func (c *cache[T]) get(key uint64) *T {
	if len(c.keys) == 0 {
		return nil
	}
	i := key >> 8 & uint64(len(c.keys)-1)
	for j, k := range &c.keys[i] {
		if k == key {
			return &c.vals[i][j]
		}
	}
	return nil
}

// put keeps v under a key.
func (c *cache[T]) put(key uint64, v *T) {
	if len(c.keys) == 0 {
		c.keys, c.vals = make([][ways]uint64, cacheAtFirst), make([][ways]T, cacheAtFirst)
	}
	i, j, free := c.place(key)
	if !free {
		if c.gone++; c.gone > len(c.keys) && len(c.keys) < cacheAtMost {
			c.grow()
			i, j, _ = c.place(key)
		}
	}
	c.keys[i][j], c.vals[i][j] = key, *v
}

// place is where a key goes; free = another one need not go for it.
func (c *cache[T]) place(key uint64) (i uint64, j int, free bool) {
	i = key >> 8 & uint64(len(c.keys)-1)
	for j, k := range &c.keys[i] {
		if k == key || k == 0 {
			return i, j, true
		}
	}
	return i, c.gone & (ways - 1), false
}

func (c *cache[T]) grow() {
	old := *c
	n := 4 * len(old.keys)
	*c = cache[T]{keys: make([][ways]uint64, n), vals: make([][ways]T, n)}
	for i := range old.keys {
		for j, key := range old.keys[i] {
			if key != 0 {
				i2, j2, _ := c.place(key)
				c.keys[i2][j2], c.vals[i2][j2] = key, old.vals[i][j]
			}
		}
	}
}

// twice remembers which keys came, to tell the first time from later ones.
type twice [8192]uint32

// before says whether a key was here not long ago.
func (t *twice) before(key uint64) bool {
	at, tag := &t[key>>8&uint64(len(t)-1)], uint32(key>>32)|1
	was := *at == tag
	*at = tag
	return was
}
