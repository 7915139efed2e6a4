package permit

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// customer is an account with a role, on a fake AWS.
func customer(t *testing.T) (*awsfake.Account, *access.Session) {
	t.Helper()
	cloud := awsfake.NewCloud(func() time.Time { return now })
	srv, err := awsfake.New("127.0.0.1:0", cloud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	id, secret := cloud.Account("999999999999").Keys()
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	a := cloud.Account("123456789012")
	s, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: a.ID(), Role: a.Role("kizashi-read", "x7"), ExternalID: "x7", Endpoint: srv.URL},
		access.Options{Now: func() time.Time { return now }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, s
}

// Each action is tried by itself: what is denied is named, and nothing else.
func TestEachPermissionIsTried(t *testing.T) {
	a, s := customer(t)
	r := s.Region("ap-northeast-1")
	for _, denied := range append(All(), Action{}) {
		if denied.Name != "" {
			a.Deny(denied.Name)
		}
		tried := Try(t.Context(), r, All(), now)
		if len(tried) != len(All()) {
			t.Fatalf("%d actions were tried, want %d", len(tried), len(All()))
		}
		for _, x := range tried {
			var f *access.Failure
			if x.Name != denied.Name {
				if x.Err != nil {
					t.Errorf("%s denied: %s: %v", denied.Name, x.Name, x.Err)
				}
				continue
			}
			if !errors.As(x.Err, &f) || f.Cause != (kizashi.Cause{Kind: kizashi.NoPermission, Name: x.Name}) {
				t.Errorf("%s denied: %v", x.Name, x.Err)
				continue
			}
			for _, want := range []string{"acme", "123456789012", "ap-northeast-1", x.Name, "kizashi-read"} {
				if !strings.Contains(f.Error(), want) {
					t.Errorf("%s is not in %q", want, f)
				}
			}
		}
		a.Allow(denied.Name)
	}
}
