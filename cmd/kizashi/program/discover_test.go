package program

import (
	"context"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// friday is when these tests begin.
var friday = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// moment is a clock that moves only when somebody sleeps.
type moment struct {
	mu sync.Mutex
	at time.Time
}

func (m *moment) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *moment) sleep(ctx context.Context, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = m.at.Add(d)
	return ctx.Err()
}

// customers is an emulated AWS of two customers that let the integrator in,
// and a configuration that reads them; %URL% and the external id of the second
// are filled in.
func customers(t *testing.T, second string) (cloud *awsfake.Cloud, clock *moment, file string) {
	t.Helper()
	now := friday
	clock = &moment{at: now}
	cloud = awsfake.NewCloud(clock.now)
	s := httptest.NewServer(cloud)
	t.Cleanup(s.Close)
	id, secret := cloud.Account("999988887777").Keys()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
	for id, name := range map[string]string{"111122223333": "acme", "444455556666": "globex"} {
		cloud.Account(id).Role("kizashi", "of-"+name)
		r := cloud.Account(id).Region("ap-northeast-1")
		for _, q := range []string{"orders", "mail"} {
			cpu := awsfake.Metric{Namespace: "AWS/SQS", Name: "ApproximateAgeOfOldestMessage", Dimensions: map[string]string{"QueueName": name + "-" + q}}
			r.Generate(cpu, 5*time.Minute, now.Add(-time.Hour), time.Time{}, func(time.Time) (float64, bool) { return 1, true })
			r.Tag("arn:aws:sqs:ap-northeast-1:"+id+":"+name+"-"+q, map[string]string{"system": q})
		}
		r.Instance(awsfake.Instance{ID: "i-0" + id, Launched: now.Add(-time.Hour)})
	}
	text := `tenants:
  - name: acme
    accounts:
      - {account: "111122223333", region: ap-northeast-1, role: "arn:aws:iam::111122223333:role/kizashi", external_id: of-acme, endpoint: "%URL%",
         select: ['tag_system="orders"'], group_by: tag_system}
  - name: globex
    language: ja
    accounts:
      - {account: "444455556666", region: ap-northeast-1, role: "arn:aws:iam::444455556666:role/kizashi", external_id: ` + second + `, endpoint: "%URL%"}
`
	return cloud, clock, write(t, "kizashi.yaml", strings.ReplaceAll(text, "%URL%", s.URL))
}

func wantTexts(t *testing.T, out string, says ...string) {
	t.Helper()
	for _, w := range says {
		if !strings.Contains(out, w) {
			t.Errorf("it does not say %q:\n%s", w, out)
		}
	}
}

func TestDiscover(t *testing.T) {
	cloud, _, file := customers(t, "of-globex")
	saved := filepath.Join(t.TempDir(), "inventory.json")
	code, out := try(t, "discover", "--config", file, "--save", saved)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out,
		"Tenant acme\nAccount 111122223333, region ap-northeast-1", "metrics: 2, watched: 1, not watched: 1", "1 selected by no matcher",
		"orders                       1 series, 1 resources", "acme-mail : selected by no matcher", "Resources without a tag of yours\n  arn:aws:ec2:ap-northeast-1:111122223333:instance/i-0111122223333",
		"Tenant globex\nアカウント 444455556666", "メトリクス 2 件のうち、監視対象 2 件")
	if first, _, _ := strings.Cut(out, "Tenant globex"); strings.Contains(first, "globex") || strings.Contains(first, "444455556666") {
		t.Errorf("acme's part tells of globex:\n%s", first)
	}

	r := cloud.Account("111122223333").Region("ap-northeast-1")
	r.Tag("arn:aws:sqs:ap-northeast-1:111122223333:acme-orders", map[string]string{"system": "shop"})
	r.Drop(awsfake.Metric{Namespace: "AWS/SQS", Name: "ApproximateAgeOfOldestMessage", Dimensions: map[string]string{"QueueName": "acme-mail"}})
	r.Untag("arn:aws:sqs:ap-northeast-1:111122223333:acme-mail")
	code, out = try(t, "discover", "--config", file, "--account", "111122223333", "--diff", saved)
	if code != exitOK || strings.Contains(out, "globex") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out, "Group mail\n  removed  arn:aws:sqs:ap-northeast-1:111122223333:acme-mail (1 metrics) disappeared: the resource is listed no more",
		"Group shop\n  retagged arn:aws:sqs:ap-northeast-1:111122223333:acme-orders system: \"orders\" -> \"shop\"")
}

