package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/ingest/metricfilter"
)

// Groups are chosen by name, prefix, tag and class; the first rule that fits
// says how.
func TestChoice(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.cfg.Labels, w.cfg.GroupBy = map[string]string{"env": "prod"}, "tag_system"
		w.cfg.Rules = []logs.Rule{
			{Prefix: "/aws/lambda/dev-", Skip: true},
			{Name: "/aws/*/orders*", Labels: map[string]string{"service": "orders"}},
			{Tags: map[string]string{"team": "sh*"}, Group: "shop"},
			{Class: "INFREQUENT_ACCESS", Prefix: "/cheap/"},
		}
	})
	for name, tags := range map[string]map[string]string{"/aws/lambda/dev-orders": nil, "/aws/lambda/orders-v2": nil, "/aws/lambda/other": nil,
		"/tagged/shop": {"team": "shop", "system": "web"}, "/tagged/shoes": {"team": "shoes"}, "/tagged/ops": {"team": "ops"}, "/cheap/a": nil, "/cheap/b": nil} {
		class := ""
		if name == "/cheap/a" {
			class = "INFREQUENT_ACCESS"
		}
		w.region.LogGroup(awsfake.LogGroup{Name: name, Class: class, Created: noon.Add(-time.Hour), Tags: tags})
	}
	w.open()
	bs := w.run(noon.Add(time.Minute))
	got := map[string]string{}
	for _, b := range bs {
		for _, d := range b.Declare {
			m := d.Meta
			got[m.Name()] = m.Group + " " + m.Labels.Get("service") + m.Labels.Get("env") + m.Labels.Get("tag_team")
		}
	}
	want := map[string]string{"/aws/lambda/orders-v2": "/aws/lambda/orders-v2 ordersprod", "/tagged/shop": "web prodshop", "/tagged/shoes": "shop prodshoes", "/cheap/a": "/cheap/a prod"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// The hold-back of a group is changed over a restart: it goes to another
// partition, and every line comes once, the old partition closes.
func TestHoldBackIsChanged(t *testing.T) {
	w := newWorld(t, nil)
	puts := w.pour(5)
	w.open()
	w.run(noon.Add(20 * time.Minute))
	n := len(w.journal)
	w.cfg.Rules = []logs.Rule{{Prefix: "/app/1", HoldBack: minutes(10)}, {HoldBack: minutes(5)}}
	w.open()
	w.run(noon.Add(80 * time.Minute))
	s := strings.Join(story(w.journal[n:]), "\n")
	for _, line := range []string{"main 2m0s: close at 12:20", "main 5m0s: join at 12:20", "main 10m0s: join at 12:20"} {
		if !strings.Contains(s, line) {
			t.Errorf("%q is not in\n%s", line, s)
		}
	}
	wantOnce(t, puts, w.journal, noon.Add(-time.Hour), noon.Add(60*time.Minute), 5*time.Minute, true)
	w.check()
}

// A group that is left out over a restart has ended; taken in again, it goes on
// without its history being read twice.
func TestGroupLeftOut(t *testing.T) {
	w := newWorld(t, nil)
	w.ticking("/a", "/b")
	w.open()
	w.run(noon.Add(10 * time.Minute))
	standing := map[kizashi.Partition][]kizashi.Standing{}
	for _, b := range w.journal {
		for _, d := range b.Declare {
			if k := b.Partition; k.Backfill == "" {
				standing[k] = append(standing[k], kizashi.Standing{Declaration: d})
			}
		}
	}
	w.cfg.Earlier = func() map[kizashi.Partition][]kizashi.Standing { return standing }
	w.cfg.Rules = []logs.Rule{{Name: "/b", Skip: true}, {}}
	n := len(w.journal)
	w.open()
	w.run(noon.Add(20 * time.Minute))
	wantStory(t, story(w.journal[n:]), "main 2m0s: /a from 12:10", "main 2m0s: /b from 12:10 ended: left out")
	w.cfg.Rules, w.cfg.Earlier = []logs.Rule{{}}, nil
	n = len(w.journal)
	w.open()
	w.run(noon.Add(30 * time.Minute))
	wantStory(t, story(w.journal[n:]), "main 2m0s: /a from 12:20", "main 2m0s: /b from 12:20")
	got := lines(t, w.journal)
	for i := 62; i < 86; i++ {
		if _, ok := got[fmt.Sprint("/a ", i)]; !ok {
			t.Errorf("/a %d did not come", i)
		}
	}
	w.check()
}

// A group that begins while the source runs has what it had before it was
// found read first.
func TestGroupFoundLater(t *testing.T) {
	w := newWorld(t, nil)
	w.ticking("/a")
	w.open()
	w.run(noon.Add(10 * time.Minute))
	n := len(w.journal)
	w.region.LogGroup(awsfake.LogGroup{Name: "/new", Created: noon.Add(11 * time.Minute)})
	for i := range 60 {
		w.region.Log("/new", "s", noon.Add(12*time.Minute+time.Duration(i)*20*time.Second), fmt.Sprint("/new ", i))
	}
	w.run(noon.Add(45 * time.Minute))
	s := story(w.journal[n:])
	if len(s) != 5 || !strings.HasPrefix(s[0], "found: join at ") || !strings.HasPrefix(s[1], "found: handover at 12:1") ||
		!strings.HasPrefix(s[2], "found: /new from ") || !strings.HasPrefix(s[3], "main 2m0s: /new from 12:1") && !strings.HasPrefix(s[3], "found: close") {
		t.Errorf("%q", s)
	}
	got := lines(t, w.journal)
	for i := range 60 {
		if l, ok := got[fmt.Sprint("/new ", i)]; !ok || l.Late {
			t.Errorf("/new %d: %v, late %v", i, ok, l.Late)
		}
	}
	w.check()
}

// What a line has of persons and secrets is gone before it leaves the source,
// in whatever it says.
func TestMaskIsTheLastStep(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.cfg.Mask = func(dst, text []byte) []byte {
			return append(dst, strings.ReplaceAll(string(text), "taro@example.jp", "<email>")...)
		}
	})
	w.cfg.Rules = []logs.Rule{{Metrics: []metricfilter.Metric{{Namespace: "Acme", Name: "Seen", Filter: "[kind, of, user]", Value: "1", Dimensions: map[string]string{"User": "$user"}}}}}
	w.region.Log("/a", "taro@example.jp", noon.Add(-10*time.Minute), "history of taro@example.jp")
	w.region.Log("/a", "s", noon.Add(5*time.Minute), "live of taro@example.jp")
	w.region.LogSeen("/a", "s", noon.Add(6*time.Minute), "late, of taro@example.jp", noon.Add(12*time.Minute))
	w.open()
	bs := w.run(noon.Add(25 * time.Minute))
	if n := len(lines(t, bs)); n != 3 {
		t.Errorf("%d lines", n)
	}
	if n := counted(t, bs, "Seen"); len(n) != 2 {
		t.Errorf("%d minutes of the metric", len(n))
	}
	if text := fmt.Sprintf("%+v", bs) + w.logged.String(); strings.Contains(text, "taro") || !strings.Contains(text, "<email>") {
		t.Error("an address left the source")
	}
}

// More events than may be remembered: the oldest minutes are not looked at
// again, which is said, and nothing comes twice.
func TestRememberedIsBounded(t *testing.T) {
	w := newWorld(t, func(w *world) { w.cfg.Remember = 400; w.cfg.Backfill = -1 })
	w.region.Log("/a", "s", noon.Add(-2*time.Hour), "begin")
	for i := range 3600 {
		at := noon.Add(time.Duration(i) * time.Second)
		w.region.LogSeen("/a", "s", at, fmt.Sprint("line ", i), at.Add(time.Duration(i%300)*time.Second))
	}
	w.open()
	w.run(noon.Add(50 * time.Minute))
	got := lines(t, w.journal)
	on := 0
	for i := range 2900 {
		if _, ok := got[fmt.Sprint("line ", i)]; ok {
			on++
		}
	}
	if on < 1700 || !strings.Contains(w.logged.String(), "too many events to remember") {
		t.Errorf("%d lines; log: %s", on, w.logged.String())
	}
}
