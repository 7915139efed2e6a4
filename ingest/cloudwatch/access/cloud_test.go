package access_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// world is two customers' accounts in an emulated AWS, and the integrator's
// own, whose keys the environment has.
type world struct {
	t     *testing.T
	clock *clock
	cloud *awsfake.Cloud
	url   string
}

const acme, globex, integrator = "111122223333", "444455556666", "999988887777"

func newWorld(t *testing.T) *world {
	w := &world{t: t, clock: &clock{at: noon}}
	w.cloud = awsfake.NewCloud(w.clock.Now)
	s := httptest.NewServer(w.cloud)
	t.Cleanup(s.Close)
	w.url = s.URL
	environment(t)
	id, secret := w.cloud.Account(integrator).Keys()
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	w.cloud.Account(acme).Role("kizashi", "of-acme")
	w.cloud.Account(globex).Role("kizashi", "of-globex")
	return w
}

func (w *world) open(tenant, id, externalID string, c *clock) *access.Session {
	w.t.Helper()
	s, err := access.Open(w.t.Context(), access.Account{Tenant: tenant, ID: id, Role: "arn:aws:iam::" + id + ":role/kizashi", ExternalID: externalID, Endpoint: w.url},
		access.Options{Now: c.Now, Sleep: c.Sleep})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = s.Close() })
	return s
}

// What a customer can do to us, one after the other, in the SDK's own
// protocol: each is told with its cause and harms no neighbour.
func TestCloud(t *testing.T) {
	w := newWorld(t)
	s, neighbour := w.open("acme", acme, "of-acme", w.clock), w.open("globex", globex, "of-globex", w.clock)
	tokyo := s.Region(tokyo)
	fine := func() {
		t.Helper()
		must(t, list(t.Context(), tokyo))
		must(t, list(t.Context(), neighbour.Region(osaka)))
	}
	fine()
	credentials := kizashi.Cause{Kind: kizashi.NoCredentials, Name: role}

	wrong := w.open("acme", acme, "of-globex", w.clock)
	failure(t, list(t.Context(), wrong.Region("ap-northeast-1")), credentials, "sts:AssumeRole", "wants another external id")

	w.cloud.Account(acme).Deny("cloudwatch:ListMetrics")
	failure(t, list(t.Context(), tokyo), kizashi.Cause{Kind: kizashi.NoPermission, Name: "cloudwatch:ListMetrics"}, "cloudwatch:ListMetrics", role)
	must(t, list(t.Context(), neighbour.Region(osaka)))
	w.cloud.Account(acme).Allow("cloudwatch:ListMetrics")
	fine()

	w.cloud.Account(acme).DisableRegion("ap-northeast-1")
	failure(t, list(t.Context(), tokyo), kizashi.Cause{Kind: kizashi.NoRegion}, "region ap-northeast-1 is not enabled in this account")
	must(t, list(t.Context(), s.Region(osaka)))
	w.cloud.Account(acme).EnableRegion("ap-northeast-1")
	fine()

	w.cloud.Script(awsfake.Fault{Account: acme, Service: "monitoring", Lapse: true})
	failure(t, list(t.Context(), tokyo), credentials, "expired")
	w.cloud.Heal()
	fine()

	w.cloud.Script(awsfake.Fault{Account: acme, Service: "monitoring", Skew: 3 * time.Hour})
	fine()
	w.cloud.Heal()
	fine()

	w.cloud.Script(awsfake.Fault{Account: acme, Gone: true})
	f := failure(t, list(t.Context(), tokyo), kizashi.Cause{Kind: kizashi.NoRegion})
	if again := list(t.Context(), tokyo); again.Error() != f.Error() || strings.Contains(f.Error(), "127.0.0.1") {
		t.Errorf("%q, then %q", f, again)
	}
	must(t, list(t.Context(), neighbour.Region(osaka)))
	w.cloud.Heal()

	must(t, w.clock.Sleep(t.Context(), 2*time.Hour))
	w.cloud.Account(acme).Revoke("kizashi")
	failure(t, list(t.Context(), tokyo), credentials, "sts:AssumeRole", "the role does not exist")
	must(t, list(t.Context(), neighbour.Region(osaka)))
}

// Against a service that counts by itself, at its real quota, and with a
// neighbour's tools taking most of it: nothing is lost, it only takes longer.
func TestCloudThrottles(t *testing.T) {
	w := newWorld(t)
	w.cloud.Limit("cloudwatch:ListMetrics", 2, 2)
	r := w.open("acme", acme, "of-acme", w.clock).Region(tokyo)
	for range 200 {
		must(t, list(t.Context(), r))
	}
	took := w.clock.Now().Sub(noon)
	total := w.cloud.Counts()[awsfake.Count{Account: acme, Region: tokyo, Action: "cloudwatch:ListMetrics"}]
	if total.Throttled == 0 {
		t.Error("nothing was throttled: the test shows nothing")
	}
	if total.Throttled > 60 || took > 250*time.Second {
		t.Errorf("200 calls of a service that serves 2/s took %s and %d throttled ones", took, total.Throttled)
	}
}
