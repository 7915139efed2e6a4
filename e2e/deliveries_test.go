package e2e

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/store"
)

// The shop: three services of four hosts each. One after another, hosts of all
// services are overloaded for 40 minutes, in the morning and in the afternoon.
const shopHosts = 12

// troubles are the steps of the story at which an overload begins or ends, or
// what was collected of it is told.
func troubles() (out []int) {
	for host := range shopHosts {
		for _, from := range overloads(host) {
			for _, d := range []time.Duration{0, 10 * time.Minute, 20 * time.Minute, 40 * time.Minute, 50 * time.Minute, time.Hour} {
				if k := int((from + d) / step); k <= 48 {
					out = append(out, k)
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func overloads(host int) []time.Duration {
	d := time.Duration(host%4) * 20 * time.Minute
	return []time.Duration{time.Hour + d, 4*time.Hour + d}
}

func overloaded(host int, at time.Time) float64 {
	for _, from := range overloads(host) {
		if d := at.Sub(begin.Truncate(period).Add(from)); d >= 0 && d < 40*time.Minute {
			return 97
		}
	}
	return 40 + 15*math.Sin(2*math.Pi*float64(at.Unix()%86400)/86400+float64(host)) + 1.5*noise(uint64(at.Unix())<<8+uint64(host))
}

// newShop is a world that tells places.
func newShop(t *testing.T, p *places) *world {
	return newWorldIn(t, scene{instances: shopHosts, end: begin.Add(time.Duration(steps+1) * step), value: overloaded, tell: p.tell,
		watch: "{name: Shop, period: 5m, settle: 0s, group: shop, metrics: [Load]}",
		metric: func(host int) awsfake.Metric {
			return awsfake.Metric{Namespace: "Shop", Name: "Load", Dimensions: map[string]string{"Service": fmt.Sprintf("svc-%d", host%3), "Host": fmt.Sprintf("host-%02d", host)}}
		}})
}

// busy are n seeded moments at which much is told.
func busy(n int) map[int][]time.Duration {
	random := rand.New(rand.NewPCG(9, 200))
	when, out := troubles(), map[int][]time.Duration{}
	for range n {
		k := when[random.IntN(len(when))]
		out[k] = append(out[k], time.Duration(random.Int64N(int64(800*time.Millisecond))))
	}
	return out
}

// TestKilledWhileTelling kills the service at random moments while it tells
// real places: Alertmanager, SNS and EventBridge with queues behind them, a
// mail server, webhooks, a file, and an OpsCenter, by receivers who take every
// alert on its own and such as are told by service.
func TestKilledWhileTelling(t *testing.T) {
	n := 6
	if soak() {
		n = 200
	}
	calm := newPlaces(t)
	want := newShop(t, calm)
	want.play(plan{})
	calm.collect()
	episodes := calm.check(want)
	if least := 2 * shopHosts; len(episodes) < least {
		t.Fatalf("the story has %d episodes, want %d or more", len(episodes), least)
	}

	p := newPlaces(t)
	w := newShop(t, p)
	w.play(plan{random: busy(n)})
	p.collect()
	if got := p.check(w); !slices.Equal(got, episodes) {
		t.Errorf("after %d kills these alerts were told:\n%v\nin the run never killed these:\n%v", w.kills, got, episodes)
	}
	if w.kills != n {
		t.Errorf("%d kills, want %d", w.kills, n)
	}
	sameDump(t, judged(want), judged(w), w.kills)
	for id, states := range want.receiver.states {
		if got := w.receiver.states[id]; !alike(states, got) {
			t.Errorf("Alertmanager heard of %s %v, in the run never killed %v", id, got, states)
		}
	}
}

// TestStoppedWhileTelling stops the service by SIGTERM at random moments while
// it tells the same places: it is drained within 10 s, which stop sees to, and
// nothing is told twice.
func TestStoppedWhileTelling(t *testing.T) {
	n := 4
	if soak() {
		n = 40
	}
	p := newPlaces(t)
	w := newShop(t, p)
	w.play(plan{random: busy(n), gently: true})
	p.collect()
	if told := p.check(w); len(told) < 2*shopHosts {
		t.Errorf("%d alerts were told, want %d or more", len(told), 2*shopHosts)
	}
	if len(w.stops) != n || w.kills != 0 {
		t.Errorf("stopped %d times, want %d; %d kills", len(w.stops), n, w.kills)
	}
	t.Logf("%d times stopped, in %s at most", n, slices.Max(w.stops).Round(time.Millisecond))
}

// judged is a dump without what was told, and when: that is the wall clock's. So is
// when a tenant's target was divided: after a kill before that was journalled it waits
// for the next count of the series.
func judged(w *world) []string {
	out := slices.DeleteFunc(w.dump(), func(line string) bool { return strings.HasPrefix(line, "told\t") })
	for i, line := range out {
		if strings.HasPrefix(line, `command	{"op":"target","tenant":`) {
			out[i] = dividedAt.ReplaceAllString(line, "")
		}
	}
	return out
}

var dividedAt = regexp.MustCompile(`"at":"[^"]*",`)

// check holds what each place has heard against the threads that are stored,
// and returns the alerts that were told, by id.
func (p *places) check(w *world) (episodes []string) {
	p.t.Helper()
	lanes := slices.Concat(w.lanes, w.threaded)
	of := map[string][]alert.Thread{}
	w.read(func(r *store.Reader) error {
		for _, lane := range lanes {
			es, err := r.Ledger().Entries(context.Background(), lane, time.Time{})
			if err != nil {
				return err
			}
			for _, e := range es {
				if e.Told.Outcome != alert.OutcomeSkipped { // what the back-fill found is the past
					of[lane] = append(of[lane], e.Thread)
				}
			}
		}
		return nil
	})
	for _, lane := range lanes {
		if p.of(lane) == "" {
			continue // Alertmanager hears only of what stands: what it was told is compared as it changed
		}
		told := members(of[lane])
		told = slices.DeleteFunc(told, func(id string) bool { return slices.Contains(w.noted(), id) })
		if episodes == nil {
			episodes = told
		}
		if !slices.Equal(told, episodes) {
			p.t.Errorf("%s has threads of %v, the others of %v", lane, told, episodes)
		}
		switch place := p.of(lane); place {
		case "ops":
			p.checkItems(of[lane])
		default:
			p.checkHeard(w, place, of[lane])
		}
	}
	return episodes
}

// noted are the notes about Kizashi's own work, which are of the moment.
func (w *world) noted() []string {
	if w.notes == nil {
		w.dump()
	}
	return w.notes
}

// members are the alerts that threads have told.
func members(threads []alert.Thread) (out []string) {
	for _, th := range threads {
		for _, m := range th.Members {
			if m.Since > 0 {
				out = append(out, m.Alert)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkHeard: every thread was told from its beginning to where it stands, in
// order, every member with it, and at most one message more for each kill.
func (p *places) checkHeard(w *world, place string, threads []alert.Thread) {
	p.t.Helper()
	by, again := map[string][]heard{}, 0
	for _, h := range p.heard[place] {
		hs := by[h.Thread]
		switch {
		case len(hs) == 0 && h.State != kizashi.Firing && !slices.ContainsFunc(threads, func(th alert.Thread) bool { return th.ID == h.Thread && th.Statement() }):
			p.t.Errorf("%s heard first of %s that it is %s", place, h.Thread, h.State)
		case len(hs) > 0 && hs[len(hs)-1] == h:
			again++
		case len(hs) > 0 && h.seq() <= hs[len(hs)-1].seq():
			p.t.Errorf("%s heard %v after %v", place, h, hs[len(hs)-1])
		}
		by[h.Thread] = append(hs, h)
	}
	for _, th := range threads {
		hs := by[th.ID]
		delete(by, th.ID)
		if th.Seq == 0 {
			continue
		}
		if len(hs) == 0 || hs[len(hs)-1].seq() != th.Seq || hs[len(hs)-1].State != th.State {
			p.t.Errorf("%s: thread %s stands at %d %s and it heard %v", place, th.ID, th.Seq, th.State, hs)
		}
	}
	if len(by) > 0 {
		p.t.Errorf("%s heard of threads that there are not: %v", place, by)
	}
	if again > w.kills {
		p.t.Errorf("%s heard %d messages again over %d kills", place, again, w.kills)
	}
	p.t.Logf("%s: %d messages, %d of them again, over %d kills", place, len(p.heard[place]), again, w.kills)
}

// checkItems: every thread has one item, which is closed.
func (p *places) checkItems(threads []alert.Thread) {
	p.t.Helper()
	items := map[string]int{}
	for _, x := range p.ops.OpsItems() {
		thread := x.Data["kizashi-thread"]
		if items[thread]++; x.Status != "Resolved" {
			p.t.Errorf("item %s of thread %s is %s", x.ID, thread, x.Status)
		}
	}
	for _, th := range threads {
		if items[th.ID] != 1 {
			p.t.Errorf("thread %s has %d items: %v", th.ID, items[th.ID], items)
		}
	}
}
