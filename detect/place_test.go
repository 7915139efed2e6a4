package detect

import (
	"testing"
	"time"
	"unsafe"

	"github.com/kizashi-ops/kizashi"
)

// A series that is learned again lies where it lay: in one piece.
func TestLearnedAgainInPlace(t *testing.T) {
	meta := kizashi.Meta{Series: 1, Tenant: "acme", Period: kizashi.Duration(time.Minute), Lower: kizashi.None(), Upper: kizashi.None()}
	var stored []kizashi.Sample
	for i := range 3 * 60 {
		stored = append(stored, kizashi.Sample{Series: 1, At: kizashi.Time(i * 60_000), Value: float64(i % 7)})
	}
	e, err := NewEngine(Config{}, nil, 1, func(kizashi.SeriesID, kizashi.Time) ([]kizashi.Sample, error) { return stored, nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Declare(kizashi.Declaration{Meta: meta}); err != nil {
		t.Fatal(err)
	}
	if err := e.Judge(stored, &Judged{}); err != nil {
		t.Fatal(err)
	}
	s := e.series.of(1)
	if err := e.Command(kizashi.Command{Op: kizashi.Exclude, At: s.last + 1, From: 60_000, To: 120_000}); err != nil {
		t.Fatal(err)
	}
	var out Judged
	if err := e.Judge([]kizashi.Sample{{Series: 1, At: s.last.Add(time.Minute), Value: 3}}, &out); err != nil {
		t.Fatal(err)
	}
	at := uintptr(unsafe.Pointer(s.base)) - uintptr(unsafe.Pointer(s))
	if size := uintptr(e.SeriesSize()); len(out.Relearned) != 1 || at >= size {
		t.Errorf("learned again %d times; the baseline lies %d bytes behind the series, whose piece has %d", len(out.Relearned), at, size)
	}
}
