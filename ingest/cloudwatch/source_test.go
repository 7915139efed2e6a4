package cloudwatch_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
)

func TestEveryProtocolReadsTheSame(t *testing.T) {
	for _, proto := range []awsfake.Protocol{awsfake.CBOR, awsfake.JSON, awsfake.Query} {
		t.Run(string(proto), func(t *testing.T) {
			w := newWorld(t, nil)
			w.acc.Protocol = string(proto)
			w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(time.Hour))
			w.fill(alb("app/b & <c>"), noon.Add(-2*time.Hour), noon.Add(time.Hour))
			w.open()
			bs := w.until(noon.Add(10 * time.Minute))
			got := samples(t, bs)
			if len(got) != 2 {
				t.Fatalf("%d series, want 2", len(got))
			}
			for _, xs := range got {
				wantMinutes(t, xs, noon.Add(-63*time.Minute), noon.Add(10*time.Minute))
			}
			for _, c := range w.aws.Calls() {
				if c.Protocol != proto {
					t.Fatalf("%s was called as %s", c.Op, c.Protocol)
				}
			}
		})
	}
}

// tell makes a line of each batch.
func tell(bs []kizashi.Batch) (story []string) {
	for _, b := range bs {
		who := "main"
		if b.Partition.Backfill != "" {
			who = "back"
		}
		line := fmt.Sprintf("%s until %s: %d samples", who, b.Until, len(b.Samples))
		for _, d := range b.Declare {
			line += fmt.Sprintf(", declares %s from %s", d.Meta.Name(), d.From)
		}
		story = append(story, line)
	}
	return story
}

func TestBackfillHandsOverToMain(t *testing.T) {
	w := newWorld(t, nil)
	w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(time.Hour))
	w.open()
	bs := w.until(noon.Add(-1 * time.Minute))

	main := kizashi.Partition{Tenant: "acme", Account: "111122223333", Region: "ap-northeast-1", Kind: kizashi.Metrics, Period: time.Minute, Settle: 3 * time.Minute, Source: "check"}
	back := main
	back.Backfill = "initial-1of1"
	start, edge := kizashi.TimeOf(noon.Add(-63*time.Minute)), kizashi.TimeOf(noon.Add(-3*time.Minute))

	story := tell(bs)
	want := []string{
		"back until 2026-11-20T10:57:00Z: 0 samples",
		"back until 2026-11-20T11:57:00Z: 60 samples, declares RequestCount Sum app/a from 2026-11-20T10:57:00Z",
		"back until 2026-11-20T11:57:00Z: 0 samples",
		"main until 2026-11-20T11:57:00Z: 0 samples, declares RequestCount Sum app/a from 2026-11-20T11:57:00Z",
		"main until 2026-11-20T11:58:00Z: 1 samples",
		"main until 2026-11-20T11:59:00Z: 1 samples",
	}
	if !reflect.DeepEqual(story, want) {
		t.Errorf("story:\n%q\nwant:\n%q", story, want)
	}
	if bs[0].Partition != back || bs[3].Partition != main {
		t.Errorf("partitions %s and %s", bs[0].Partition, bs[3].Partition)
	}
	if r := bs[0].Roster; !reflect.DeepEqual(r, []kizashi.RosterEntry{{Op: kizashi.Join, Partition: back, At: start}}) {
		t.Errorf("first roster: %+v", r)
	}
	if r := bs[2].Roster; !reflect.DeepEqual(r, []kizashi.RosterEntry{
		{Op: kizashi.HandOver, Partition: back, At: edge, To: main},
		{Op: kizashi.Close, Partition: back, At: edge},
		{Op: kizashi.Join, Partition: main, At: edge},
	}) {
		t.Errorf("roster of the hand-over: %+v", r)
	}
}

