package replay_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest"
	"github.com/kizashi-ops/kizashi/ingest/replay"
	"github.com/kizashi-ops/kizashi/ingest/sourcetest"
)

// folder holds files of all kinds: own tenants, one with rows that go back,
// and three mapped files that share two partitions.
func folder(t testing.TB) (string, *replay.Mapping) {
	t.Helper()
	dir := t.TempDir()
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rows := func(n int, step time.Duration, columns int) string {
		var b strings.Builder
		b.WriteString("timestamp,v")
		for c := 1; c < columns; c++ {
			fmt.Fprintf(&b, ",v%d", c)
		}
		at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
		for i := range n {
			if i%37 == 36 {
				at = at.Add(-2 * step) // goes back
			}
			fmt.Fprintf(&b, "\n%s", at.Format(time.RFC3339))
			for c := range columns {
				if (i+c)%11 == 10 {
					b.WriteString(",") // no value
				} else {
					fmt.Fprintf(&b, ",%d.5", i*(c+1))
				}
			}
			at = at.Add(step)
		}
		return b.String()
	}
	put("own.csv", rows(300, time.Minute, 1))
	put("wide.csv", rows(100, 5*time.Minute, 3))
	put("cpu-a.csv", rows(200, time.Minute, 1))
	put("cpu-b.csv", rows(150, 90*time.Second, 1))
	put("disk.csv", rows(80, 5*time.Minute, 1))
	var prom strings.Builder
	for _, series := range []string{"load{host=\"a\"}", "load{host=\"b\"}", "req_total", "disk{host=\"a\"}"} {
		for i := range 120 {
			fmt.Fprintf(&prom, "%s %d %d.%03d\n", series, i*i, 1777593600+60*i, len(series)*(i%3))
		}
	}
	put("prom.om", prom.String()+"# EOF\n")
	put("map.yaml", `
files:
  - {match: prom.om, tenant: acme, select: [__name__=disk], period: 1m}
  - {match: prom.om}
  - {match: cpu-a.csv, tenant: acme, metric: CPU, dimensions: {Host: a}, period: 1m}
  - {match: cpu-b.csv, tenant: acme, metric: CPU, dimensions: {Host: b}, period: 1m}
  - {match: disk.csv, tenant: acme, metric: Disk, period: 5m, settle: 10m}
`)
	m, err := replay.LoadMapping(filepath.Join(dir, "map.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

func TestFilesKeepTheContract(t *testing.T) {
	dir, m := folder(t)
	for _, batch := range []int{1, 7, 4096} {
		t.Run(fmt.Sprint("batches of ", batch), func(t *testing.T) {
			sourcetest.Run(t, func(t *testing.T) ingest.Source { return source(t, dir, m, batch) }, 0)
		})
	}
}

func source(t *testing.T, dir string, m *replay.Mapping, batch int) ingest.Source {
	s, err := replay.New(replay.Options{Paths: []string{dir}, Mapping: m, Batch: batch})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// However batches are cut, the content is the same.
func TestCuttingChangesNothing(t *testing.T) {
	dir, m := folder(t)
	var all [][]kizashi.Batch
	for _, batch := range []int{1, 13, 4096} {
		s := source(t, dir, m, batch)
		if err := s.Open(nil); err != nil {
			t.Fatal(err)
		}
		var bs []kizashi.Batch
		for {
			b, err := s.Next(t.Context())
			if err != nil {
				break
			}
			bs = append(bs, b)
		}
		all = append(all, bs)
	}
	for _, bs := range all[1:] {
		if err := sourcetest.Same(all[0], bs, nil, false); err != nil {
			t.Error(err)
		}
	}
}

func TestMemoryKeepsTheContract(t *testing.T) {
	p, q := kizashi.Partition{Tenant: "a", Kind: kizashi.Metrics}, kizashi.Partition{Tenant: "b", Kind: kizashi.Metrics}
	meta := ingest.Metric(ingest.MetricSpec{Tenant: "a", Metric: "m", Group: "g"})
	bs := []kizashi.Batch{
		{Partition: p, Pos: 1, Until: kizashi.Never, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: p}, {Op: kizashi.Join, Partition: q}}, Declare: []kizashi.Declaration{{From: kizashi.Never, Meta: meta}}},
		{Partition: q, Pos: 5, Until: 3, Status: &kizashi.Status{Reason: "out"}},
		{Partition: p, Pos: 2, Until: 10, Samples: []kizashi.Sample{{Series: meta.Series, At: 5, Value: 1}, {Series: meta.Series, At: 10, Value: 2}}},
		{Partition: p, Pos: 4, Until: 11, Samples: []kizashi.Sample{{Series: meta.Series, At: 11, Value: 3}, {Series: meta.Series, At: 7, Value: 3, Late: true}}},
	}
	sourcetest.Run(t, func(*testing.T) ingest.Source { return replay.NewMemory(bs...) }, 0)
	sourcetest.Run(t, func(*testing.T) ingest.Source { return replay.NewMemory(bs...) }, 3)
}
