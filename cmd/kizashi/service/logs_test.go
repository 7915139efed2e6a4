package service

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/config"
)

// moving is a clock that moves when somebody sleeps.
type moving struct {
	mu sync.Mutex
	at time.Time
}

func (m *moving) now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *moving) sleep(ctx context.Context, d time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = m.at.Add(d)
	return ctx.Err()
}

// Log groups are read beside metrics, masked before the journal, and after any
// number of restarts, with snapshots between, no line is journalled twice and
// none is missing, however late it came.
func TestLogsOverRestarts(t *testing.T) {
	clock := &moving{at: now}
	cloud := awsfake.NewCloud(clock.now)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	region := cloud.Account("123456789012").Region("us-east-1")
	for i := range 90 {
		at := now.Add(time.Duration(i-30)*time.Minute + time.Second)
		region.LogSeen("/app", "one", at, fmt.Sprintf("line %d by taro.yamada@example.jp", i), at.Add(time.Duration(i%7)*90*time.Second))
	}
	id, secret := cloud.Account("123456789012").Keys()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(k, v)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "kizashi.yaml")
	write(t, file, fmt.Sprintf(`
tenants:
  - name: acme
    accounts:
      - {account: "123456789012", region: us-east-1, endpoint: %s, logs: {backfill: 1h, groups: [{prefix: /}]}}
storage: {path: %q}
web: {listen: "127.0.0.1:0"}
`, server.URL, filepath.Join(dir, "data")))
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Config: cfg, Now: clock.now, Sleep: clock.sleep}
	known, got := map[kizashi.Partition]uint64{}, map[string]int{}
	for k := range 7 {
		s, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.recall(); err != nil {
			t.Fatal(err)
		}
		src := s.readers.Logs[0]
		if err := src.Open(known); err != nil {
			t.Fatal(err)
		}
		for until := now.Add(time.Duration(10*k+5) * time.Minute); clock.now().Before(until); {
			b, err := src.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := s.taken([]kizashi.Batch{b}); err != nil {
				t.Fatal(err)
			}
			known[b.Partition] = b.Pos
			for _, l := range b.Lines {
				got[l.Text]++
			}
		}
		if k == 0 && len(s.progressOf()) != 0 {
			t.Errorf("back-fills go on: %+v", s.progressOf())
		}
		for range 2 { // of which the second one needs nothing of before the first
			m, err := s.store.Mark()
			if err != nil {
				t.Fatal(err)
			}
			if err := s.store.Save(m, known, []byte("state")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 80 {
		if n := got[fmt.Sprintf("line %d by <email>", i)]; n != 1 {
			t.Errorf("line %d was journalled %d times", i, n)
		}
	}
	for text := range got {
		if strings.Contains(text, "taro") {
			t.Errorf("%q", text)
		}
	}
}

// Without logs nothing of the journal is kept beyond the snapshots.
func TestTheJournalIsKeptForLogsAlone(t *testing.T) {
	o := options(t)
	if d := keepJournal(o.Config); d != 0 {
		t.Errorf("%s", d)
	}
}
