package gen

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// get returns the values of a series in [from, to).
func get(t *testing.T, a *Account, short string, from, to kizashi.Time) []float64 {
	t.Helper()
	s := a.Find(short)
	if s == nil {
		t.Fatalf("no series %s", short)
	}
	return s.Values[s.Index(from):s.Index(to)]
}

func mean(vs []float64) float64 {
	var sum float64
	for _, v := range vs {
		sum += v
	}
	return sum / float64(len(vs))
}

func TestAccountIsReproducible(t *testing.T) {
	a, b, c := NewAccount(1), NewAccount(1), NewAccount(2)
	for i, s := range a.Series {
		if checksum(s.Values) != checksum(b.Series[i].Values) {
			t.Errorf("%s: the same seed gave other values", s.Short)
		}
		constant := strings.HasSuffix(s.Short, "StatusCheckFailed") || strings.HasSuffix(s.Short, "UnHealthyHostCount")
		if same := checksum(s.Values) == checksum(c.Series[i].Values); same != constant {
			t.Errorf("%s: two seeds gave the same values: %v, want %v", s.Short, same, constant)
		}
	}
}

// The account is what the README says: hosts at 5 minutes, balancer and
// database at 1, three weeks from a Monday midnight in Tokyo, with all that a
// live source would say.
func TestAccountIsWhatItSays(t *testing.T) {
	a := NewAccount(1)
	if from := a.From.UTC().Format(time.RFC3339); from != "2026-05-31T15:00:00Z" || a.To.Sub(a.From) != 21*24*time.Hour {
		t.Errorf("the account spans %s to %s", a.From, a.To)
	}
	seen := map[string]bool{}
	for _, s := range a.Series {
		if seen[s.Name] || seen[s.Short] {
			t.Errorf("%s: its name is taken", s.Short)
		}
		seen[s.Name], seen[s.Short] = true, true
		want := map[string]time.Duration{"AWS/EC2": 5 * time.Minute, "AWS/ApplicationELB": time.Minute, "AWS/RDS": time.Minute}[s.Namespace]
		if s.Period != want || s.Start != a.From || s.End() != a.To {
			t.Errorf("%s: period %s from %s to %s", s.Short, s.Period, s.Start, s.End())
		}
		m := s.Meta(s.Labels())
		if m.Tenant != "acme" || m.Zone != "Asia/Tokyo" || m.Group != "shop" || m.Unit == "" || m.Statistic == "" {
			t.Errorf("%s: a meta without tenant, zone, group, unit or statistic: %+v", s.Short, m)
		}
		if c := s.Partition().Class(); c > kizashi.Fast {
			t.Errorf("%s: settles after %s, so that its alerts would come %s only", s.Short, s.Settle, c)
		}
	}
	if len(a.Series) != 5*3+4+4 {
		t.Errorf("%d series", len(a.Series))
	}
	got := a.Find("shop-alb.UnHealthyHostCount").Labels().String()
	want := `{account="111122223333", dim_LoadBalancer="app/shop/50dc6c495c0c9188", dim_TargetGroup="targetgroup/shop-web/73e2d6bc24d8a067", ` +
		`metric="UnHealthyHostCount", name="UnHealthyHostCount Maximum app/shop/50dc6c495c0c9188 targetgroup/shop-web/73e2d6bc24d8a067", ` +
		`namespace="AWS/ApplicationELB", region="ap-northeast-1", stat="Maximum"}`
	if got != want {
		t.Errorf("labels\n%s, want\n%s", got, want)
	}
}

// Counts are whole, percentages are percentages, and nothing is below zero.
func TestValuesArePossible(t *testing.T) {
	for _, s := range NewAccount(3).Series {
		for i, v := range s.Values {
			switch {
			case math.IsNaN(v):
			case v < 0, s.Unit == "Percent" && v > 100, s.Unit == "Count" && v != math.Trunc(v), math.IsInf(v, 0):
				t.Fatalf("%s: %v %s at %s cannot be", s.Short, v, s.Unit, s.At(i))
			}
		}
	}
}

// Only the staging host at weekends and web-2 in its crash have no samples,
// and then all of their metrics have none.
func TestSilences(t *testing.T) {
	a := NewAccount(1)
	for _, s := range a.Series {
		for i, v := range s.Values {
			tokyo := s.At(i).UTC().Add(9 * time.Hour)
			hour, want := tokyo.Hour(), false
			switch strings.SplitN(s.Short, ".", 2)[0] {
			case "staging-1":
				switch tokyo.Weekday() {
				case time.Saturday, time.Sunday:
					want = true
				case time.Friday:
					want = hour >= 22
				case time.Monday:
					want = hour < 7
				}
			case "web-2":
				want = tokyo.Month() == time.June && tokyo.Day() == 19 && (hour == 12 || hour == 13)
			}
			if math.IsNaN(v) != want {
				t.Fatalf("%s at %s in Tokyo: value %v, want silence %v", s.Short, tokyo.Format("Mon 2 Jan 15:04"), v, want)
			}
		}
	}
	samples := a.Find("staging-1.CPUUtilization").Samples(1)
	if want := 3*5*288 - 3*(2+7)*12; len(samples) != want {
		t.Errorf("the staging host has %d samples, want %d", len(samples), want)
	}
}

