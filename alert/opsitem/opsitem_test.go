package opsitem

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
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

// center is an OpsCenter of the AWS fake.
type center struct {
	*sinktest.Server
	ops *awsfake.Region

	mu    sync.Mutex
	blind bool                        // the list of items is empty, as if behind
	last  map[string]sinktest.Request // by operation
	told  []sinktest.Told
}

func newCenter(t *testing.T) *center {
	cloud := awsfake.NewCloud(time.Now)
	a := cloud.Account("123456789012")
	c := &center{ops: a.Region(region), last: map[string]sinktest.Request{}}
	id, secret := a.Keys()
	sinktest.AWS(t, id, secret)
	c.Server = sinktest.NewServer(t, func(w http.ResponseWriter, r sinktest.Request) {
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		c.mu.Lock()
		c.last[op] = r
		blind := c.blind
		c.mu.Unlock()
		if blind && op == "DescribeOpsItems" {
			fmt.Fprint(w, `{"OpsItemSummaries":[]}`)
			return
		}
		cloud.ServeHTTP(w, r.HTTP(t.Context()))
		c.note(op)
	})
	c.Fail = func(w http.ResponseWriter, m sinktest.Mood, asked string) {
		fails(w, map[sinktest.Mood]string{sinktest.Busy: "ThrottlingException", sinktest.Refusing: "OpsItemInvalidParameterException"}[m], asked)
	}
	return c
}

// fails answers as the service's JSON protocol does.
func fails(w http.ResponseWriter, name, why string) {
	w.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(w, `{"__type":%q,"message":%q}`, name, why)
}

// note takes down what the item says after a change of it.
func (c *center) note(op string) {
	if op != "CreateOpsItem" && op != "UpdateOpsItem" {
		return
	}
	newest := c.newest()
	state := "firing"
	if newest.Status == "Resolved" {
		state = "resolved"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told = append(c.told, sinktest.Told{Key: newest.Data[threadKey], Alert: newest.Data[alertKey], State: state, Text: newest.Title + "\n" + newest.Description})
}

// newest is the item that was changed last.
func (c *center) newest() (newest awsfake.OpsItem) {
	for _, o := range c.ops.OpsItems() {
		if !o.Modified.Before(newest.Modified) {
			newest = o
		}
	}
	return newest
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
		return sinktest.Place{Sink: c.sink(t), Set: c.Set, Received: c.received,
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
	sinktest.MatchesSnapshot(t, "ssm", "CreateOpsItem", c.last["CreateOpsItem"].Header, c.last["CreateOpsItem"].Body)
	sinktest.MatchesSnapshot(t, "ssm", "UpdateOpsItem", c.last["UpdateOpsItem"].Header, c.last["UpdateOpsItem"].Body)
	sinktest.MatchesSnapshot(t, "ssm", "DescribeOpsItems", c.last["DescribeOpsItems"].Header, c.last["DescribeOpsItems"].Body)
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

// A test of the way opens an item, and closes it.
func TestATestIsSeen(t *testing.T) {
	c := newCenter(t)
	n := sinktest.Notice("a1", 1, kizashi.Resolved)
	n.Thread = &alert.Thread{ID: "t1", State: kizashi.Resolved, Reason: alert.ReasonTest}
	if err := c.sink(t).Send(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if items := c.ops.OpsItems(); len(items) != 1 || items[0].Status != "Resolved" {
		t.Errorf("%+v", items)
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
}

// What is wrong with the rights or with a full OpsCenter is for somebody to
// mend; what is wrong with the item, not.
func TestAnswers(t *testing.T) {
	for code, permanent := range map[string]bool{
		"OpsItemInvalidParameterException": true, "ValidationException": true,
		"AccessDeniedException": false, "OpsItemAccessDeniedException": false, "OpsItemLimitExceededException": false, "ThrottlingException": false, "InternalServerError": false,
	} {
		c := newCenter(t)
		c.Fail = func(w http.ResponseWriter, _ sinktest.Mood, asked string) { fails(w, code, asked) }
		c.Set(sinktest.Busy)
		var p alert.Permanent
		if err := c.sink(t).Send(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing)); err == nil || errors.As(err, &p) != permanent {
			t.Errorf("%s: permanent is %t: %v", code, errors.As(err, &p), err)
		}
	}
}

// The item that was kept is gone: another is opened, and kept.
func TestADeletedItem(t *testing.T) {
	c := newCenter(t)
	s := c.sink(t)
	kept, err := s.SendKept(t.Context(), sinktest.Notice("a1", 1, kizashi.Firing), "oi-000000000000")
	if items := c.ops.OpsItems(); err != nil || len(items) != 1 || kept != items[0].ID {
		t.Errorf("kept %q of %d items, %v", kept, len(items), err)
	}
	// The end of a thread whose item is gone is nothing to tell.
	if kept, err := s.SendKept(t.Context(), sinktest.Notice("a2", 2, kizashi.Resolved), "oi-000000000000"); err != nil || kept != "" || len(c.ops.OpsItems()) != 1 {
		t.Errorf("kept %q of %d items, %v", kept, len(c.ops.OpsItems()), err)
	}
}

// unescaped is a character of Markdown's that nothing keeps from its effect.
var unescaped = regexp.MustCompile("(^|[^\\\\])(\\\\\\\\)*[][`<>#|!~_*]")

// ours are the parts of a description that are Markdown: links to us, and the
// names of facts.
var ours = regexp.MustCompile(`\]\(https://kizashi\.example/[^()<>\[\]\s]*\)|(?m)^- (\[|\*\*)|\*\*: `)

// What a stranger wrote is Markdown nowhere, and leads nowhere.
func TestCanaries(t *testing.T) {
	c := newCenter(t)
	s := c.sink(t)
	sinktest.RunCanaries(t, func(t *testing.T) sinktest.Place {
		return sinktest.Place{Sink: s, Set: c.Set, Received: c.received}
	}, func(t *testing.T, told sinktest.Told) {
		title, text, _ := strings.Cut(told.Text, "\n")
		if strings.ContainsAny(title, "\r\n") || len([]rune(title)) > maxTitle || len([]rune(text)) > maxDescription {
			t.Errorf("title %q, %d characters of text", title, len([]rune(text)))
		}
		if rest := ours.ReplaceAllString(text, ""); unescaped.MatchString(rest) {
			t.Errorf("Markdown in %q: %q", rest, unescaped.FindString(rest))
		}
		for key, v := range c.newest().Data {
			if strings.ContainsFunc(v, sinktest.Acts) {
				t.Errorf("%s is %q", key, v)
			}
		}
	})
}

func TestSecrets(t *testing.T) {
	x := sinktest.Secrets.AWS
	sinktest.RunSecrets(t, func(t *testing.T) sinktest.Place {
		c := newCenter(t)
		sinktest.AWS(t, "test", x)
		return sinktest.Place{Sink: c.sink(t), Set: c.Set, Moods: []sinktest.Mood{sinktest.Busy, sinktest.Refusing, sinktest.Absent}}
	}, x)
}
