package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/store"
)

// statusCommand says how the service does: it asks it, and where none answers
// it reads what the last one left.
func statusCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "status", "")
	var f clientFlags
	f.add(fs)
	js := fs.Bool("json", false, "print it as JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return errUsage{fmt.Errorf("%q is not understood", rest[0])}
	}
	c, cfg, err := f.client(e)
	if err != nil {
		return err
	}
	var st service.Status
	err = c.call(ctx, "/api/status", nil, &st)
	if errors.Is(err, errAway) && cfg != nil {
		st, err = lastStatus(cfg, time.Now())
	}
	if err != nil {
		return err
	}
	if *js {
		return printJSON(e.out, st)
	}
	return tellStatus(e.out, st)
}

// lastStatus reads a data directory beside no service.
func lastStatus(cfg *config.Config, now time.Time) (st service.Status, err error) {
	r, err := store.OpenReadOnly(cfg.Storage.Path)
	if err != nil {
		return st, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	snapshots, err := filepath.Glob(filepath.Join(cfg.Storage.Path, "state", "snapshot-*"))
	if err != nil {
		return st, err
	}
	for _, s := range snapshots {
		if info, err := os.Stat(s); err == nil && info.ModTime().After(st.Snapshot) {
			st.Snapshot = info.ModTime().UTC()
		}
	}
	return st, st.Fill(r.Ledger(), now)
}

func tellStatus(w io.Writer, st service.Status) error {
	ago := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return explain.Duration(max(st.At.Sub(t), 0).Round(time.Second), explain.English) + " ago"
	}
	if st.Running {
		fmt.Fprintf(w, "Kizashi runs. Last snapshot %s.\n", ago(st.Snapshot))
	} else {
		fmt.Fprintf(w, "Kizashi does not run, or is not ready. Last snapshot %s.\n", ago(st.Snapshot))
	}
	for _, r := range st.Reads {
		text := "nothing yet"
		if r.Until > 0 && r.Until != kizashi.Forever {
			text = "read up to " + ago(r.Until.UTC())
		}
		if r.Out != "" {
			text += "; cannot be read: " + explain.Clean(r.Out)
		}
		fmt.Fprintf(w, "  %s %s %s %s: %s\n", r.Tenant, r.Account, r.Region, what(r), text)
	}
	for _, d := range st.Detectors {
		if text := howDetector(d); text != "" {
			fmt.Fprintf(w, "  DETECTOR %s\n", text)
		}
	}
	fmt.Fprintln(w, "\nAlerts that are not over:")
	for _, a := range st.Alerts {
		fmt.Fprintf(w, "  %s: %d %s\n", a.Tenant, a.N, a.State)
	}
	if len(st.Alerts) == 0 {
		fmt.Fprintln(w, "  none")
	}
	fmt.Fprintln(w, "\nTo be told still:")
	for _, d := range st.Outbox {
		fmt.Fprintf(w, "  %s: %s, the first due %s", d.Lane, explain.Plural(d.Waiting, "thread"), ago(d.Oldest))
		if d.Failing > 0 {
			fmt.Fprintf(w, "; %d failing: %s", d.Failing, explain.Clean(d.Error))
		}
		fmt.Fprintln(w)
	}
	if len(st.Outbox) == 0 {
		fmt.Fprintln(w, "  nothing")
	}
	for _, a := range append(st.Muted, st.Watched...) {
		fmt.Fprintf(w, "\n%s", actLine(a))
		if l := left(a, st.At); l != "" {
			fmt.Fprintf(w, "  (%s)", l)
		}
	}
	for _, id := range st.Undeliverable {
		fmt.Fprintf(w, "\nNOBODY HEARS of alert %s: no route leads to a receiver that may", id)
	}
	_, err := fmt.Fprintln(w)
	return err
}

// what is read.
func what(r service.Read) string {
	if r.Kind == string(kizashi.Logs) {
		return "logs, held back " + r.Settle
	}
	return "every " + r.Period
}

// backupCommand lets the running service write a copy of its data directory.
func backupCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "backup", "DIR")
	var f clientFlags
	f.add(fs)
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return errUsage{errors.New("want the directory to be made")}
	}
	dir, err := filepath.Abs(rest[0])
	if err != nil {
		return err
	}
	c, _, err := f.client(e)
	if err != nil {
		return err
	}
	c.wait = time.Hour
	var done struct{ Dir string }
	if err := c.call(ctx, "/api/backup", map[string]string{"dir": dir}, &done); err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.out, "%s is a whole data directory. To restore: stop the service, put it in the place of storage.path, start.\n", done.Dir)
	return err
}
