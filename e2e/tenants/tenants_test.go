package tenants

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/e2e/virtual"
	"github.com/kizashi-ops/kizashi/store"
)

func TestMain(m *testing.M) {
	err := virtual.Credentials()
	if err == nil {
		err = os.Setenv("AWS_REGION", "us-east-1")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// safe is a buffer for several writers.
type safe struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safe) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// run is one run of the service for some customers.
type run struct {
	*virtual.Clock
	t         *testing.T
	customers []*customer
	dir       string
	out, log  safe

	mu   sync.Mutex
	told []string // bodies that sinks were sent

	metrics string
	alerts  map[string][]string // of each tenant: id, name, stretch, state
	samples map[string]uint64   // of each tenant: a hash of all that was judged
}

const watched = 75 * time.Minute

// serve runs the service for the customers and reads all that it said.
func serve(t *testing.T, customers []*customer, s *said) *run {
	t.Helper()
	r := &run{Clock: virtual.NewClock(begin), t: t, customers: customers, dir: t.TempDir(), alerts: map[string][]string{}, samples: map[string]uint64{}}
	cloud := awsfake.NewCloud(r.Now)
	cloud.Account(virtual.Ours)
	for _, c := range customers {
		c.fill(cloud)
		cloud.Script(c.faults...)
		if c.fault == "revoked" {
			r.At(begin.Add(30*time.Minute), func() {
				for _, a := range c.accounts {
					cloud.Account(a.id).Revoke(a.role(c))
				}
			})
		}
	}
	aws := httptest.NewServer(cloud)
	t.Cleanup(aws.Close)
	sinks := httptest.NewServer(http.HandlerFunc(r.sink))
	t.Cleanup(sinks.Close)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	svc, err := service.Open(ctx, service.Options{Config: r.config(aws.URL, sinks.URL), Now: r.Now, Sleep: r.sleep, Out: &r.out,
		Log: slog.New(slog.NewJSONHandler(&r.log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- svc.Run(ctx) }()
	still := r.Drift(begin.Add(watched+time.Hour), func() {})
	r.await(svc, ended)
	still()
	r.read(svc, s)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	r.stored(s)
	s.log(r.log.String())
	s.lines("stdout", r.out.String())
	s.metrics(r.metrics)
	return r
}

// sleep stretches the second of the command partition, which does nothing
// else, to half a minute.
func (r *run) sleep(ctx context.Context, d time.Duration) error {
	if d == time.Second {
		d = 30 * time.Second
	}
	return r.Sleep(ctx, d)
}

func (r *run) config(aws, sinks string) *config.Config {
	r.t.Helper()
	var b strings.Builder
	b.WriteString("tenants:\n")
	for _, c := range r.customers {
		b.WriteString(c.yaml(aws))
	}
	fmt.Fprintf(&b, "sinks:\n  stdout: true\n  alertmanager: {urls: [%q], resend: 1m}\n  sns: {topic: \"arn:aws:sns:us-east-1:%s:alerts\", endpoint: %q}\n",
		sinks, virtual.Ours, sinks)
	fmt.Fprintf(&b, "storage: {path: %q}\nweb: {listen: \"127.0.0.1:0\"}\n", filepath.Join(r.dir, "data"))
	cfg, err := config.Parse("customers.yml", []byte(b.String()))
	if err != nil {
		r.t.Fatalf("%v\n%s", err, b.String())
	}
	return cfg
}

// sink is an Alertmanager and an SNS.
func (r *run) sink(w http.ResponseWriter, q *http.Request) {
	b, err := io.ReadAll(q.Body)
	if err != nil {
		r.t.Errorf("a sink's request: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !strings.HasPrefix(q.URL.Path, "/api/") {
		q.Body = io.NopCloser(bytes.NewReader(b))
		r.told = append(r.told, q.PostFormValue("Message"))
		fmt.Fprint(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`)
		return
	}
	var as []json.RawMessage
	if err := json.Unmarshal(b, &as); err != nil {
		r.t.Errorf("Alertmanager was sent: %v", err)
	}
	for _, a := range as {
		r.told = append(r.told, string(a))
	}
}

// await waits until everyone who is well was judged up to the end.
func (r *run) await(svc *service.Service, ended chan error) {
	r.t.Helper()
	want := begin.Add(watched)
	for limit := time.Now().Add(4 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ended:
			r.t.Fatalf("the service ended: %v\n%s", err, r.log.String())
		default:
		}
		r.metrics = string(r.get(svc, "/metrics"))
		late := ""
		for _, c := range r.customers {
			var v float64
			for _, l := range strings.Split(r.metrics, "\n") {
				if rest, ok := strings.CutPrefix(l, fmt.Sprintf(`kizashi_judged_until_timestamp_seconds{settling="prompt",tenant="%s"} `, c.tenant)); ok {
					if _, err := fmt.Sscan(rest, &v); err != nil {
						r.t.Fatal(err)
					}
				}
			}
			if at := time.Unix(int64(v), 0).UTC(); c.fault == "" && at.Before(want) {
				late += fmt.Sprintf("%s is judged until %s\n", c.tenant, at)
			}
		}
		if late == "" {
			return
		}
		if time.Now().After(limit) {
			r.t.Fatalf("at %s %s\n%s", r.Now(), late, r.log.String())
		}
	}
}

func (r *run) get(svc *service.Service, path string) []byte {
	r.t.Helper()
	w := httptest.NewRecorder()
	svc.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		r.t.Errorf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// read looks at what the service shows, and at what sinks were told.
func (r *run) read(svc *service.Service, s *said) {
	r.t.Helper()
	list := r.get(svc, "/api/alerts")
	s.json("alert", list)
	var v struct{ Alerts []kizashi.Alert }
	if err := json.Unmarshal(list, &v); err != nil {
		r.t.Fatal(err)
	}
	for _, a := range v.Alerts {
		b := r.get(svc, "/api/alerts/"+a.ID)
		s.piece("alert with its justification and texts", a.Tenant, string(b))
		r.alerts[a.Tenant] = append(r.alerts[a.Tenant], fmt.Sprintf("%s %s %s to %s %s", a.ID, a.Labels.Get("name"), a.From, a.To, a.State))
	}
	s.json("cost", r.get(svc, "/api/cost"))
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.told {
		var n struct {
			Labels struct{ Tenant string }
			Alert  struct{ Tenant string }
		}
		if err := json.Unmarshal([]byte(m), &n); err != nil {
			r.t.Errorf("a sink was told %.200q: %v", m, err)
		}
		s.piece("message", n.Labels.Tenant+n.Alert.Tenant, m)
	}
}

// stored looks at what lies in the data directory.
func (r *run) stored(s *said) {
	r.t.Helper()
	st, err := store.OpenReadOnly(filepath.Join(r.dir, "data"))
	if err != nil {
		r.t.Fatal(err)
	}
	var b bytes.Buffer
	err = st.Ledger().Dump(&b)
	metas, e := st.Ledger().Metas()
	err = errors.Join(err, e)
	s.lines("ledger", b.String())
	sort.Slice(metas, func(i, j int) bool { return metas[i].Series < metas[j].Series })
	for _, m := range metas {
		text, e := json.Marshal(m)
		s.piece("series", m.Tenant, string(text))
		samples, e2 := st.Samples(m.Series, 0, kizashi.TimeOf(begin.Add(watched)))
		err = errors.Join(err, e, e2)
		h := fnv.New64a()
		fmt.Fprint(h, r.samples[m.Tenant], m.Series, samples)
		r.samples[m.Tenant] = h.Sum64()
	}
	if err := errors.Join(err, st.Close()); err != nil {
		r.t.Fatal(err)
	}
}

// Nothing of one tenant appears under another, and what fails at one disturbs
// nobody else.
func TestNoTenantSeesAnother(t *testing.T) {
	seeds := 1
	if os.Getenv("KIZASHI_SOAK") == "1" {
		seeds = 25
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(uint64(seed), 1))
			customers := draw(rnd, 5+rnd.IntN(3))
			s := &said{t: t, customers: customers, pieces: map[string]int{}}
			got := serve(t, customers, s)
			for _, where := range []string{"log line", "metric", "alert", "alert with its justification and texts", "message", "ledger", "series", "stdout", "cost"} {
				if s.pieces[where] == 0 {
					t.Errorf("no %s carries a mark: the test would show nothing there", where)
				}
			}
			t.Logf("%d tenants, marked pieces looked at: %v", len(customers), s.pieces)
			blind(t, got)
			undisturbed(t, got)
		})
	}
}

// blind checks that who cannot be seen is told of, and nobody else.
func blind(t *testing.T, got *run) {
	t.Helper()
	for _, c := range got.customers {
		n := 0
		for _, m := range got.told {
			if strings.Contains(m, `"`+c.tenant+`"`) && strings.Contains(strings.ToLower(m), "blind") {
				n++
			}
		}
		if (n > 0) != (c.fault != "") {
			t.Errorf("%s, whose fault is %q: %d messages about blindness", c.tenant, c.fault, n)
		}
	}
}

// undisturbed runs those who are well alone, and compares.
func undisturbed(t *testing.T, got *run) {
	t.Helper()
	well := slices.DeleteFunc(slices.Clone(got.customers), func(c *customer) bool { return c.fault != "" })
	alone := serve(t, well, &said{t: t, customers: well, pieces: map[string]int{}})
	for _, c := range well {
		a, b := got.alerts[c.tenant], alone.alerts[c.tenant]
		sort.Strings(a)
		sort.Strings(b)
		if len(b) == 0 {
			t.Errorf("%s has no alert: the test would show little", c.tenant)
		}
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("alerts of %s beside others that fail:\n%v\nand alone:\n%v", c.tenant, strings.Join(a, "\n"), strings.Join(b, "\n"))
		}
		if got.samples[c.tenant] != alone.samples[c.tenant] {
			t.Errorf("samples of %s differ from those alone", c.tenant)
		}
	}
}
