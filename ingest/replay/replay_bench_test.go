package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// BenchmarkCSV reads plain timestamp,value rows: rows a second on one core.
func BenchmarkCSV(b *testing.B) {
	const rows = 500_000
	var text strings.Builder
	text.WriteString("timestamp,value\n")
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		fmt.Fprintf(&text, "%s,%d.%06d\n", at.Add(time.Duration(i)*time.Minute).Format("2006-01-02 15:04:05"), i%97, i*7919%1_000_000)
	}
	dir := write(b, map[string]string{"cpu.csv": text.String()})
	for _, zone := range []string{"UTC", "Asia/Tokyo", "America/New_York"} {
		for _, told := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/OnRow=%v", zone, told), func(b *testing.B) {
				o := Options{Paths: []string{filepath.Join(dir, "cpu.csv")}, Zone: zone}
				if told {
					o.OnRow = func(*Row) {}
				}
				b.ReportAllocs()
				b.SetBytes(int64(text.Len()))
				for range b.N {
					if n := countSamples(b, o); n < rows-1000 {
						b.Fatalf("%d samples of %d rows", n, rows)
					}
				}
				b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}

func countSamples(b *testing.B, o Options) (n int) {
	s, err := New(o)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.Open(nil); err != nil {
		b.Fatal(err)
	}
	for {
		x, err := s.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		n += len(x.Samples)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	return n
}