// The ledger names series that exist and times that lie in the account; what
// is an incident is of the third week.
func TestLedger(t *testing.T) {
	a := NewAccount(1)
	counts := map[TruthKind]int{}
	for i, e := range a.Truth {
		counts[e.Kind]++
		if e.From < a.From || e.To > a.To || e.To <= e.From {
			t.Errorf("%s: [%s, %s) is not inside the account", e.Name, e.From, e.To)
		}
		if i > 0 && e.From < a.Truth[i-1].From {
			t.Errorf("%s at %s stands behind a later entry", e.Name, e.From)
		}
		if (e.Kind == Incident || e.Kind == Change || e.Kind == Trap || e.Kind == InLogs) != (e.From >= on(14, 0, 0)) {
			t.Errorf("%s: a %s at %s", e.Name, e.Kind, e.From)
		}
		if e.En == "" || e.Ja == "" || len(e.Series) == 0 {
			t.Errorf("%s: no text or no series", e.Name)
		}
		for _, name := range e.Series {
			if a.Find(name) == nil && (e.Kind != InLogs || name != LogFile) {
				t.Errorf("%s: there is no series %s", e.Name, name)
			}
		}
	}
	if counts[Incident] != 3 || counts[Change] != 1 || counts[InLogs] != 2 {
		t.Errorf("the ledger holds %v", counts)
	}
	if n := len(a.Of(Incident)); n != 3 {
		t.Errorf("Of gives %d incidents", n)
	}
}

// Each incident and habit is really in the data: the level inside, against
// the same hours of another day.
func TestEventsAreInTheData(t *testing.T) {
	a := NewAccount(1)
	for _, c := range []struct {
		what, short string
		in          window
		days        int // back to what it is compared with
		low, high   float64
	}{
		{"checkout slow: p99", "shop-alb.TargetResponseTime", slow, 7, 2.3, 2.7},
		{"checkout slow: errors", "shop-alb.HTTPCode_Target_5XX_Count", slow, 7, 8, 50},
		{"checkout slow: not more requests", "shop-alb.RequestCount", slow, 7, .9, 1.1},
		{"leak", "shop-db.DatabaseConnections", leak, 7, 2, 4},
		{"web-1 carries more", "web-1.CPUUtilization", crash, 7, 1.25, 1.5},
		{"web-3 carries more", "web-3.NetworkOut", crash, 7, 1.3, 1.6},
		{"deployment", "shop-db.CPUUtilization", deployed, 7, 1.3, 1.9},
		{"deployment stays", "shop-db.CPUUtilization", window{on(20, 10, 0), on(20, 20, 0)}, 7, 1.3, 1.9},
		{"backup", "shop-db.ReadLatency", window{on(9, 2, 0), on(9, 2, 25)}, 7, .9, 1.1},
		{"Monday is as every Monday", "shop-alb.RequestCount", window{on(14, 9, 0), on(14, 10, 30)}, 7, .9, 1.1},
		{"Monday is busier than Tuesday", "shop-alb.RequestCount", window{on(8, 9, 0), on(8, 10, 30)}, 1, .7, .95},
		{"drift stays inside", "shop-db.FreeStorageSpace", window{on(20, 12, 0), on(20, 18, 0)}, 7, .985, 1},
	} {
		back := -time.Duration(c.days) * 24 * time.Hour
		now := mean(get(t, a, c.short, c.in.From, c.in.To))
		then := mean(get(t, a, c.short, c.in.From.Add(back), c.in.To.Add(back)))
		if r := now / then; !(r >= c.low && r <= c.high) {
			t.Errorf("%s: %v times what it was %d days before, want %v to %v", c.what, r, c.days, c.low, c.high)
		}
	}
	during := mean(get(t, a, "shop-db.ReadLatency", on(9, 2, 0), on(9, 2, 25)))
	after := mean(get(t, a, "shop-db.ReadLatency", on(9, 2, 25), on(9, 2, 50)))
	if r := during / after; r < 2.7 || r > 3.3 {
		t.Errorf("the backup makes reads %v times as slow, want 3", r)
	}
	if got := get(t, a, "shop-alb.UnHealthyHostCount", crash.From, crash.To); slices.Min(got) != 1 {
		t.Error("the balancer does not miss web-2")
	}
	if got := mean(get(t, a, "shop-alb.UnHealthyHostCount", a.From, crash.From)); got != 0 {
		t.Error("the balancer misses a host before the crash")
	}
}

// The high point stands out of its surroundings, but no more than chance
// brings it in three weeks.
func TestBlipIsNoOutlier(t *testing.T) {
	a := NewAccount(1)
	around := get(t, a, "shop-db.ReadLatency", blip.Add(-30*time.Minute), blip.Add(30*time.Minute))
	if around[30] != slices.Max(around) {
		t.Errorf("the high point, %v, is not the highest of its hour, %v", around[30], slices.Max(around))
	}
	if ratio := around[30] / mean(around); ratio > math.Exp(.11*4) {
		t.Errorf("the high point is %v times its hour", ratio)
	}
}

func TestTouches(t *testing.T) {
	e := Truth{Series: []string{"a", "b"}, From: on(1, 0, 0), To: on(2, 0, 0)}
	for _, c := range []struct {
		series   string
		from, to kizashi.Time
		want     bool
	}{
		{"a", on(1, 12, 0), on(3, 0, 0), true},
		{"b", on(0, 0, 0), on(1, 0, 1), true},
		{"c", on(1, 12, 0), on(3, 0, 0), false},
		{"a", on(2, 0, 0), on(3, 0, 0), false},
		{"a", on(0, 0, 0), on(1, 0, 0), false},
	} {
		if got := e.Touches(c.series, c.from, c.to); got != c.want {
			t.Errorf("%s [%s, %s): %v", c.series, c.from, c.to, got)
		}
	}
}

func BenchmarkAccount(b *testing.B) {
	n := 0
	for b.Loop() {
		for _, s := range NewAccount(1).Series {
			n += len(s.Values)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}
