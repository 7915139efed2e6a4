package pattern

import (
	"bytes"
	"os"
	"testing"
	"time"
)

func TestProf(t *testing.T) {
	raw, err := os.ReadFile("/tmp/redrawn.txt")
	if err != nil {
		t.Skip()
	}
	lines := bytes.Split(raw, []byte("\n"))[:2000]
	m := New(Config{})
	var mt Match
	for s := time.Now(); time.Since(s) < 25*time.Second; {
		for _, l := range lines {
			m.Add(l, 0, &mt)
		}
	}
}