// A process that dies after any batch and comes back five minutes later goes
// on exactly there: the samples of both lives together are those of one life.
func TestRestartAfterAnyBatch(t *testing.T) {
	setup := func(t *testing.T) *world {
		w := newWorld(t, func(c *cloudwatch.Config) { c.Backfill = 50 * time.Hour })
		for _, name := range []string{"app/a", "app/b"} {
			w.fill(alb(name), noon.Add(-60*time.Hour), noon.Add(time.Hour))
		}
		w.open()
		return w
	}
	end := noon.Add(12 * time.Minute)
	whole := setup(t).until(end)
	want := upTo(end, samples(t, whole))
	for k := 1; k < len(whole); k++ {
		w := setup(t)
		var bs []kizashi.Batch
		for range k {
			bs = append(bs, w.next())
		}
		w.clock.at = w.clock.at.Add(5 * time.Minute)
		w.open()
		bs = append(bs, w.until(end)...)
		if got := upTo(end, samples(t, bs)); !reflect.DeepEqual(got, want) {
			t.Errorf("restart after batch %d: samples differ", k)
		}
		if len(w.revs) > 0 {
			t.Errorf("restart after batch %d: revisions %v", k, w.revs)
		}
	}
}

// upTo drops what ends after end.
func upTo(end time.Time, all map[kizashi.SeriesID][]kizashi.Sample) map[kizashi.SeriesID][]kizashi.Sample {
	for id, xs := range all {
		for len(xs) > 0 && xs[len(xs)-1].End() > kizashi.TimeOf(end) {
			xs = xs[:len(xs)-1]
		}
		all[id] = xs
	}
	return all
}

func TestLimitsOfOneCall(t *testing.T) {
	w := newWorld(t, func(c *cloudwatch.Config) { c.Backfill = 14 * 24 * time.Hour })
	for i := range 620 {
		w.aws.Put(alb(fmt.Sprintf("app/%03d", i)), noon.Add(-time.Duration(i)*time.Minute), 1)
	}
	w.open()
	got := samples(t, w.until(noon.Add(-time.Minute)))
	if len(got) != 620-2 {
		t.Errorf("%d series had samples, want all but the two not settled by then", len(got))
	}
	most := 0
	for _, c := range w.aws.Calls() {
		if c.Op != "GetMetricData" {
			continue
		}
		most = max(most, c.Queries)
		if c.Queries > awsfake.MaxQueries || c.Points > awsfake.MaxPoints {
			t.Errorf("a call asks for %d queries and %d points", c.Queries, c.Points)
		}
		if c.Scan != "TimestampAscending" || c.From.Unix()%60 != 0 || c.To.Unix()%60 != 0 {
			t.Errorf("a call scans %s over [%s, %s)", c.Scan, c.From, c.To)
		}
	}
	if most != awsfake.MaxQueries {
		t.Errorf("the fullest call has %d queries, want %d", most, awsfake.MaxQueries)
	}
}

func TestBatchesAreCutBetweenTimes(t *testing.T) {
	w := newWorld(t, func(c *cloudwatch.Config) { c.Backfill = 24 * time.Hour })
	for i := range 30 {
		w.fill(alb(fmt.Sprintf("app/%d", i)), noon.Add(-25*time.Hour), noon)
	}
	w.open()
	bs := w.until(noon.Add(-3 * time.Minute))
	for i, b := range bs {
		if b.Partition.Backfill == "" && len(b.Samples) > 20_000 || len(b.Samples) > awsfake.MaxPoints {
			t.Errorf("batch %d has %d samples", i, len(b.Samples))
		}
		for _, x := range b.Samples {
			if i > 0 && bs[i-1].Partition == b.Partition && x.End() <= bs[i-1].Until {
				t.Fatalf("batch %d brings %s behind Until %s", i, x.At, bs[i-1].Until)
			}
		}
	}
	for _, xs := range samples(t, bs) {
		wantMinutes(t, xs, noon.Add(-24*time.Hour-3*time.Minute), noon.Add(-3*time.Minute))
	}
}

