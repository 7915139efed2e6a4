package eventbridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/awssink"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

// entry is one of PutEvents', as it goes over the wire.
type entry struct {
	Source, DetailType, Detail, EventBusName string
	Time                                     float64
}

// bus answers PutEvents, with moods.
type bus struct {
	*httptest.Server
	mu      sync.Mutex
	mood    sinktest.Mood
	moved   chan struct{}
	partial string // code of the entry, in an answer of 200
	header  http.Header
	body    []byte
	entries []entry
}

func newBus(t *testing.T) *bus {
	for name, v := range map[string]string{"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, v)
	}
	b := &bus{mood: sinktest.Well, moved: make(chan struct{})}
	b.Server = httptest.NewServer(b)
	t.Cleanup(func() { b.set(sinktest.Well); b.Close() })
	return b
}

func (b *bus) set(m sinktest.Mood) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.mood = m
	close(b.moved)
	b.moved = make(chan struct{})
}

func (b *bus) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	b.mu.Lock()
	mood, moved := b.mood, b.moved
	b.header, b.body = r.Header.Clone(), body
	b.mu.Unlock()
	fail := func(code int, name string) {
		w.Header().Set("X-Amzn-ErrorType", name)
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"__type":%q,"message":"because"}`, name)
	}
	switch mood {
	case sinktest.Silent:
		select {
		case <-moved:
		case <-r.Context().Done():
		}
		return
	case sinktest.Busy:
		fail(500, "InternalException")
		return
	case sinktest.Refusing:
		fail(400, "ResourceNotFoundException")
		return
	case sinktest.Absent:
		panic(http.ErrAbortHandler)
	}
	b.take(w, body)
}

func (b *bus) take(w http.ResponseWriter, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if b.partial != "" {
		fmt.Fprintf(w, `{"FailedEntryCount":1,"Entries":[{"ErrorCode":%q,"ErrorMessage":"because"}]}`, b.partial)
		return
	}
	var in struct{ Entries []entry }
	if err := json.Unmarshal(body, &in); err != nil {
		panic(err)
	}
	b.entries = append(b.entries, in.Entries...)
	fmt.Fprint(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}`)
}

func (b *bus) sink(t *testing.T) *Sink {
	t.Helper()
	s, err := New(t.Context(), Config{Bus: "ops", Region: "ap-northeast-1", Endpoint: b.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bus) received(t *testing.T) (out []sinktest.Told) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.entries {
		var d awssink.Body
		if err := json.Unmarshal([]byte(e.Detail), &d); err != nil {
			t.Fatalf("the detail is no JSON: %v", err)
		}
		out = append(out, sinktest.Told{Key: d.DedupKey, Alert: d.Alert.ID, State: string(d.Alert.State), Text: e.Detail})
	}
	return out
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place {
		b := newBus(t)
		return sinktest.Place{Sink: b.sink(t), Set: b.set, Received: func() []sinktest.Told { return b.received(t) },
			Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent}}
	})
}

func TestEntry(t *testing.T) {
	b := newBus(t)
	n := sinktest.Notice("a1", 2, kizashi.Resolved)
	if err := b.sink(t).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	sinktest.MatchesSnapshot(t, "eventbridge", "PutEvents", b.header, b.body)
	e := b.entries[0]
	if e.Source != Source || e.DetailType != DetailType || e.EventBusName != "ops" || kizashi.Time(e.Time*1000) != n.Alert.To {
		t.Errorf("entry %+v", e)
	}
}

// An answer of 200 may hold an entry that failed.
func TestFailedEntries(t *testing.T) {
	for code, permanent := range map[string]bool{"MalformedDetail": true, "NotAuthorizedForSource": true, "InternalFailure": false, "ThrottlingException": false} {
		b := newBus(t)
		b.partial = code
		err := b.sink(t).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		var p alert.Permanent
		if err == nil || errors.As(err, &p) != permanent || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: permanent is %t: %v", code, errors.As(err, &p), err)
		}
	}
}

// What is too long is cut, and says so.
func TestFits(t *testing.T) {
	b := newBus(t)
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	n.Message.Lead = strings.Repeat("ログ", 200_000)
	if err := b.sink(t).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	e := b.entries[0]
	var d awssink.Body
	if err := json.Unmarshal([]byte(e.Detail), &d); err != nil {
		t.Fatal(err)
	}
	if total := 14 + len(e.Source) + len(e.DetailType) + len(e.EventBusName) + len(e.Detail); total > maxEntry || !d.Truncated || d.Title != n.Title {
		t.Errorf("%d bytes, truncated %t", total, d.Truncated)
	}
}

func TestConfig(t *testing.T) {
	newBus(t)
	for _, bad := range []Config{{Name: "x", Bus: "arn:aws:sns:r:1:t", Region: "r"}, {Name: "x", Bus: "arn:aws:events:r:1:rule/y"}} {
		if _, err := New(t.Context(), bad); err == nil || !strings.Contains(err.Error(), `"x"`) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := New(t.Context(), Config{Name: "x", Bus: "ops"}); err == nil || !strings.Contains(err.Error(), "region is missing") {
		t.Errorf("without a region: %v", err)
	}
	s, err := New(t.Context(), Config{Bus: "arn:aws:events:eu-west-1:123456789012:event-bus/ops"})
	if err != nil || s.Name() != "eventbridge arn:aws:events:eu-west-1:123456789012:event-bus/ops" {
		t.Errorf("%v, %v", s, err)
	}
}
