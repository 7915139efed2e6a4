package virtual

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// Ours is the account that assumes the roles of all others.
const Ours = "999999999999"

// Role is the role that each account has for us.
const Role = "KizashiRead"

// Credentials makes this process one of the account Ours, in an emulated AWS
// only: nothing of the machine's own configuration is read.
func Credentials() error {
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "AKIA" + Ours, "AWS_SECRET_ACCESS_KEY": "secret-of-" + Ours, "AWS_SESSION_TOKEN": "",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull} {
		if err := os.Setenv(k, v); err != nil {
			return err
		}
	}
	return nil
}

// ARN of an account's role.
func ARN(account string) string { return "arn:aws:iam::" + account + ":role/" + Role }

// ExternalID that the role of a tenant's account asks for.
func ExternalID(tenant string) string { return "id-of-" + tenant }

// Grant makes the role of an account.
func Grant(c *awsfake.Cloud, tenant, account string) *awsfake.Account {
	c.Account(Ours)
	a := c.Account(account)
	a.Role(Role, ExternalID(tenant))
	return a
}

// Session opens an account at an address, on the clock. share is of the
// quotas; 0 = the default.
func (c *Clock) Session(ctx context.Context, url, tenant, account string, share float64, onCall func(access.Call)) (*access.Session, error) {
	return access.Open(ctx, access.Account{Tenant: tenant, ID: account, Role: ARN(account), ExternalID: ExternalID(tenant), Endpoint: url, Share: share},
		access.Options{Now: c.Now, Sleep: c.Sleep, OnCall: onCall})
}

// Number is the n-th account's: twelve digits.
func Number(n int) string { return fmt.Sprintf("%012d", 100_000_000_000+n) }

// Level is a generated value: a daily rhythm with noise, positive, the same
// for the same seed and minute.
func Level(seed uint64, at time.Time) float64 {
	minute := at.Unix() / 60
	half := float64(minute%1440)/720 - 1 // -1 at midnight, 0 at noon
	v := 1000 + 400*(1-half*half)
	return v + 25*Noise(seed, minute)
}

// Noise is roughly normal, of deviation 1: the sum of four uniform numbers.
func Noise(seed uint64, n int64) float64 {
	x, sum := seed*0xd6e8feb86659fd93^uint64(n)*0x9e3779b97f4a7c15, 0.
	for range 4 {
		x ^= x >> 30
		x *= 0xbf58476d1ce4e5b9
		x ^= x >> 27
		x *= 0x94d049bb133111eb
		x ^= x >> 31
		sum += float64(x>>11)/(1<<53) - .5
	}
	const deviation = 1.7320508075688772 // of 4 uniform numbers of deviation 1/sqrt(12) each: their sum's is 1/sqrt(3)
	return sum * deviation
}
