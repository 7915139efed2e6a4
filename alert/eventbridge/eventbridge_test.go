package eventbridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
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

// bus answers PutEvents.
type bus struct {
	*sinktest.Server
	partial string // code of the entry, in an answer of 200
}

func newBus(t *testing.T) *bus {
	sinktest.AWS(t, "test", "test")
	b := &bus{}
	b.Server = sinktest.NewServer(t, func(w http.ResponseWriter, r sinktest.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if b.partial != "" {
			fmt.Fprintf(w, `{"FailedEntryCount":1,"Entries":[{"ErrorCode":%q,"ErrorMessage":"because"}]}`, b.partial)
			return
		}
		fmt.Fprint(w, `{"FailedEntryCount":0,"Entries":[{"EventId":"e1"}]}`)
	})
	b.Fail = func(w http.ResponseWriter, m sinktest.Mood, asked string) {
		code, name := 500, "InternalException"
		if m == sinktest.Refusing {
			code, name = 400, "ValidationException"
		}
		fails(w, code, name, asked)
	}
	return b
}

// fails answers as the service's JSON protocol does.
func fails(w http.ResponseWriter, code int, name, why string) {
	w.Header().Set("X-Amzn-ErrorType", name)
	w.WriteHeader(code)
	fmt.Fprintf(w, `{"__type":%q,"message":%q}`, name, why)
}

// entries are what it took.
func (b *bus) entries(t *testing.T) (out []entry) {
	t.Helper()
	for _, r := range b.Taken() {
		var in struct{ Entries []entry }
		if err := json.Unmarshal(r.Body, &in); err != nil {
			t.Fatalf("the request is no JSON: %v", err)
		}
		out = append(out, in.Entries...)
	}
	return out
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
	for _, e := range b.entries(t) {
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
		return sinktest.Place{Sink: b.sink(t), Set: b.Set, Received: func() []sinktest.Told { return b.received(t) },
			Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent}}
	})
}

func TestEntry(t *testing.T) {
	b := newBus(t)
	n := sinktest.Notice("a1", 2, kizashi.Resolved)
	if err := b.sink(t).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	sinktest.MatchesSnapshot(t, "eventbridge", "PutEvents", b.Taken()[0].Header, b.Taken()[0].Body)
	e := b.entries(t)[0]
	if e.Source != Source || e.DetailType != DetailType || e.EventBusName != "ops" || kizashi.Time(e.Time*1000) != n.Alert.To {
		t.Errorf("entry %+v", e)
	}
}

// An answer of 200 may hold an entry that failed.
func TestFailedEntries(t *testing.T) {
	for code, permanent := range map[string]bool{
		"MalformedDetail": true, "InvalidArgument": true, "InternalFailure": false, "ThrottlingException": false,
		"NotAuthorizedForSource": false, "AccessDeniedException": false, "ResourceNotFoundException": false, // somebody mends the place
	} {
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
	e := b.entries(t)[0]
	var d awssink.Body
	if err := json.Unmarshal([]byte(e.Detail), &d); err != nil {
		t.Fatal(err)
	}
	if total := 14 + len(e.Source) + len(e.DetailType) + len(e.EventBusName) + len(e.Detail); total > maxEntry || !d.Truncated || d.Title != n.Title {
		t.Errorf("%d bytes, truncated %t", total, d.Truncated)
	}
}

// What a call is answered is about the event, or about the place.
func TestAnswers(t *testing.T) {
	for code, permanent := range map[string]bool{
		"ValidationException": true, "AccessDeniedException": false, "ResourceNotFoundException": false, "ExpiredTokenException": false, "ThrottlingException": false,
	} {
		b := newBus(t)
		b.Fail = func(w http.ResponseWriter, _ sinktest.Mood, asked string) { fails(w, 400, code, asked) }
		b.Set(sinktest.Busy)
		err := b.sink(t).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		var p alert.Permanent
		if err == nil || errors.As(err, &p) != permanent || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: permanent is %t: %v", code, errors.As(err, &p), err)
		}
		if b.Asked() != 1 {
			t.Errorf("%s: %d requests; retries are the lane's", code, b.Asked())
		}
	}
}

// What a stranger wrote stays a text of the detail.
func TestCanaries(t *testing.T) {
	b := newBus(t)
	sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place {
		return sinktest.Place{Sink: b.sink(t), Set: b.Set, Received: func() []sinktest.Told { return b.received(t) }}
	}, func(t *testing.T, told sinktest.Told) {
		var d map[string]any
		if err := json.Unmarshal([]byte(told.Text), &d); err != nil || d["admin"] != nil {
			t.Errorf("%v: %s", err, told.Text)
		}
		all := b.entries(t)
		if e := all[len(all)-1]; e.Source != Source || e.DetailType != DetailType || e.EventBusName != "ops" {
			t.Errorf("entry %+v", e)
		}
	})
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets.AWS
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		b := newBus(t)
		sinktest.AWS(t, "test", x)
		return sinktest.Place{Sink: b.sink(t), Set: b.Set, Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Absent}}
	}, x)
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