// One customer revoked the role: it is told by name, the other one is read,
// and the command says that it is not whole.
func TestDiscoverGoesOn(t *testing.T) {
	_, _, file := customers(t, "wrong")
	code, out := try(t, "discover", "--config", file, "--json")
	if code != exitFault {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	text, last, _ := strings.Cut(out, "]\nkizashi discover: ")
	if last != "1 of 2 regions could not be read\n" {
		t.Errorf("it ends in %q", last)
	}
	var rows []discovered
	if err := json.Unmarshal([]byte(text+"]"), &rows); err != nil {
		t.Fatal(err)
	}
	if len(rows) != 2 || rows[0].Coverage == nil || rows[0].Coverage.Watched != 1 || rows[1].Coverage != nil {
		t.Fatalf("rows %+v", rows)
	}
	wantTexts(t, rows[1].Error, "tenant globex, account 444455556666, region ap-northeast-1, call sts:AssumeRole", "role arn:aws:iam::444455556666:role/kizashi", "external id")
}

func TestDiscoverBadInput(t *testing.T) {
	_, _, file := customers(t, "of-globex")
	cut := write(t, "cut.json", `{"format": "kizashi inventory", "version": 1, "snap`)
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "--config is needed"},
		{[]string{"--config", "nowhere.yaml"}, exitFault, "nowhere.yaml"},
		{[]string{"--config", file, "--region", "us-east-7"}, exitUsage, "no such account and region"},
		{[]string{"--config", file, "--diff", cut}, exitFault, "cut.json:1: the file is cut"},
		{[]string{"--config", file, "more"}, exitUsage, `"more" is not understood`},
	} {
		code, out := try(t, append([]string{"discover"}, c.args...)...)
		if code != c.code {
			t.Errorf("%v: exit code %d, want %d", c.args, code, c.code)
		}
		wantTexts(t, out, c.want)
	}
}

// What discover says is watched is what the service then declares, in the same
// groups.
func TestDiscoverIsWhatServeReads(t *testing.T) {
	cloud, clock, file := customers(t, "of-globex")
	r := cloud.Account("444455556666").Region("ap-northeast-1")
	for _, m := range []awsfake.Metric{
		{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": "i-0444455556666"}},
		{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"ImageId": "ami-1"}},
		{Namespace: "AWS/AutoScaling", Name: "GroupDesiredCapacity", Dimensions: map[string]string{"AutoScalingGroupName": "web"}},
		{Namespace: "AWS/AutoScaling", Name: "GroupInServiceInstances", Dimensions: map[string]string{"AutoScalingGroupName": "web"}},
		{Namespace: "Shop", Name: "Orders"},
	} {
		r.Generate(m, 5*time.Minute, friday.Add(-time.Hour), time.Time{}, func(time.Time) (float64, bool) { return 1, true })
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	d := &discovery{cfg: cfg}
	if err := d.all(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, snap := range d.found {
		a := cfg.Tenants[i].Accounts[0]
		for _, c := range snap.Choose(selection(a, cfg.Catalogue)) {
			if c.Why == inventory.Watched {
				told[groupsOf(a, snap)(c.Metric)+": "+c.Metric.String()] = true
			}
		}
	}
	// A computed series is told by the metrics that it is made of.
	operands := map[string][]string{}
	for _, n := range cfg.Catalogue.Namespaces() {
		for _, m := range cfg.Catalogue.Metrics(n) {
			operands[n+" "+m.Name] = m.Expression
		}
	}
	got := map[string]bool{}
	for _, meta := range declared(t, cfg, clock) {
		name := meta.Labels.Get("metric")
		of := operands[meta.Labels.Get("namespace")+" "+name]
		if of == nil {
			of = []string{name}
		}
		for _, o := range of {
			m := inventory.Metric{Namespace: meta.Labels.Get("namespace"), Name: o, Dimensions: map[string]string{}}
			for _, l := range meta.Identity {
				if n, ok := strings.CutPrefix(l.Name, "dim_"); ok {
					m.Dimensions[n] = l.Value
				}
			}
			got[meta.Group+": "+m.String()] = true
		}
	}
	if !maps.Equal(got, told) || len(got) < 6 {
		t.Errorf("serve declares\n%s\ndiscover tells\n%s", strings.Join(slices.Sorted(maps.Keys(got)), "\n"), strings.Join(slices.Sorted(maps.Keys(told)), "\n"))
	}
}

// declared is what the sources of a configuration declare in a quarter of an
// hour.
func declared(t *testing.T, cfg *config.Config, clock *moment) (out []kizashi.Meta) {
	t.Helper()
	readers, err := service.Sources(t.Context(), cfg, access.Options{Now: clock.now, Sleep: clock.sleep}, service.Refine{Metrics: func(c cloudwatch.Config) (cloudwatch.Config, error) {
		c.Now, c.Sleep, c.Backfill = clock.now, clock.sleep, -1
		return c, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := readers.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, s := range readers.All {
		if err := s.Open(nil); err != nil {
			t.Fatal(err)
		}
		for end := clock.now().Add(15 * time.Minute); clock.now().Before(end); {
			b, err := s.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range b.Declare {
				out = append(out, d.Meta)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// One customer of many is asked about by name; a name that is not there is
// told with those that are.
func TestDiscoverOneTenant(t *testing.T) {
	cloud, file := fakeAWS(t)
	cloud.Account("210987654321").Role("gone", "g1")
	if code, out, errs := call(t, "discover", "--config", file, "--tenant", "globex"); code != exitOK || !strings.Contains(out, "Tenant globex") || strings.Contains(out, "acme") {
		t.Errorf("exit code %d:\n%s%s", code, out, errs)
	}
	for _, c := range [][2]string{{"--tenant", "there are acme, globex"}, {"--account", "there are 123456789012 in ap-northeast-1, 210987654321 in us-east-1"}} {
		if code, _, errs := call(t, "discover", "--config", file, c[0], "nix"); code != exitUsage || !strings.Contains(errs, "nix") || !strings.Contains(errs, c[1]) {
			t.Errorf("%s nix: exit code %d: %s", c[0], code, errs)
		}
	}
}
