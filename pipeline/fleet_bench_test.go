package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// BenchmarkFleet steps one minute of a fleet: every partition brings one sample
// of each of its series, and the command partition its Until. What a series
// costs must not grow with the number of partitions.
func BenchmarkFleet(b *testing.B) {
	for _, c := range []struct{ parts, series int }{{3, 300}, {30, 300}, {300, 300}} {
		if testing.Short() && c.parts > 30 {
			continue
		}
		b.Run(fmt.Sprintf("partitions=%d/series=%d", c.parts, c.parts*c.series), func(b *testing.B) { fleet(b, c.parts, c.series) })
	}
}

func fleet(b *testing.B, parts, each int) {
	mem := nothing{pipeline.NewMemory()}
	p, err := pipeline.New(pipeline.Config{Shards: 2}, models.All(), mem)
	if err != nil {
		b.Fatal(err)
	}
	start := kizashi.TimeOf(time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC))
	command := kizashi.Batch{Partition: kizashi.Partition{Tenant: "acme", Kind: kizashi.Commands}}
	command.Roster = []kizashi.RosterEntry{{Op: kizashi.Join, Partition: command.Partition, At: start}}
	batches := make([]kizashi.Batch, parts)
	for i := range batches {
		k := kizashi.Partition{Tenant: "acme", Account: fmt.Sprintf("%012d", i/3), Region: fmt.Sprint("region-", i%3), Kind: kizashi.Metrics, Period: time.Minute, Settle: 3 * time.Minute}
		batches[i].Partition = k
		command.Roster = append(command.Roster, kizashi.RosterEntry{Op: kizashi.Join, Partition: k, At: start})
		for n := range each {
			id := kizashi.LabelsOf(map[string]string{"account": k.Account, "region": k.Region, "n": fmt.Sprint(n)})
			m := kizashi.Meta{Series: kizashi.IDOf("acme", id), Tenant: "acme", Identity: id, Labels: id, Group: k.Account + k.Region,
				Period: kizashi.Duration(time.Minute), Settle: kizashi.Duration(3 * time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
			batches[i].Declare = append(batches[i].Declare, kizashi.Declaration{From: start, Meta: m})
			batches[i].Samples = append(batches[i].Samples, kizashi.Sample{Series: m.Series, Period: time.Minute})
		}
	}
	var r pipeline.Result
	minute := func(k int) {
		at := start.Add(time.Duration(k) * time.Minute)
		command.Pos, command.Until = command.Pos+1, at.Add(time.Minute)
		if err := p.Step(command, &r); err != nil {
			b.Fatal(err)
		}
		command.Roster = nil
		for i := range batches {
			q := &batches[i]
			q.Pos, q.Until = q.Pos+1, at.Add(time.Minute)
			for n := range q.Samples {
				q.Samples[n].At, q.Samples[n].Value = at, float64((k*7+n*13)%23)
			}
			if err := p.Step(*q, &r); err != nil {
				b.Fatal(err)
			}
			q.Declare = nil
		}
	}
	k := 0
	for ; k < 3; k++ {
		minute(k)
	}
	b.ResetTimer()
	for b.Loop() {
		minute(k)
		k++
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(parts*each), "ns/sample")
}

// nothing is a history that keeps nothing.
type nothing struct{ *pipeline.Memory }