func TestNewSeriesIsReadFromItsBeginning(t *testing.T) {
	w := newWorld(t, nil)
	w.fill(alb("app/old"), noon.Add(-2*time.Hour), noon.Add(3*time.Hour))
	w.fill(alb("app/new"), noon.Add(30*time.Minute), noon.Add(3*time.Hour))
	w.open()
	bs := w.until(noon.Add(70 * time.Minute))
	var from kizashi.Time
	var id kizashi.SeriesID
	for _, b := range bs {
		for _, d := range b.Declare {
			if d.Meta.Labels.Get("dim_LoadBalancer") == "app/new" {
				from, id = d.From, d.Meta.Series
			}
		}
	}
	xs := samples(t, bs)[id]
	if len(xs) != 40 || xs[0].At != kizashi.TimeOf(noon.Add(30*time.Minute)) || from > xs[0].At {
		t.Fatalf("declared from %s, %d samples: %+v", from, len(xs), xs)
	}
	if !xs[0].Late || xs[39].Late {
		t.Errorf("late is %v at first and %v at last, want true and false", xs[0].Late, xs[39].Late)
	}
}

func TestOnlyTheNamedDimensionsAreSeries(t *testing.T) {
	w := newWorld(t, nil)
	w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon)
	zone := alb("app/a")
	zone.Dimensions = map[string]string{"LoadBalancer": "app/a", "AvailabilityZone": "ap-northeast-1a"}
	w.fill(zone, noon.Add(-2*time.Hour), noon)
	w.open()
	w.next() // joins
	b := w.next()
	if len(b.Declare) != 1 {
		t.Fatalf("%d series, want the load balancer alone", len(b.Declare))
	}
	m := b.Declare[0].Meta
	if m.Statistic != "Sum" || m.Unit != "Count" || m.Lower != 0 || m.Upper.Ok() || time.Duration(m.Settle) != 3*time.Minute || m.Group != "AWS/ApplicationELB" {
		t.Errorf("meta: %+v", m)
	}
}

func TestPartitionsFollowPeriodAndSettlingDelay(t *testing.T) {
	w := newWorld(t, func(c *cloudwatch.Config) { c.Namespaces, c.Poll, c.Backfill = nil, nil, -1 })
	w.fill(alb("app/a"), noon.Add(-time.Hour), noon.Add(time.Hour))
	ec2 := awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": "i-1"}}
	for at := noon.Add(-time.Hour); at.Before(noon.Add(time.Hour)); at = at.Add(5 * time.Minute) {
		w.aws.PutSeen(ec2, at, 50, at.Add(5*time.Minute))
	}
	w.open()
	got := map[string]int{}
	for range 30 {
		b := w.next()
		p := b.Partition
		got[p.Period.String()+" "+p.Settle.String()+" "+p.Poll.String()+" "+p.Source] += len(b.Samples)
	}
	// Both are of class check, which is read every five minutes.
	if got["5m0s 10m0s 0s check"] == 0 || got["1m0s 3m0s 5m0s check"] == 0 || len(got) != 2 {
		t.Errorf("samples by partition: %v", got)
	}
}

// A back-fill asks for no more than is kept at its period.
func TestBackfillWithinRetention(t *testing.T) {
	for period, want := range map[time.Duration]time.Duration{
		10 * time.Second: 168 * time.Minute,
		time.Minute:      14 * 24 * time.Hour,
		5 * time.Minute:  30 * 24 * time.Hour,
	} {
		w := newWorld(t, func(c *cloudwatch.Config) {
			settle := time.Duration(0)
			c.Backfill, c.Namespaces[0].Period, c.Namespaces[0].Settle = 30*24*time.Hour, period, &settle
		})
		w.aws.Put(alb("app/a"), noon.Add(-time.Minute), 1)
		w.open()
		if got := kizashi.TimeOf(noon).Sub(w.next().Until); got != want {
			t.Errorf("period %s: back-fill of %s, want %s", period, got, want)
		}
	}
}

func TestPartitionsNoLongerConfiguredAreClosed(t *testing.T) {
	w := newWorld(t, nil)
	w.fill(alb("app/a"), noon.Add(-2*time.Hour), noon.Add(time.Hour))
	w.open()
	w.until(noon.Add(-2 * time.Minute))
	settle := 7 * time.Minute
	w.cfg.Namespaces[0].Settle = &settle
	w.open()
	r := append(w.next().Roster, w.next().Roster...)
	if len(r) != 2 || r[0].Op != kizashi.Join || r[1].Op != kizashi.Close || r[1].Partition.Settle != 3*time.Minute || r[1].At != kizashi.TimeOf(noon.Add(-2*time.Minute)) {
		t.Errorf("roster: %+v", r)
	}
}
