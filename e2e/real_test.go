package e2e

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/realtest"
	"github.com/kizashi-ops/kizashi/verify"
)

const slack = 15 * time.Second // for two cores that do a lot at once

// pace of the real incident: as fast as CloudWatch's minutes allow, or, in the
// long form, what an Application Load Balancer has by default.
func pace() (poll, settle, wait time.Duration) {
	if os.Getenv("KIZASHI_SOAK") != "" {
		return time.Minute, 3 * time.Minute, 15 * time.Minute
	}
	return 5 * time.Second, 0, patience
}

// normal is the latency of the shop when all is well.
func normal(at time.Time) float64 {
	return 0.2 + 0.05*math.Sin(2*math.Pi*float64(at.Unix()%86400)/86400) + 0.005*noise(uint64(at.Unix()))
}

// shop puts a point of every minute into moto, as it begins, until the test
// ends.
type shop struct {
	cloud *cloud
	slow  atomic.Bool // an incident is under way
}

func (s *shop) open(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Minute)
	var past []types.MetricDatum
	for at := now.Add(-15 * 24 * time.Hour).Truncate(5 * time.Minute); at.Before(now); at = at.Add(5 * time.Minute) {
		past = append(past, datum(at, normal(at))) // two weeks, every five minutes: moto is slow
	}
	for at := now.Add(-2 * time.Hour); at.Before(now); at = at.Add(time.Minute) {
		if at.Unix()%300 != 0 {
			past = append(past, datum(at, normal(at)))
		}
	}
	s.cloud.put(past...)
	end := make(chan struct{})
	var feeding sync.WaitGroup
	feeding.Go(func() {
		for at := now; ; at = at.Add(time.Minute) {
			select {
			case <-time.After(time.Until(at)):
				s.put(at)
			case <-end:
				return
			}
		}
	})
	t.Cleanup(func() { close(end); feeding.Wait() })
}

func (s *shop) put(at time.Time) {
	v := normal(at)
	if s.slow.Load() {
		v = 1.9
	}
	s.cloud.put(datum(at, v))
}

// incident begins at once: the maximum of the present minute is bad already.
func (s *shop) incident() {
	s.slow.Store(true)
	s.put(time.Now().UTC().Truncate(time.Minute))
}

// alertmanager is a real one.
type alertmanager struct {
	t                       *testing.T
	url, addr, config, data string
	kill                    func()
}

func startAlertmanager(t *testing.T) *alertmanager {
	t.Helper()
	dir := t.TempDir()
	a := &alertmanager{t: t, addr: realtest.FreeAddr(t), config: filepath.Join(dir, "alertmanager.yml"), data: filepath.Join(dir, "data")}
	if err := os.WriteFile(a.config, []byte("route: {receiver: none}\nreceivers: [{name: none}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.url = "http://" + a.addr
	a.start()
	return a
}

func (a *alertmanager) start() {
	a.t.Helper()
	a.kill = realtest.Alertmanager(a.t, a.addr, a.config, a.data).Kill
}

// gettable is an alert as Alertmanager gives it.
type gettable struct {
	Labels, Annotations map[string]string
}

// active are the alerts that it holds for firing, by Kizashi's id.
func (a *alertmanager) active() map[string]gettable {
	r, err := http.Get(a.url + "/api/v2/alerts?active=true")
	if err != nil {
		return nil // it is being restarted
	}
	defer r.Body.Close()
	var all []gettable
	if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
		a.t.Fatalf("Alertmanager: %v", err)
	}
	out := map[string]gettable{}
	for _, g := range all {
		if !about(g.Labels["name"]) {
			out[g.Labels["kizashi_id"]] = g
		}
	}
	return out
}

const realConfig = `
tenants:
  - name: acme
    zone: Asia/Tokyo
    accounts:
      - account: "123456789012"
        region: %s
        endpoint: %s
        protocol: json
        discover: {agents: false} # moto knows no agents
        poll: %s
        namespaces:
          - name: Acme/Shop
            period: 1m
            settle: %s
            metrics: [{name: Latency, statistic: Maximum, unit: Seconds, lower: 0}]
detect:
  rules:
    - {class: act, direction: up, recover: 1, off: [band]} # the spike vote: one sample is enough
sinks:
  alertmanager: {urls: [%q], resend: 2s}
  sns: {topic: %q, endpoint: %s}
storage: {path: %q}
web: {listen: "127.0.0.1:0"}
`

// TestRealIncident is the whole way: two weeks of metrics in moto, an
// incident, and what is told of it by Alertmanager and through SNS in SQS,
// while both Alertmanager and Kizashi are killed in between.
func TestRealIncident(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes of wall time")
	}
	am, moto := startAlertmanager(t), startCloud(t)
	shop := &shop{cloud: moto}
	shop.open(t)
	file := filepath.Join(t.TempDir(), "kizashi.yaml")
	poll, settle, wait := pace()
	text := fmt.Sprintf(realConfig, region, moto.url, poll, settle, am.url, moto.topic, moto.url, filepath.Join(t.TempDir(), "data"))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, file)
	s.patience = wait
	s.awaitReady()
	s.await("the back-fill", func() bool {
		until, _ := s.gauge(`kizashi_judged_until_timestamp_seconds{settling="prompt",tenant="acme"}`)
		return time.Since(time.Unix(int64(until), 0)) < 2*time.Minute+settle+poll
	})
	if open := am.active(); len(open) > 0 {
		t.Fatalf("Alertmanager was told of the past: %v", open)
	}

	shop.incident()
	got := told{}
	s.await("the alert in Alertmanager", func() bool { return len(am.active()) > 0 })
	arrived := time.Now()
	s.await("the alert in SQS", func() bool { return got.take(t, moto) > 0 })
	id := checkTold(t, s, file, am.active(), got, arrived.Add(-poll))

	am.kill()
	am.start()
	s.await("the alert in the new Alertmanager", func() bool { _, ok := am.active()[id]; return ok })
	s.kill()
	s = start(t, file)
	s.patience = wait
	s.awaitReady()
	s.await("a reminder after the restart", func() bool { n, _ := s.gauge(reminders(am)); return n > 0 })
	if open := am.active(); len(open) != 1 || open[id].Labels == nil {
		t.Errorf("after the restart Alertmanager holds %v, want %s only", open, id)
	}

	shop.slow.Store(false)
	s.await("the end in Alertmanager", func() bool { return len(am.active()) == 0 })
	s.await("the end in SQS", func() bool { got.take(t, moto); return got.count(id, kizashi.Resolved) > 0 })
	s.stop()
	got.take(t, moto)
	if n := got.count(id, kizashi.Firing); n > 2 {
		t.Errorf("SQS was told %d times that it fires; one kill allows 2", n)
	}
	if n := got.count(id, kizashi.Resolved); n != 1 || len(got) != 2 {
		t.Errorf("SQS was told %d times that it is over, and in all of %v", n, got)
	}
}

