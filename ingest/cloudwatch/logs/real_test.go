package logs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/logs"
	"github.com/kizashi-ops/kizashi/realtest"
)

// Two hours put into a real moto, bursts of one millisecond and more than a
// page among them, come back as they were: history, then live, over a restart.
func TestMoto(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	url := realtest.Moto(t)
	w := &world{t: t, clock: &clock{at: time.Now().UTC().Truncate(time.Minute)}, calls: map[string]int{}}
	w.acc = access.Account{Tenant: "acme", ID: "123456789012", Endpoint: url, Share: 1}
	w.cfg = logs.Config{Region: tokyo, Rules: []logs.Rule{{Name: "/app/sh*"}}, Backfill: time.Hour, Now: w.Now, Sleep: w.Sleep}
	w.cfg.Journal = w.recall
	s, err := access.Open(t.Context(), w.acc, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, begin := logs.Client(s.Region(tokyo)), w.Now()
	want := map[string]int64{}
	for _, g := range []string{"/app/shop", "/app/other"} {
		_, err := c.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: &g})
		_, err2 := c.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: &g, LogStreamName: aws.String("one")})
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		var events []types.InputLogEvent
		add := func(at time.Time, text string) {
			events = append(events, types.InputLogEvent{Timestamp: aws.Int64(at.UnixMilli()), Message: &text})
			if g == "/app/shop" {
				want[text] = at.UnixMilli()
			}
		}
		for m := range 60 {
			at := begin.Add(time.Duration(m-50) * time.Minute)
			for k := range 3 {
				add(at, fmt.Sprintf("%s minute %d, %d of three", g, m, k))
			}
			if m == 30 {
				for k := range 10_500 {
					add(at.Add(time.Duration(k)*time.Millisecond), fmt.Sprintf("%s many %d", g, k))
				}
			}
		}
		for part := range slices.Chunk(events, 5000) {
			if _, err := c.PutLogEvents(context.Background(), &sdk.PutLogEventsInput{LogGroupName: &g, LogStreamName: aws.String("one"), LogEvents: part}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.open()
	w.run(begin.Add(2 * time.Minute))
	w.open()
	w.run(begin.Add(15 * time.Minute))
	got := lines(t, w.journal)
	if len(got) != len(want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
	for text, at := range want {
		if l, ok := got[text]; !ok || int64(l.At) != at || l.Stream != "one" || l.Ingested == 0 {
			t.Fatalf("%q: %+v, want %d", text, l, at)
		}
	}
	if n := names(w.journal); len(n) != 1 || n[0] != "/app/shop" {
		t.Errorf("groups %q", n)
	}
	w.check()
}
