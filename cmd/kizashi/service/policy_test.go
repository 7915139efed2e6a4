package service

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/handling"
)

// The days that a window names can go from the configuration while a mute by
// it is in force.
func TestAnActWhoseWindowCannotBeReadIsSaidInTheLog(t *testing.T) {
	s, at, _ := routed(t, people)
	var log bytes.Buffer
	s.opt.Log = slog.New(slog.NewTextHandler(&log, nil))
	b := handling.New(handling.Rules{})
	b.Add(s.saidOf(alert.Act{ID: "m", At: *at, Kind: alert.ActMute, Tenant: "acme", Window: "days no-such-days at 00:00 for 2h in UTC"}))
	if m, ok := b.At(at.AddDate(2, 0, 0)).Muted(&kizashi.Alert{ID: "a", Tenant: "acme"}, nil); ok {
		t.Errorf("two years later it is muted by %s", m.ID)
	}
	if line := log.String(); !strings.Contains(line, "not in force: its window cannot be read") || !strings.Contains(line, "no-such-days") || strings.Count(line, "\n") != 1 {
		t.Errorf("the log says %q", line)
	}
}
