package service

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

// What a list knew is there after a start, unlike what a kill in the middle of
// a write leaves beside it.
func TestWhatAListKnewIsKept(t *testing.T) {
	s := open(t, options(t))
	x := &inventory.Snapshot{Account: "123456789012", Region: "us-east-1", At: now, Read: []string{inventory.GetResources}, Resources: []inventory.Resource{
		{ARN: "arn:aws:sqs:us-east-1:123456789012:mail", Type: "sqs", ID: "mail", Seen: []string{"tags"}, Ended: kizashi.Disappeared, Since: now.Add(-time.Hour)}}}
	s.seen.keep(x)
	file := filepath.Join(s.opt.Config.Storage.Path, "inventory", "123456789012-us-east-1.json")
	first, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file+".tmp", string(first[:100]))
	got, err := s.seen.load("123456789012", "us-east-1")
	if err != nil || got == nil || len(got.Resources) != 1 || got.Resources[0].Ended != kizashi.Disappeared || !got.Resources[0].Since.Equal(now.Add(-time.Hour)) {
		t.Errorf("%+v, %v", got, err)
	}
	if other, err := s.seen.load("123456789012", "eu-west-1"); other != nil || err != nil {
		t.Errorf("another region: %+v, %v", other, err)
	}
	// The same again is no news, and no write.
	write(t, file, "as it was")
	s.seen.keep(&inventory.Snapshot{Account: x.Account, Region: x.Region, At: now.Add(time.Hour), Read: x.Read, Resources: x.Resources})
	if b, err := os.ReadFile(file); err != nil || string(b) != "as it was" {
		t.Errorf("written anew: %s, %v", b, err)
	}
}

// A file that is torn, or about something else, is set aside and said; the
// service starts, and what it has of other regions stays.
func TestATornInventoryIsSetAside(t *testing.T) {
	for name, spoil := range map[string]func(string) string{
		"torn":           func(s string) string { return s[:len(s)/2] },
		"empty":          func(string) string { return "" },
		"another region": func(s string) string { return strings.Replace(s, `"us-east-1"`, `"eu-west-1"`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			o := options(t)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			s, err := Open(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			for _, region := range []string{"us-east-1", "eu-west-1"} {
				s.seen.keep(&inventory.Snapshot{Account: "123456789012", Region: region, At: now})
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(o.Config.Storage.Path, "inventory")
			file := filepath.Join(dir, "123456789012-us-east-1.json")
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, spoil(string(b)))
			open(t, o)
			var names []string
			es, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range es {
				names = append(names, e.Name())
			}
			if want := []string{"123456789012-eu-west-1.json", "123456789012-us-east-1.json.damaged"}; !slices.Equal(names, want) {
				t.Errorf("%v, want %v", names, want)
			}
			for _, w := range []string{"is set aside", "account=123456789012", "region=us-east-1", "123456789012-us-east-1.json.damaged"} {
				if !strings.Contains(log.String(), w) {
					t.Errorf("the log does not say %q: %s", w, log.String())
				}
			}
		})
	}
}

// Each source takes its own series of the journal, once.
func TestEarlierSeriesAreTakenOnce(t *testing.T) {
	part := func(tenant, region string) kizashi.Partition {
		return kizashi.Partition{Tenant: tenant, Account: "123456789012", Region: region, Kind: kizashi.Metrics, Period: time.Minute}
	}
	var e earlier
	e.set(map[kizashi.Partition][]kizashi.Standing{part("acme", "us-east-1"): {{}}, part("acme", "eu-west-1"): {{}, {}}, part("globex", "us-east-1"): {{}}})
	if got := e.take(kizashi.Metrics, "acme", "123456789012", "us-east-1"); len(got) != 1 || len(got[part("acme", "us-east-1")]) != 1 {
		t.Errorf("%+v", got)
	}
	if got := e.take(kizashi.Metrics, "acme", "123456789012", "us-east-1"); len(got) != 0 || len(e.left) != 2 {
		t.Errorf("again: %+v, %d are left", got, len(e.left))
	}
}
