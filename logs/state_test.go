package logs_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
	"github.com/kizashi-ops/kizashi/ingest/pattern"
	"github.com/kizashi-ops/kizashi/logs"
)

// shop is a desk with a generated log group of three and a half days, in the middle of
// a minute, a window and an hour.
func shop(t *testing.T) *desk {
	d := newDesk(t)
	g := gen.NewLogGroup("shop", 3, 1500)
	for end := d.at.Add(84*time.Hour + 17*time.Minute); d.at < end; {
		ls := g.Minute(d.at)
		for i := range ls {
			ls[i].Series = d.meta.Series
		}
		d.at = d.at.Add(time.Minute)
		d.step(ls, d.at)
	}
	d.step([]kizashi.Line{{Series: d.meta.Series, At: d.at.Add(time.Second), Text: "INFO waits", ID: "7", Stream: "s"}}, d.at)
	return d
}

func TestTheStateComesBack(t *testing.T) {
	d := shop(t)
	d.e.Command(kizashi.Command{Op: kizashi.Exclude, At: d.at, From: d.at, To: d.at.Add(time.Hour)})
	b, err := d.e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	e := logs.New(pattern.Config{})
	if err := e.Decode(b); err != nil {
		t.Fatal(err)
	}
	again, err := e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, again) {
		i := 0
		for i < len(b) && i < len(again) && b[i] == again[i] {
			i++
		}
		t.Fatalf("%d bytes become %d, other from byte %d on", len(b), len(again), i)
	}
	t.Logf("%d patterns, %d bytes", func() int { x, _ := e.Tally(d.meta.Series); return x.Patterns }(), len(b))
}

func TestADamagedStateIsRefused(t *testing.T) {
	d := shop(t)
	b, err := d.e.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 5, 40, len(b) / 3, len(b) / 2, len(b) - 1} {
		if err := logs.New(pattern.Config{}).Decode(b[:n]); err == nil {
			t.Errorf("the first %d bytes of %d were taken for a state", n, len(b))
		}
	}
	if err := logs.New(pattern.Config{}).Decode(append(b, 0)); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("a byte too many: %v", err)
	}
	if err := logs.New(pattern.Config{}).Decode([]byte{9}); err == nil || !strings.Contains(err.Error(), "format 9") {
		t.Errorf("another format: %v", err)
	}
}