func reminders(am *alertmanager) string {
	return fmt.Sprintf(`kizashi_deliveries_total{outcome="reminded",sink="alertmanager %s"}`, am.url[len("http://"):])
}

// told is what came out of the queue, by key.
type told map[string][]alert.Notification

func (g told) take(t *testing.T, c *cloud) int {
	for _, body := range c.receive() {
		var n alert.Notification
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			t.Fatalf("%v in the message\n%s", err, body)
		}
		if !about(n.Alert.Labels.Get("name")) {
			g[n.DedupKey] = append(g[n.DedupKey], n)
		}
	}
	return len(g)
}

func (g told) count(id string, state kizashi.AlertState) (n int) {
	for _, all := range g {
		for _, m := range all {
			if m.Alert.ID == id && m.Alert.State == state {
				n++
			}
		}
	}
	return n
}

// checkTold holds the first telling against what the service says: same
// alert, with evidence that stands by itself, in the time that it states.
func checkTold(t *testing.T, s *service, file string, open map[string]gettable, got told, arrived time.Time) string {
	t.Helper()
	as := slices.DeleteFunc(s.alerts(), func(a kizashi.Alert) bool { return about(a.Labels.Get("name")) })
	a := as[len(as)-1]
	d, ok := s.detail(a.ID)
	if !ok || d.Justification == nil || d.Texts["ja"].Engineer == "" || d.Texts["en"].Engineer == "" {
		t.Fatalf("alert %s has no justification or no text: %+v", a.ID, d)
	}
	t.Logf("%s\n%s", d.Texts["en"].Engineer, d.Texts["ja"].Title)
	if got.count(a.ID, kizashi.Firing) != 1 || len(open) != 1 || open[a.ID].Annotations["justification"] != a.Justify || a.Justify == "" {
		t.Errorf("alert %s justified by %s; Alertmanager holds %v, SQS %v", a.ID, a.Justify, open, got)
	}
	for _, n := range got {
		if n[0].Justification != a.Justify || n[0].Summary == "" {
			t.Errorf("SQS was told %+v, without evidence", n[0])
		}
	}
	longest := time.Duration(d.Justification.Longest)
	if took := arrived.Sub(a.Opened.UTC()); took > longest+slack {
		t.Errorf("it took %s, a poll left out, from the sample's begin; the alert states at most %s", took, longest)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	set, _, err := cfg.Detect.Resolve(&d.Justification.Meta)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := kizashi.HashOf(cfg.Detect)
	if err != nil {
		t.Fatal(err)
	}
	if r := verify.Check(d.Alert, *d.Justification, verify.Config{Settings: &set, Hash: hash}); !r.Ok() {
		t.Errorf("verify: %v", r.Faults)
	}
	return a.ID
}
