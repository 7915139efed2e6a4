package access

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

const (
	attempts  = 5                // of a call that fails
	throttles = 10               // of a call that is throttled: that only delays
	backoff   = time.Second      // before the second attempt, then doubled
	longest   = 20 * time.Second // between two attempts
)

// Do does one call: when credentials and a token of the (account, region,
// action) are there, and again where that may help. action is as IAM names it;
// metrics is how many are requested, for who counts them. do must make exactly
// one request, of a client made of Config or of CloudWatch(). The error is a
// *Failure, or that of ctx.
//
// The SDK's own retries are off, since they would sleep on a clock of their
// own and go past the bucket.
func (r *Region) Do(ctx context.Context, action string, metrics int, do func(context.Context) error) error {
	return r.do(ctx, r.s.keys, action, metrics, do)
}

func (r *Region) do(ctx context.Context, k *keys, action string, metrics int, do func(context.Context) error) error {
	renewed := false
	for n, t := 1, 0; ; n++ {
		if _, err := k.get(ctx, r); err != nil {
			return named(err, action)
		}
		b := r.bucket(action)
		if err := r.wait(ctx, b); err != nil {
			return err
		}
		key := k.key()
		err := do(ctx)
		now := r.s.opt.Now()
		throttled := err != nil && throttle(err)
		r.s.opt.OnCall(Call{Tenant: r.s.account.Tenant, Account: r.s.account.ID, Region: r.name, Action: action,
			Metrics: metrics, Throttled: throttled, Failed: err != nil, At: now})
		if err == nil {
			b.faster(now)
			r.s.serves(r.name, key)
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if throttled {
			b.slower(now)
			t, n = t+1, n-1 // it took no attempt
		}
		f := r.failure(action, err)
		if f.refusedKey() && !renewed {
			renewed = true
			if other, err := k.refused(ctx, r, key); err != nil {
				return named(err, action)
			} else if other {
				continue
			}
		}
		if slices.Contains(skewed, f.Code) && n == 1 {
			continue // the SDK has learned the right time from the answer
		}
		if t == throttles || n == attempts || !throttled && !mayPass(err) {
			r.judge(f, k, key, renewed)
			return f
		}
		r.s.opt.Log.Warn("AWS call failed, trying again", "region", r.name, "action", action, "throttled", throttled, "err", f.Text)
		if err := r.s.opt.Sleep(ctx, pause(n+t)); err != nil {
			return err
		}
	}
}

// pause before the next attempt, after n that failed.
func pause(n int) time.Duration {
	d := longest
	if n < 6 {
		d = min(longest, backoff<<(n-1))
	}
	return d/2 + rand.N(d/2)
}

// wait takes a token.
func (r *Region) wait(ctx context.Context, b *bucket) error {
	d := b.reserve(r.s.opt.Now())
	if d <= 0 {
		return ctx.Err()
	}
	return r.s.opt.Sleep(ctx, d+jitter(d))
}

// throttle says that AWS asks for fewer calls.
func throttle(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool()
}

// mayPass says whether the same call may succeed later. A signature that was
// refused because the clock is wrong may: the SDK has learned the right time
// from the answer.
func mayPass(err error) bool {
	var netErr net.Error
	return errors.As(err, &netErr) || retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err).Bool()
}

// serves notes that a key is good in a region.
func (s *Session) serves(region, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served[region] = key
}

// elsewhere says whether a key is good in another region.
func (s *Session) elsewhere(region, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for r, k := range s.served {
		if r != region && k == key {
			return true
		}
	}
	return false
}
