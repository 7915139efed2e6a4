package alertmanager

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// peer is an Alertmanager.
type peer struct{ *sinktest.Server }

type request struct {
	method, path, kind, user, pass string
	alerts                         []postable
	body                           string
}

func newPeer(t *testing.T) peer {
	return peer{sinktest.NewServer(t, func(w http.ResponseWriter, r sinktest.Request) {
		if err := json.Unmarshal(r.Body, new([]postable)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})}
}

// posts are what it took.
func (p peer) posts() (out []request) {
	for _, r := range p.Taken() {
		req := request{method: r.Method, path: r.Path, kind: r.Header.Get("Content-Type"), body: string(r.Body)}
		req.user, req.pass, _ = (&http.Request{Header: r.Header}).BasicAuth()
		if json.Unmarshal(r.Body, &req.alerts) == nil {
			out = append(out, req)
		}
	}
	return out
}

// received tells alerts apart as Alertmanager does: by their labels.
func (p peer) received() []sinktest.Told {
	var out []sinktest.Told
	for _, r := range p.posts() {
		for _, a := range r.alerts {
			state := kizashi.Firing
			if a.EndsAt.Before(noon) {
				state = kizashi.Resolved
			}
			out = append(out, sinktest.Told{Key: fmt.Sprint(a.Labels), Alert: a.Labels["kizashi_id"], State: string(state), Text: r.body})
		}
	}
	return out
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func newSink(t *testing.T, url string) *Sink {
	s, err := New(Config{URL: url, Resend: time.Minute, Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place {
		p := newPeer(t)
		return sinktest.Place{
			Sink: newSink(t, p.URL), Set: p.Set, Received: p.received,
			Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent, sinktest.Waiting},
		}
	})
}

func TestPost(t *testing.T) {
	p := newPeer(t)
	s := newSink(t, strings.Replace(p.URL, "http://", "http://me:secret@", 1)+"/prefix/")
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	if err := s.Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	got := p.posts()[0]
	if got.method != "POST" || got.path != "/prefix/api/v2/alerts" || got.kind != "application/json" || got.user != "me" || got.pass != "secret" {
		t.Errorf("%s %s %s by %s:%s", got.method, got.path, got.kind, got.user, got.pass)
	}
	a := got.alerts[0]
	want := map[string]string{
		"alertname": "Kizashi", "kizashi_id": "a1", "tenant": "acme", "series": "CPUUtilization", "class": "act", "side": "up",
		"name": "CPUUtilization", "InstanceId": "i-0abc", "aws_autoscaling": "web", "__": "運用",
	}
	if !maps.Equal(a.Labels, want) {
		t.Errorf("labels\n%v, want\n%v", a.Labels, want)
	}
	want = map[string]string{
		"summary": n.Title, "description": n.Summary, "justification": "sha256:feed", "link": n.Link, "runbook": "restart it",
	}
	if !maps.Equal(a.Annotations, want) {
		t.Errorf("annotations\n%v, want\n%v", a.Annotations, want)
	}
	if a.GeneratorURL != n.Link || !a.StartsAt.Equal(n.Alert.From.UTC()) || !a.EndsAt.Equal(noon.Add(4*time.Minute)) {
		t.Errorf("from %s to %s, generator %s", a.StartsAt, a.EndsAt, a.GeneratorURL)
	}
}

func TestTheEndIsTheRealOne(t *testing.T) {
	s := newSink(t, "http://127.0.0.1:9")
	n := sinktest.Notice("a1", 2, kizashi.Resolved)
	if p := s.postable(n); !p.EndsAt.Equal(n.Alert.To.UTC()) || !p.StartsAt.Equal(n.Alert.From.UTC()) {
		t.Errorf("from %s to %s", p.StartsAt, p.EndsAt)
	}
	n.Alert.To = n.Alert.From.Add(-time.Second)
	if p := s.postable(n); p.EndsAt.Before(p.StartsAt) {
		t.Errorf("ends at %s before it starts at %s", p.EndsAt, p.StartsAt)
	}
}

func TestNothingMeasuredIsInTheLabels(t *testing.T) {
	s := newSink(t, "http://127.0.0.1:9")
	one, two := sinktest.Notice("a1", 1, kizashi.Firing), sinktest.Notice("a1", 7, kizashi.Resolved)
	two.Title, two.Summary, two.Link, two.Fields, two.Lang = "x", "y", "", nil, "ja"
	two.Alert.Peak.Value, two.Alert.From, two.Alert.Reopened, two.Alert.Models = 1e9, two.Alert.To, 3, []string{"spike"}
	if a, b := s.postable(one).Labels, s.postable(two).Labels; !maps.Equal(a, b) {
		t.Errorf("labels %v became %v: another alert for Alertmanager", a, b)
	}
}

func TestLabelNames(t *testing.T) {
	a := kizashi.Alert{ID: "a1", Labels: kizashi.LabelsOf(map[string]string{
		"tenant": "theirs", "a.b": "1", "a-b": "2", "a b": "3", "9lives": "4", "名前": "5", "場所": "6", "ok_1": "7",
	})}
	for range 10 {
		got := labels(a)
		want := map[string]string{
			"alertname": "Kizashi", "kizashi_id": "a1", "side": "both", "series": a.Labels.String(),
			"tenant": "theirs", "a_b": "3", "a_b_2": "2", "a_b_3": "1", "_9lives": "4", "__": "5", "___2": "6", "ok_1": "7",
		}
		want["tenant_2"], want["tenant"] = "theirs", ""
		delete(want, "tenant") // ours is empty, and empty means absent
		if !maps.Equal(got, want) {
			t.Fatalf("labels\n%v, want\n%v", got, want)
		}
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		code      int
		permanent bool
	}{
		{400, true}, {413, true}, {422, true},
		{301, false}, {302, false}, {307, false}, {401, false}, {403, false}, {404, false}, // somebody mends the place
		{408, false}, {425, false}, {429, false}, {500, false}, {502, false}, {503, false}, {504, false},
	} {
		calls := 0
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls++
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.code)
			io.WriteString(w, "because\n\x1b[31mof\x00")
		}))
		err := newSink(t, srv.URL).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		_, permanent := err.(alert.Permanent)
		if err == nil || permanent != c.permanent || calls != 1 {
			t.Errorf("%d: permanent %t after %d calls: %v", c.code, permanent, calls, err)
		}
		says := "because [31mof"
		if c.code/100 == 3 {
			says = "redirects are not followed"
		}
		if err != nil && (!strings.Contains(err.Error(), fmt.Sprint(c.code)) || !strings.Contains(err.Error(), says)) {
			t.Errorf("%d: the error is %q", c.code, err)
		}
		srv.Close()
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct{ url, want string }{
		{"", "want http://"}, {"am:9093", "want http://"}, {"ftp://am", "want http://"}, {"http://", "want http://"},
		{"http://am?x=1", "want http://"}, {"http://me:secret@am:port", "cannot be read"}, {"ftp://me:secret@am", "want http://"},
	} {
		_, err := New(Config{Name: "prod", URL: c.url, Resend: time.Minute})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), `"prod"`) {
			t.Errorf("url %q: %v", c.url, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	if _, err := New(Config{URL: "http://am"}); err == nil || !strings.Contains(err.Error(), "resend") {
		t.Errorf("no resend: %v", err)
	}
}

func TestPasswordsStayHidden(t *testing.T) {
	s := newSink(t, "http://me:secret@127.0.0.1:1/am")
	err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
	if err == nil || strings.Contains(err.Error()+s.Name(), "secret") {
		t.Errorf("name %q, error %v", s.Name(), err)
	}
	if _, permanent := err.(alert.Permanent); permanent {
		t.Errorf("nobody there is permanent: %v", err)
	}
}

func TestPeersHaveNamesOfTheirOwn(t *testing.T) {
	var names []string
	for _, u := range []string{"http://am1:9093", "http://am2:9093/", "http://am2:9093/prefix", "http://me:secret@am3"} {
		names = append(names, newSink(t, u).Name())
	}
	want := []string{"alertmanager am1:9093", "alertmanager am2:9093", "alertmanager am2:9093/prefix", "alertmanager am3"}
	if !slices.Equal(names, want) {
		t.Errorf("names %q, want %q", names, want)
	}
}

// What a stranger wrote stays a value of a label or an annotation, without
// what a terminal acts on.
func TestCanaries(t *testing.T) {
	p := newPeer(t)
	sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place {
		return sinktest.Place{Sink: newSink(t, p.URL), Set: p.Set, Received: p.received}
	}, func(t *testing.T, told sinktest.Told) {
		var posted []postable
		d := json.NewDecoder(strings.NewReader(told.Text))
		d.DisallowUnknownFields()
		if err := d.Decode(&posted); err != nil || len(posted) != 1 {
			t.Fatalf("%v: %s", err, told.Text)
		}
		for _, m := range []map[string]string{posted[0].Labels, posted[0].Annotations} {
			for name, v := range m {
				if name != validName(name) || v == "" || strings.ContainsFunc(v, sinktest.Acts) || strings.ContainsAny(v, "\r\t") {
					t.Errorf("%q is %q", name, v)
				}
			}
		}
	})
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets.URLPassword
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		p := newPeer(t)
		return sinktest.Place{
			Sink: newSink(t, strings.Replace(p.URL, "http://", "http://kizashi:"+x+"@", 1)), Set: p.Set, Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Absent, sinktest.Waiting},
		}
	}, x, base64.StdEncoding.EncodeToString([]byte("kizashi:"+x)))
}
