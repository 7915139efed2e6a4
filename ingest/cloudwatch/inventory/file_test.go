package inventory_test

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
)

func TestSavedComesBack(t *testing.T) {
	s := shop()
	s.Resources[2].Ended, s.Resources[2].Since = kizashi.Stopped, noon
	name := filepath.Join(t.TempDir(), "inventory.json")
	for range 2 { // also over itself
		if err := inventory.Save(name, []*inventory.Snapshot{s}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := inventory.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || !reflect.DeepEqual(got[0].Resources, s.Resources) || len(got[0].Metrics) != len(s.Metrics) || got[0].Metrics[3].Key() != s.Metrics[3].Key() || !got[0].At.Equal(s.At) {
		t.Errorf("%+v, want %+v", got, s)
	}
	if cs := inventory.Diff(s, got[0], nil); len(cs) != 0 {
		t.Errorf("what came back differs: %+v", cs)
	}
	if files, err := os.ReadDir(filepath.Dir(name)); err != nil || len(files) != 1 {
		t.Errorf("left over: %v, %v", files, err)
	}
}

func TestBadFile(t *testing.T) {
	var b bytes.Buffer
	if err := inventory.Write(&b, []*inventory.Snapshot{shop()}); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	for name, c := range map[string]struct{ text, want string }{
		"cut":           {whole[:len(whole)/2], "x.json:"},
		"cut, its text": {whole[:len(whole)/2], "the file is cut"},
		"empty":         {"", "x.json:1: the file is cut"},
		"version":       {strings.Replace(whole, `"version": 1`, `"version": 2`, 1), "x.json: version 2 of the format; this program reads version 1"},
		"another file":  {`{"format": "else"}`, `x.json: no inventory: format is "else"`},
		"unknown field": {strings.Replace(whole, `"region":`, `"regoin":`, 1), `x.json:7: json: unknown field "regoin"`},
		"kind":          {strings.Replace(whole, `"account": "111122223333"`, `"account": 5`, 1), "x.json:6: "},
		"more":          {whole + "x", "invalid character 'x' after top-level value"},
		"account":       {strings.Replace(whole, `"account": "111122223333"`, `"account": "12"`, 1), `snapshots[0]: account "12": want twelve digits`},
		"ended":         {strings.Replace(whole, `"id": "orders",`, `"id": "orders", "ended": "lost", "since": "2026-11-20T12:00:00Z",`, 1), `ended "lost": want terminated, stopped or disappeared`},
	} {
		if _, err := inventory.Parse("x.json", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	if _, err := inventory.Load("/nonexistent.json"); err == nil || !strings.Contains(err.Error(), "/nonexistent.json") {
		t.Errorf("%v", err)
	}
}
