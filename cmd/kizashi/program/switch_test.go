package program

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
)

// check looks into the data directory: a detector that is off there is no secret of
// the journal's.
func TestCheckNamesDetectorsThatAreOff(t *testing.T) {
	dir := t.TempDir()
	data, file := filepath.Join(dir, "data"), filepath.Join(dir, "k.yaml")
	text := "tenants: [{name: shop, accounts: [{account: \"012345678901\", region: eu-west-1}]}]\nstorage: {path: " + data + "}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, err := store.Open(data, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := pipeline.New(pipeline.Config{}, models.All(), s)
	if err != nil {
		t.Fatal(err)
	}
	off, err := kizashi.Switch{Model: "level"}.Command(kizashi.Without, "sato", "noisy\x1b[31m")
	if err != nil {
		t.Fatal(err)
	}
	off.At = 1790000000000
	part := kizashi.Partition{Kind: kizashi.Commands}
	b := kizashi.Batch{Partition: part, Pos: 1, Until: off.At, Commands: []kizashi.Command{off}, Roster: []kizashi.RosterEntry{{Op: kizashi.Join, Partition: part, At: off.At}}}
	var res pipeline.Result
	if err := errors.Join(s.Append([]kizashi.Batch{b}), p.Step(b, &res), s.Flush()); err != nil {
		t.Fatal(err)
	}
	mark, err := s.Mark()
	if err != nil {
		t.Fatal(err)
	}
	blob, err := p.Save()
	if err := errors.Join(err, s.Save(mark, p.Positions(), blob), s.Close()); err != nil {
		t.Fatal(err)
	}
	code, out, errs := call(t, "check", "--config", file)
	if code != exitOK || !strings.Contains(out, "WARNING the detector level is off for all series since 2026-09-21T14:13:20Z, by sato: noisy") || strings.Contains(out, "\x1b") {
		t.Errorf("%d %s\n%s", code, errs, out)
	}
}
