package opsitem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/sinktest"
	"github.com/kizashi-ops/kizashi/awsfake"
)

const region = "ap-northeast-1"

// center is an OpsCenter of the AWS fake, with moods.
type center struct {
	*httptest.Server
	cloud *awsfake.Cloud
	ops   *awsfake.Region

	mu    sync.Mutex
	mood  sinktest.Mood
	moved chan struct{}
	blind bool                 // the list of items is empty, as if behind
	last  map[string][2][]byte // operation: its headers' lines, its body
	head  map[string]http.Header
	told  []sinktest.Told
}

func newCenter(t *testing.T) *center {
	c := &center{cloud: awsfake.NewCloud(time.Now), mood: sinktest.Well, moved: make(chan struct{}), last: map[string][2][]byte{}, head: map[string]http.Header{}}
	a := c.cloud.Account("123456789012")
	c.ops = a.Region(region)
	id, secret := a.Keys()
	for name, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, v)
	}
	c.Server = httptest.NewServer(c)
	t.Cleanup(func() { c.set(sinktest.Well); c.Close() })
	return c
}

func (c *center) set(m sinktest.Mood) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mood = m
	close(c.moved)
	c.moved = make(chan struct{})
}

func (c *center) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c.mu.Lock()
	mood, moved, blind := c.mood, c.moved, c.blind
	c.head[op], c.last[op] = r.Header.Clone(), [2][]byte{nil, body}
	c.mu.Unlock()
	fail := func(code int, name string) {
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"__type":%q,"message":"because"}`, name)
	}
	switch {
	case mood == sinktest.Silent:
		select {
		case <-moved:
		case <-r.Context().Done():
		}
	case mood == sinktest.Busy:
		fail(400, "ThrottlingException")
	case mood == sinktest.Refusing:
		fail(400, "AccessDeniedException")
	case mood == sinktest.Absent:
		panic(http.ErrAbortHandler)
	case blind && op == "DescribeOpsItems":
		fmt.Fprint(w, `{"OpsItemSummaries":[]}`)
	default:
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.cloud.ServeHTTP(w, r)
		c.note(op)
	}
}

// note takes down what the item says after a change of it.
func (c *center) note(op string) {
	if op != "CreateOpsItem" && op != "UpdateOpsItem" {
		return
	}
	var newest awsfake.OpsItem
	for _, o := range c.ops.OpsItems() {
		if !o.Modified.Before(newest.Modified) {
			newest = o
		}
	}
	state := "firing"
	if newest.Status == "Resolved" {
		state = "resolved"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, sinktest.Told{Key: newest.Data[threadKey], Alert: newest.Data[alertKey], State: state, Text: newest.Title + "\n" + newest.Description})
}

func (c *center) received() []sinktest.Told {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]sinktest.Told(nil), c.told...)
}

func (c *center) sink(t *testing.T) *Sink {
	t.Helper()
	s, err := New(t.Context(), Config{Region: region, Endpoint: c.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestContract(t *testing.T) {
	sinktest.Run(t, func(t *testing.T) sinktest.Place {
		c := newCenter(t)
		return sinktest.Place{Sink: c.sink(t), Set: c.set, Received: c.received,
			Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Silent, sinktest.Absent}}
	})
}

// One item an episode: opened, brought up to date, resolved, opened again.
func TestOneItemAnEpisode(t *testing.T) {
	c := newCenter(t)
	s, kept := c.sink(t), ""
	var story []string
	for i, state := range []kizashi.AlertState{kizashi.Firing, kizashi.Firing, kizashi.Resolved, kizashi.Firing, kizashi.Resolved} {
		n := sinktest.Notice("a1", i+1, state)
		n.Severity = alert.Critical
		if i == 3 {
			kept = "" // as after the loss of the outbox
		}
		var err error
		if kept, err = s.SendKept(t.Context(), n, kept); err != nil {
			t.Fatal(err)
		}
		items := c.ops.OpsItems()
		story = append(story, fmt.Sprintf("%d %s %s", len(items), items[0].Status, items[0].Severity))
		if kept != items[0].ID {
			t.Errorf("kept %q, the item is %q", kept, items[0].ID)
		}
	}
	if got, want := strings.Join(story, ", "), "1 Open 1, 1 Open 1, 1 Resolved 1, 1 Open 1, 1 Resolved 1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	sinktest.MatchesSnapshot(t, "ssm", "CreateOpsItem", c.head["CreateOpsItem"], c.last["CreateOpsItem"][1])
	sinktest.MatchesSnapshot(t, "ssm", "UpdateOpsItem", c.head["UpdateOpsItem"], c.last["UpdateOpsItem"][1])
	sinktest.MatchesSnapshot(t, "ssm", "DescribeOpsItems", c.head["DescribeOpsItems"], c.last["DescribeOpsItems"][1])
}

// The answer to CreateOpsItem was lost, and the list of items does not show it
// yet: OpsCenter's own rule against doubles names the item.
func TestNoSecondItemWhereTheListIsBehind(t *testing.T) {
	c := newCenter(t)
	s := c.sink(t)
	c.blind = true
	for range 2 {
		if err := s.Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.ops.OpsItems()); n != 1 {
		t.Errorf("%d items of one episode", n)
	}
}

func TestTheEndOfWhatHasNoItem(t *testing.T) {
	c := newCenter(t)
	if err := c.sink(t).Send(t.Context(), sinktest.Notice("a1", 2, kizashi.Resolved)); err != nil || len(c.ops.OpsItems()) != 0 {
		t.Errorf("%v, %d items", err, len(c.ops.OpsItems()))
	}
}

// Lengths are held on runes, and nothing in a text is Markdown or HTML.
func TestTexts(t *testing.T) {
	c := newCenter(t)
	n := sinktest.Notice("a1", 1, kizashi.Firing)
	n.Message = alert.Message{Title: strings.Repeat("長", 5000) + "\r\nx", Lead: "<img src=x> [a](http://evil) **b** `c`" + strings.Repeat("あ", 5000)}
	if err := c.sink(t).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	o := c.ops.OpsItems()[0]
	if len([]rune(o.Title)) > maxTitle || len([]rune(o.Description)) > maxDescription || strings.ContainsAny(o.Title, "\r\n") {
		t.Errorf("title of %d and description of %d runes", len([]rune(o.Title)), len([]rune(o.Description)))
	}
	if want := `\<img src=x\> \[a\](http://evil) \*\*b\*\* ` + "\\`c\\`"; !strings.HasPrefix(o.Description, want) {
		t.Errorf("description begins %q, want %q", o.Description[:60], want)
	}
}

func TestConfig(t *testing.T) {
	newCenter(t)
	for _, bad := range []string{"aws alerts", "my-Amazon", strings.Repeat("x", 129)} {
		if _, err := New(t.Context(), Config{Name: "ops", Region: region, Source: bad}); err == nil || !strings.Contains(err.Error(), `"ops"`) {
			t.Errorf("source %q: %v", bad, err)
		}
	}
	if _, err := New(t.Context(), Config{}); err == nil || !strings.Contains(err.Error(), "region") {
		t.Errorf("without a region: %v", err)
	}
	var p alert.Permanent
	c := newCenter(t)
	c.set(sinktest.Refusing)
	if err := c.sink(t).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); !errors.As(err, &p) {
		t.Errorf("a missing permission: %v, want Permanent", err)
	}
}
