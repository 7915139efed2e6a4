package logs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
)

// The first hours of two groups, of which one has a hold-back of its own: each
// hold-back is a partition, history comes first, and main goes on from there.
func TestLife(t *testing.T) {
	w := newWorld(t, func(w *world) {
		w.cfg.Rules = []logs.Rule{{Prefix: "/batch/", HoldBack: minutes(10), Group: "batch"}, {}}
	})
	for i := range 180 {
		at := noon.Add(time.Duration(i-90)*time.Minute + 7*time.Second)
		w.region.Log("/app", "one", at, fmt.Sprintf("app %d", i))
		w.region.Log("/batch/night", "x", at, fmt.Sprintf("batch %d", i))
	}
	w.open()
	bs := w.run(noon.Add(20 * time.Minute))
	wantStory(t, story(bs),
		"initial: join at 10:50", "initial: /batch/night from 10:50", "initial: join at 10:58", "initial: /app from 10:58",
		"initial: handover at 11:50", "initial: close at 11:50", "initial: join at 11:50", "main 10m0s: /batch/night from 11:50",
		"initial: handover at 11:58", "initial: close at 11:58", "initial: join at 11:58", "main 2m0s: /app from 11:58")
	got := lines(t, bs)
	app, ok := got["app 100"]
	if want := noon.Add(10*time.Minute + 7*time.Second); !ok || app.At != kizashi.TimeOf(want) || app.Ingested != app.At || app.Stream != "one" || app.Late || len(app.ID) != 56 {
		t.Errorf("%+v", app)
	}
	for i := range 180 {
		at := noon.Add(time.Duration(i-90) * time.Minute)
		for name, hold := range map[string]time.Duration{"app": 2 * time.Minute, "batch": 10 * time.Minute} {
			from := noon.Add(-time.Hour - hold)
			_, ok := got[fmt.Sprint(name, " ", i)]
			if want := !at.Before(from) && at.Before(noon.Add(20*time.Minute)); want && !ok || ok && at.Before(from) {
				t.Errorf("%s %d of %s: delivered %v", name, i, at, ok)
			}
		}
	}
	for _, b := range bs {
		for _, d := range b.Declare {
			if m := d.Meta; m.Name() == "/batch/night" && (m.Group != "batch" || m.Identity.String() != `{account="111122223333", log_group="/batch/night", region="ap-northeast-1"}` || time.Duration(m.Settle) != 10*time.Minute) {
				t.Errorf("%+v", m)
			}
		}
	}
	w.check()
}
