package models

import (
	"reflect"
	"testing"

	"github.com/kizashi-ops/kizashi"
)

// A series has a state of each row: of a hundred thousand every byte is a tenth of a
// megabyte.
func TestStatesAreSmall(t *testing.T) {
	sum := uintptr(0)
	for _, r := range All() {
		s := reflect.TypeOf(r.Model.New(&kizashi.Meta{}, &kizashi.Settings{}))
		if s.Kind() != reflect.Pointer {
			continue
		}
		t.Logf("%-8s %5d", r.Name, s.Elem().Size())
		sum += s.Elem().Size()
	}
	const most = 2650
	if t.Logf("all      %5d", sum); sum > most {
		t.Errorf("states take %d bytes, want at most %d", sum, most)
	}
}
