package access

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// slowest is the rate, in calls a second, that throttling never goes below.
const slowest = 0.2

// bucket spaces the calls of one action. It gives one token at a time, so that
// no second sees more than the rate; a throttled call halves the rate, and
// each call that is served lets it grow back by a twentieth.
type bucket struct {
	limiter *rate.Limiter
	full    rate.Limit

	mu     sync.Mutex
	halved time.Time
}

func newBucket(perSecond float64) *bucket {
	full := rate.Limit(max(perSecond, slowest))
	return &bucket{limiter: rate.NewLimiter(full, 1), full: full}
}

// reserve takes a token and says how long to wait for it.
func (b *bucket) reserve(now time.Time) time.Duration {
	return b.limiter.ReserveN(now, 1).DelayFrom(now)
}

// slower halves the rate, once for all calls that were out together.
func (b *bucket) slower(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	interval := time.Duration(math.Ceil(float64(time.Second) / float64(b.limiter.Limit())))
	if !b.halved.IsZero() && now.Sub(b.halved) < interval {
		return
	}
	b.halved = now
	b.limiter.SetLimitAt(now, max(b.limiter.Limit()/2, slowest))
}

func (b *bucket) faster(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l := b.limiter.Limit(); l < b.full {
		b.limiter.SetLimitAt(now, min(l*1.05, b.full))
	}
}

// bucket of an action in the region.
func (r *Region) bucket(action string) *bucket {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.buckets[action]
	if b == nil {
		b = newBucket(r.Rate(action))
		r.buckets[action] = b
	}
	return b
}
