package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// receiver is a fake Alertmanager and a fake SNS: it takes everything and
// remembers it.
type receiver struct {
	url  string
	hang atomic.Bool  // the Alertmanager takes requests and answers none
	next http.Handler // the real Alertmanager to which requests go on; nil = there is none

	mu     sync.Mutex
	states map[string][]string // of the Alertmanager, by alert: changes of state as told
	keys   map[string]int      // of SNS: requests by deduplication key
	notes  map[string]int      // about Kizashi's own work, by sink, name and what distinguishes two of them: beginnings told
}

func receive(t *testing.T, now func() time.Time) *receiver {
	r := &receiver{states: map[string][]string{}, keys: map[string]int{}, notes: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v2/alerts", func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return // who sent it is gone
		}
		q.Body = io.NopCloser(bytes.NewReader(body))
		r.alertmanager(t, q, now())
		if r.next != nil {
			q.Body = io.NopCloser(bytes.NewReader(body))
			r.next.ServeHTTP(w, q)
		}
	})
	mux.HandleFunc("POST /", func(w http.ResponseWriter, q *http.Request) { r.sns(t, w, q) })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	r.url = srv.URL
	return r
}

func (r *receiver) alertmanager(t *testing.T, q *http.Request, now time.Time) {
	var as []struct {
		Labels map[string]string
		EndsAt time.Time
	}
	if err := json.NewDecoder(q.Body).Decode(&as); err != nil {
		t.Errorf("Alertmanager was sent: %v", err)
	}
	if r.hang.Load() {
		<-q.Context().Done()
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range as {
		id, state := a.Labels["kizashi_id"], "firing"
		if !a.EndsAt.After(now) {
			state = "resolved"
		}
		if about(a.Labels["name"]) {
			if state == "firing" {
				r.notes["alertmanager "+a.Labels["name"]+" "+id] = 1 // it is reminded of what stands
			}
			continue
		}
		if s := r.states[id]; len(s) == 0 || s[len(s)-1] != state {
			r.states[id] = append(s, state)
		}
	}
}

func (r *receiver) sns(t *testing.T, w http.ResponseWriter, q *http.Request) {
	if err := q.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest) // its sender was killed while it sent
		return
	}
	var n alert.Notification
	if err := json.Unmarshal([]byte(q.PostFormValue("Message")), &n); err != nil {
		t.Errorf("SNS was sent: %v", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := n.Alert; about(a.Labels.Get("name")) {
		if a.State == kizashi.Firing {
			r.notes["sns "+a.Labels.Get("name")+" "+a.ID]++
		}
		fmt.Fprint(w, published)
		return
	}
	r.keys[fmt.Sprintf("%s %s", n.DedupKey, n.Alert.State)]++
	fmt.Fprint(w, published)
}

const published = `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`

// about says that an alert is a note about Kizashi's own work: of the moment
// at which that was done, so that two runs differ in it.
func about(name string) bool { return name == "first look" || name == "absence" }

// told are the notes of a name that a sink was told of.
func (r *receiver) told(sink, name string) (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for k := range r.notes {
		if strings.HasPrefix(k, sink+" "+name+" ") {
			n++
		}
	}
	return n
}
