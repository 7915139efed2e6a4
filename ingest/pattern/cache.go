package pattern

// cache is a table of bounded size with two places for a key: of those that
// contend for them the older one goes. It grows while many do.
type cache[T any] struct {
	keys []uint64 // 0 = the place is free
	vals []T
	gone int // since it grew
}

const (
	cacheAtFirst = 64
	cacheAtMost  = 4096
)

// get returns what is kept under a key, nil = nothing is.
func (c *cache[T]) get(key uint64) *T {
	if len(c.keys) == 0 {
		return nil
	}
	i := c.pair(key)
	if c.keys[i] == key {
		return &c.vals[i]
	}
	if c.keys[i+1] == key {
		return &c.vals[i+1]
	}
	return nil
}

// pair is the first of a key's two places.
func (c *cache[T]) pair(key uint64) int { return int(key>>8) & (len(c.keys) - 2) }

// put keeps v under a key.
func (c *cache[T]) put(key uint64, v *T) {
	if len(c.keys) == 0 {
		c.keys, c.vals = make([]uint64, cacheAtFirst), make([]T, cacheAtFirst)
	}
	if at := c.get(key); at != nil {
		*at = *v
		return
	}
	i := c.pair(key)
	if c.keys[i+1] != 0 && len(c.keys) < cacheAtMost {
		if c.gone++; c.gone > len(c.keys)/8 {
			c.grow()
			i = c.pair(key)
		}
	}
	c.move(i, i+1, c)
	c.keys[i], c.vals[i] = key, *v
}

func (c *cache[T]) move(from, to int, src *cache[T]) {
	c.keys[to], c.vals[to] = src.keys[from], src.vals[from]
}

func (c *cache[T]) grow() {
	old := *c
	n := 4 * len(old.keys)
	*c = cache[T]{keys: make([]uint64, n), vals: make([]T, n)}
	for i := len(old.keys) - 1; i >= 0; i-- { // the younger one of two last
		if k := old.keys[i]; k != 0 {
			j := c.pair(k)
			c.move(j, j+1, c)
			c.move(i, j, &old)
		}
	}
}
