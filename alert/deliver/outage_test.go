package deliver

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
)

// ill are the ways in which a place can be down.
var ill = map[string]func(context.Context) error{
	"500": func(context.Context) error { return errors.New("answered 500") },
	"429": func(context.Context) error {
		return alert.Later{Err: errors.New("answered 429"), After: 90 * time.Second}
	},
	"reset": func(context.Context) error {
		time.Sleep(20 * time.Millisecond)
		return errors.New("connection reset by peer")
	},
	"time-out": func(ctx context.Context) error {
		<-ctx.Done() // no answer
		return ctx.Err()
	},
	"half-open": func(ctx context.Context) error {
		<-ctx.Done() // what is sent is never acknowledged
		return fmt.Errorf("write: %w", ctx.Err())
	},
	"slow drip": func(ctx context.Context) error {
		for range 1000 { // a byte of the answer a second
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return fmt.Errorf("read: %w", ctx.Err())
			}
		}
		return nil
	},
}

// TestAnHourOfOutage takes a place down for an hour, in each of its ways, while
// threads begin, get news and end. Afterwards each that is not over for too
// long is told as it is now, in order; what is, is left to the summary; no
// other lane waits.
func TestAnHourOfOutage(t *testing.T) {
	for how, answer := range ill {
		t.Run(how, func(t *testing.T) {
			play(t, func(b *bench) { anHour(b, answer) })
		})
	}
}

func anHour(b *bench, answer func(context.Context) error) {
	var down atomic.Bool
	sick := &fake{b: b, name: "sick", answer: func(ctx context.Context, _ alert.Notification) error {
		if down.Load() {
			return answer(ctx)
		}
		return nil
	}}
	var worst atomic.Int64 // how long the other lane took to tell anything
	well := &fake{b: b, name: "well", answer: func(_ context.Context, n alert.Notification) error {
		worst.Store(max(worst.Load(), int64(time.Since(n.Thread.Changed))))
		return nil
	}}
	b.put("known", 1, kizashi.Firing, 0)
	lanes := b.run(events(), sick, well)
	down.Store(true)
	b.pass(5 * time.Minute)
	b.put("known", 2, kizashi.Resolved, 0, lanes...)
	for i := range 36 {
		id := fmt.Sprintf("brief%02d", i) // begins and ends early in the outage
		b.put(id, 1, kizashi.Firing, 0, lanes...)
		b.put(id, 2, kizashi.Resolved, 70*time.Minute, lanes...) // its last vote was long ago
		b.put(fmt.Sprintf("over%02d", i), 1, kizashi.Firing, 0, lanes...)
		b.put(fmt.Sprintf("on%02d", i), 1, kizashi.Firing, 0, lanes...)
		b.pass(75 * time.Second)
		b.put(fmt.Sprintf("over%02d", i), 2, kizashi.Resolved, 0, lanes...)
	}
	for seq := 1; seq <= 4; seq++ { // one that gets news all the time
		b.group(seq, 1, kizashi.Firing, alert.ReasonMore, lanes...)
		b.pass(2 * time.Minute)
	}
	b.pass(time.Until(b.start.Add(61 * time.Minute)))
	down.Store(false)
	b.read()
	b.pass(3 * time.Minute) // the gate may be shut for a wait
	hear(b, b.read())
	if d := time.Duration(worst.Load()); d > 100*time.Millisecond {
		b.t.Errorf("the other lane told something %s late", d)
	}
	rows, err := b.outbox.Entries(b.t.Context(), "sick", b.start)
	if err != nil || len(rows) > 110 {
		b.t.Errorf("the spool has %d rows of 110 threads: %v", len(rows), err)
	}
}

// hear checks what the sick place was told once it was well.
func hear(b *bench, lines []string) {
	var sick []string
	for _, l := range lines {
		if strings.Contains(l, " sick ") && !strings.Contains(l, ": ") {
			sick = append(sick, l[strings.Index(l, "sick ")+5:])
		}
	}
	text := strings.Join(sick, "\n") + "\n"
	once := func(line string) int {
		if n := strings.Count(text, line+"\n"); n != 1 {
			b.t.Errorf("%q is told %d times, want once", line, n)
		}
		return strings.Index(text, line+"\n")
	}
	once("resolved known-2")
	once("firing g-4")
	for i := range 36 {
		once(fmt.Sprintf("firing on%02d-1", i))
		if from, to := once(fmt.Sprintf("firing over%02d-1", i)), once(fmt.Sprintf("resolved over%02d-2", i)); from > to {
			b.t.Errorf("over%02d ends before it begins", i)
		}
		if row := b.outbox.Row("sick", fmt.Sprintf("brief%02d", i)); strings.Contains(text, fmt.Sprintf("brief%02d", i)) || row.Done.State != kizashi.Resolved || row.Outcome == alert.OutcomeTold {
			b.t.Errorf("brief%02d is over for long: %+v", i, row)
		}
	}
	if strings.Contains(text, "g-1\n") || strings.Contains(text, "g-2\n") || strings.Contains(text, "g-3\n") {
		b.t.Errorf("old news is told:\n%s", text)
	}
}
