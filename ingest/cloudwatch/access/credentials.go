package access

import (
	"context"
	"errors"
	"math/rand/v2"
	"regexp"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/kizashi-ops/kizashi"
)

const (
	// lifetime of a role's credentials that is asked for. More than an hour
	// is refused where a role assumes a role.
	lifetime = time.Hour
	// renewAgain is how long after a failed renewal the next one is tried,
	// while the old credentials are still good.
	renewAgain = time.Minute
)

// keys are credentials that are renewed before they lapse, on the session's
// clock: when a quarter of their life is left, and up to a twentieth of it
// earlier, so that many accounts do not renew in step.
type keys struct {
	s     *Session
	fetch func(context.Context, *Region) (aws.Credentials, error) // Expires on the session's clock

	mu      sync.Mutex
	now     aws.Credentials
	have    bool
	renew   time.Time // when to; zero = never
	renewal *renewal  // that is on its way
}

type renewal struct {
	region *Region
	done   chan struct{}
	got    aws.Credentials
	err    error
}

// get returns credentials that are good. Callers share one renewal; those
// who find the old ones still good do not wait for it.
func (k *keys) get(ctx context.Context, r *Region) (aws.Credentials, error) {
	for {
		k.mu.Lock()
		now := k.s.opt.Now()
		good := k.have && (!k.now.CanExpire || now.Before(k.now.Expires))
		due := !good || !k.renew.IsZero() && !now.Before(k.renew)
		c, w := k.now, k.renewal
		if !due || good && w != nil {
			k.mu.Unlock()
			return c, nil
		}
		lead := w == nil
		if lead {
			w = &renewal{region: r, done: make(chan struct{})}
			k.renewal = w
		}
		k.mu.Unlock()
		if lead {
			k.run(ctx, w, good)
		}
		select {
		case <-ctx.Done():
			return aws.Credentials{}, ctx.Err()
		case <-w.done:
		}
		switch {
		case w.err == nil:
			return w.got, nil
		case lead && !good || !lead && !w.foreign(r):
			return aws.Credentials{}, w.err
		}
	}
}

// foreign says that the renewal's failure is not that of a caller in r.
func (w *renewal) foreign(r *Region) bool {
	var f *Failure
	return !errors.As(w.err, &f) || f.Cause.Kind == kizashi.NoRegion && w.region != r
}

// run fetches new credentials and tells who waits.
func (k *keys) run(ctx context.Context, w *renewal, good bool) {
	c, err := k.fetch(ctx, w.region)
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.s.opt.Now()
	switch {
	case err == nil:
		k.now, k.have, k.renew = c, true, time.Time{}
		if c.CanExpire {
			life := c.Expires.Sub(now)
			k.renew = c.Expires.Add(-life/4 - rand.N(max(life/20, 1)))
		}
	case good:
		k.renew = now.Add(renewAgain)
		k.s.opt.Log.Warn("credentials cannot be renewed; the old ones are good until they lapse", "until", k.now.Expires, "err", err)
	}
	w.got, w.err, k.renewal = c, err, nil
	close(w.done)
}

// refused forgets credentials that AWS does not take, and says whether new
// ones can be had that are others.
func (k *keys) refused(ctx context.Context, r *Region, key string) (bool, error) {
	k.mu.Lock()
	if k.now.AccessKeyID == key {
		k.have = false
	}
	k.mu.Unlock()
	c, err := k.get(ctx, r)
	return err == nil && c.AccessKeyID != key, err
}

// key in force, "" = none.
func (k *keys) key() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.now.AccessKeyID
}

// chain fetches from the SDK's default credential chain. It keeps what it has
// on a clock of its own: it is told to forget that, as ours says it is time.
func chain(p aws.CredentialsProvider) func(context.Context, *Region) (aws.Credentials, error) {
	return func(ctx context.Context, r *Region) (aws.Credentials, error) {
		if i, ok := p.(interface{ Invalidate() }); ok {
			i.Invalidate()
		}
		c, err := p.Retrieve(ctx)
		switch {
		case ctx.Err() != nil:
			return c, ctx.Err()
		case err != nil:
			f := r.failure("", err)
			f.credentials("no credentials: the default chain (environment, shared files, instance role) has none")
			return c, f
		}
		if now := r.s.opt.Now(); c.CanExpire && !now.Before(c.Expires) {
			c.Expires = now.Add(renewAgain) // nobody gives out lapsed ones: our clock is ahead
		}
		return c, nil
	}
}

// assume takes on the account's role. Where STS of the region does not answer
// or does not know the account, the one that every account has is asked.
func assume(ctx context.Context, r *Region) (aws.Credentials, error) {
	c, err := r.assume(ctx)
	var f *Failure
	if home := always(r.s.partition(r.name)); home != r.name && errors.As(err, &f) && (f.Cause.Kind == kizashi.NoRegion || f.refusedKey()) {
		if c, again := r.s.Region(home).assume(ctx); again == nil {
			return c, nil
		}
	}
	return c, err
}

func (r *Region) assume(ctx context.Context) (c aws.Credentials, err error) {
	a := r.s.account
	in := &sts.AssumeRoleInput{RoleArn: &a.Role, RoleSessionName: aws.String(sessionName(a.Tenant)), DurationSeconds: aws.Int32(int32(lifetime / time.Second))}
	if a.ExternalID != "" {
		in.ExternalId = &a.ExternalID
	}
	for k, v := range a.Tags {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: aws.String(v)})
	}
	var out *sts.AssumeRoleOutput
	var asked time.Time
	err = r.do(ctx, r.s.base, "sts:AssumeRole", 0, func(ctx context.Context) (err error) {
		asked = r.s.opt.Now()
		out, err = r.sts.AssumeRole(ctx, in)
		return err
	})
	if err != nil {
		return c, err
	}
	if out.Credentials == nil {
		f := r.failure("sts:AssumeRole", nil)
		f.credentials("the answer holds no credentials")
		return c, f
	}
	return aws.Credentials{
		AccessKeyID: aws.ToString(out.Credentials.AccessKeyId), SecretAccessKey: aws.ToString(out.Credentials.SecretAccessKey),
		SessionToken: aws.ToString(out.Credentials.SessionToken), Source: "AssumeRole", AccountID: a.ID,
		CanExpire: true, Expires: asked.Add(life(asked, out.Credentials.Expiration)),
	}, nil
}

// life of credentials: what STS says, as far as our clock can be right about
// it. It never gives more than was asked for, and a clock that is ahead makes
// new credentials look old.
func life(asked time.Time, expires *time.Time) time.Duration {
	if expires == nil {
		return lifetime
	}
	if d := expires.Sub(asked); d > 0 {
		return min(d, lifetime)
	}
	return lifetime
}

var notInSessionName = regexp.MustCompile(`[^\w+=,.@-]`)

// sessionName shows in the customer's CloudTrail: 2 to 64 characters.
func sessionName(tenant string) string {
	n := notInSessionName.ReplaceAllString("kizashi-"+tenant, "_")
	return n[:min(len(n), 64)]
}
