package sns

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
)

const topic = "arn:aws:sns:ap-northeast-1:123456789012:alerts"

// cloud answers Publish of the query protocol.
type cloud struct {
	*sinktest.Server
	code string // of the error that it answers whatever its mood
}

func newCloud(t *testing.T) *cloud {
	sinktest.AWS(t, "test", "test")
	c := &cloud{}
	c.Server = sinktest.NewServer(t, func(w http.ResponseWriter, r sinktest.Request) {
		form, err := url.ParseQuery(string(r.Body))
		switch {
		case err != nil || form.Get("Action") != "Publish" || !strings.Contains(r.Header.Get("Authorization"), "/ap-northeast-1/sns/"):
			fails(w, "InvalidAction", "because")
		case c.code != "":
			fails(w, c.code, "because")
		default:
			fmt.Fprint(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>`)
		}
	})
	c.Fail = func(w http.ResponseWriter, m sinktest.Mood, asked string) {
		fails(w, map[sinktest.Mood]string{sinktest.Busy: "Throttling", sinktest.Refusing: "InvalidParameter"}[m], asked)
	}
	return c
}

func fails(w http.ResponseWriter, code, why string) {
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, html.EscapeString(why))
}

// posts are the messages that it was sent.
func (c *cloud) posts(t *testing.T) (out []url.Values) {
	t.Helper()
	for _, r := range c.Taken() {
		form, err := url.ParseQuery(string(r.Body))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, form)
	}
	return out
}

func (c *cloud) received(t *testing.T) []sinktest.Told {
	var out []sinktest.Told
	for _, p := range c.posts(t) {
		m := read(t, p.Get("Message"))
		out = append(out, sinktest.Told{Key: m.DedupKey, Alert: m.Alert.ID, State: string(m.Alert.State), Text: p.Get("Message")})
	}
	return out
}

func read(t *testing.T, body string) Message {
	t.Helper()
	var m Message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatalf("the body is no JSON: %v", err)
	}
	return m
}

func (c *cloud) sink(t *testing.T, arn string) *Sink {
	t.Helper()
	s, err := New(t.Context(), Config{Topic: arn, Endpoint: c.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place {
		c := newCloud(t)
		return sinktest.Place{
			Sink: c.sink(t, topic), Set: c.Set, Received: func() []sinktest.Told { return c.received(t) },
			Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent},
		}
	})
}

func TestPublish(t *testing.T) {
	c := newCloud(t)
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	if err := c.sink(t, topic).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	got := c.posts(t)[0]
	if got.Get("TopicArn") != topic || got.Get("Subject") != "[FIRING] CPUUtilization of i-0abc is high" || got.Has("MessageGroupId") {
		t.Errorf("published %v", got)
	}
	m := read(t, got.Get("Message"))
	if m.Title != n.Title || m.Summary != n.Summary || m.Link != n.Link || m.Justification != n.Justification || m.DedupKey != "a1-1" || m.Truncated || m.Alert.Opening.Value != 97.5 {
		t.Errorf("body %s", got.Get("Message"))
	}
	attrs := map[string]string{}
	for i := 1; got.Has(fmt.Sprintf("MessageAttributes.entry.%d.Name", i)); i++ {
		entry := fmt.Sprintf("MessageAttributes.entry.%d.", i)
		attrs[got.Get(entry+"Name")] = got.Get(entry+"Value.DataType") + " " + got.Get(entry+"Value.StringValue")
	}
	if want := "map[class:String act severity:String act state:String firing tenant:String acme]"; fmt.Sprint(attrs) != want {
		t.Errorf("attributes %v, want %s", attrs, want)
	}
}

func TestFIFO(t *testing.T) {
	c := newCloud(t)
	s := c.sink(t, topic+".fifo")
	long := strings.Repeat("x", 200)
	for _, n := range []alert.Notification{
		sinktest.Notice("a1", 1, kizashi.Firing), sinktest.Notice("a1", 1, kizashi.Firing), sinktest.Notice("a1", 2, kizashi.Resolved),
		sinktest.Notice(long, 1, kizashi.Firing),
	} {
		if err := s.Send(t.Context(), n); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct{ group, dedup string }{{"a1", "a1-1"}, {"a1", "a1-1"}, {"a1", "a1-2"}} {
		if g, d := c.posts(t)[i].Get("MessageGroupId"), c.posts(t)[i].Get("MessageDeduplicationId"); g != want.group || d != want.dedup {
			t.Errorf("message %d: group %q, deduplication %q, want %v", i, g, d, want)
		}
	}
	if g, d := c.posts(t)[3].Get("MessageGroupId"), c.posts(t)[3].Get("MessageDeduplicationId"); len(g) > maxID || len(d) > maxID || g == d {
		t.Errorf("long ids: group %q, deduplication %q", g, d)
	}
}

func TestErrors(t *testing.T) {
	for code, permanent := range map[string]bool{
		"InvalidParameter": true, "InvalidParameterValue": true, "ParameterValueInvalid": true,
		"AuthorizationError": false, "NotFound": false, "KMSAccessDenied": false, "KMSNotFound": false, "InvalidSecurity": false, // somebody mends the place
		"Throttling": false, "Throttled": false, "InternalError": false, "ExpiredToken": false, "InvalidClientTokenId": false, "KMSThrottling": false,
	} {
		c := newCloud(t)
		c.code = code
		err := c.sink(t, topic).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing))
		if _, is := err.(alert.Permanent); err == nil || is != permanent || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: permanent is %t: %v", code, is, err)
		}
		if c.Asked() != 1 {
			t.Errorf("%s: %d requests; retries are the lane's", code, c.Asked())
		}
	}
}

func TestConfig(t *testing.T) {
	newCloud(t)
	for _, bad := range []string{"", "alerts", "arn:aws:sqs:r:1:q", "arn:aws:sns::1:t", "arn:aws:sns:r:1:", "arn:aws:sns:r:1:t:sub"} {
		if _, err := New(t.Context(), Config{Name: "mail", Topic: bad}); err == nil || !strings.Contains(err.Error(), `"mail"`) {
			t.Errorf("topic %q: %v", bad, err)
		}
	}
	s, err := New(t.Context(), Config{Topic: topic})
	if err != nil || s.Name() != "sns "+topic {
		t.Errorf("name %q, %v", s.Name(), err)
	}
}

func TestHeartbeat(t *testing.T) {
	var form url.Values
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		form = r.Form
		fmt.Fprint(w, `<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>`)
	}))
	defer srv.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	at := time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)
	for _, topic := range []string{"arn:aws:sns:us-east-1:123456789012:beats", "arn:aws:sns:us-east-1:123456789012:beats.fifo"} {
		h, err := NewHeartbeat(t.Context(), Config{Topic: topic, Endpoint: srv.URL}, "tokyo-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Beat(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		if m := form.Get("Message"); !strings.Contains(m, `"instance":"tokyo-1"`) || !strings.Contains(m, "2026-06-15T12:00:00Z") || form.Get("TopicArn") != topic {
			t.Errorf("published %v", form)
		}
		if fifo := form.Get("MessageGroupId") != ""; fifo != strings.HasSuffix(topic, ".fifo") {
			t.Errorf("group %q to %s", form.Get("MessageGroupId"), topic)
		}
	}
	srv.Close()
	h, err := NewHeartbeat(t.Context(), Config{Topic: "arn:aws:sns:us-east-1:123456789012:beats", Endpoint: srv.URL}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Beat(t.Context(), at); err == nil {
		t.Error("nobody is there, and no error")
	}
}
