package throughput

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The measurements run, on little data: a figure of what does not work is
// worth nothing.
func TestMeasurementsRun(t *testing.T) {
	dir := t.TempDir()
	n, err := WriteFiles(dir, 4, 1)
	if err != nil || n != 4*7*24*60 {
		t.Fatalf("%d samples, %v", n, err)
	}
	if _, err := Backtest(dir, n); err != nil {
		t.Error(err)
	}
	if _, err := Backtest(dir, n+1); err == nil {
		t.Error("a sample that nobody judged was not missed")
	}
	f := Fleet{50, 3, 5 * time.Minute}
	mem, e, err := MemoryOf(f)
	if err != nil || mem.Bytes < 500 || mem.Bytes > 100_000 || mem.Saved < 100 || mem.Saved > mem.Bytes*4 {
		t.Errorf("%+v, %v", mem, err)
	}
	if c, err := ColdOf(e, f, 2); err != nil || c.Rounds != 24 || c.Sample <= 0 || c.Within <= 0 || c.Begins <= 0 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := ColdOf(e, f, 1); err == nil {
		t.Error("samples that came late were taken for judged ones")
	}
	for _, period := range []time.Duration{0, 31 * time.Minute, 2 * time.Hour} {
		if _, err := ColdOf(e, Fleet{50, 3, period}, 2); err == nil {
			t.Errorf("a sample each %s: there is none within an hour, and nobody says so", period)
		}
	}
	if _, _, err := Restart(e); err != nil {
		t.Error(err)
	}
}

func TestFilesAreAsStated(t *testing.T) {
	dir := t.TempDir()
	if _, err := WriteFiles(dir, 1, 1); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "s000.csv"))
	if err != nil {
		t.Fatal(err)
	}
	const head = "timestamp,value\n2026-01-05 00:00:00,"
	if string(b[:len(head)]) != head {
		t.Errorf("it begins %q", b[:len(head)])
	}
}

// BenchmarkBacktest runs 20 one-minute series of six weeks from CSV: read,
// judge, learn, alerts with their justifications.
func BenchmarkBacktest(b *testing.B) {
	dir := b.TempDir()
	n, err := WriteFiles(dir, 20, 6)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := Backtest(dir, n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "samples/s")
}

// BenchmarkJudge judges and learns one series, on one core: time and
// allocations a sample, records and crossings with their proofs among them.
func BenchmarkJudge(b *testing.B) {
	var took time.Duration
	var allocs float64
	for range b.N {
		t, a, err := Judge()
		if err != nil {
			b.Fatal(err)
		}
		took, allocs = took+t, allocs+a
	}
	b.ReportMetric(float64(took)/float64(b.N), "ns/sample")
	b.ReportMetric(allocs/float64(b.N), "allocs/sample")
}

// BenchmarkMemory is what 10,000 series hold after 15 days.
func BenchmarkMemory(b *testing.B) {
	for range b.N {
		m, _, err := MemoryOf(Fleet{10_000, 15, 5 * time.Minute})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(m.Bytes, "B/series")
		b.ReportMetric(m.Saved, "saved-B/series")
	}
}

// BenchmarkRestart saves and loads 10,000 series.
func BenchmarkRestart(b *testing.B) {
	e, err := Engine(Fleet{10_000, 15, 5 * time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	var saved, loaded float64
	for range b.N {
		s, l, err := Restart(e)
		if err != nil {
			b.Fatal(err)
		}
		saved, loaded = saved+s.Seconds(), loaded+l.Seconds()
	}
	b.ReportMetric(saved/float64(b.N), "save-s")
	b.ReportMetric(loaded/float64(b.N), "load-s")
}

// BenchmarkCold is the cost of what is in no cache: KIZASHI_COLD series, days and
// period (else 20,000, half a month, 5 min), a day more of samples in turn, on one
// core; and what they hold, and how long they take to be saved and loaded.
func BenchmarkCold(b *testing.B) {
	f := Fleet{20_000, 15, 5 * time.Minute}
	if v := os.Getenv("KIZASHI_COLD"); v != "" {
		var err error
		if f, err = fleetOf(v); err != nil {
			b.Fatalf("KIZASHI_COLD: want series, days and period, such as 20000 15 5m: %v", err)
		}
	}
	m, e, err := MemoryOf(f)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		c, err := ColdOf(e, f, 24)
		if err != nil {
			b.Fatal(err)
		}
		f.Days++
		s, l, err := Restart(e)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(m.Bytes, "B/series")
		b.ReportMetric(m.Saved, "saved-B/series")
		b.ReportMetric(float64(c.Sample), "ns/sample")
		b.ReportMetric(float64(c.CPU), "cpu-ns/sample")
		b.ReportMetric(float64(c.Within), "within-ns/sample")
		b.ReportMetric(float64(c.Begins), "begins-ns/sample")
		b.ReportMetric(c.Allocs, "allocs/sample")
		b.ReportMetric(s.Seconds(), "save-s")
		b.ReportMetric(l.Seconds(), "load-s")
	}
}

func fleetOf(s string) (f Fleet, err error) {
	var period string
	if _, err = fmt.Sscan(s, &f.Series, &f.Days, &period); err == nil {
		f.Period, err = time.ParseDuration(period)
	}
	return f, err
}
