package detect_test

import (
	"runtime/debug"
	"testing"

	"github.com/kizashi-ops/kizashi/detect"
)

// The collector comes by at any time: what lies in one piece is found from all that
// points into it, and nothing points behind it.
func TestThePieceUnderTheCollector(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1))
	a, b := newLoop(t, detect.Config{}), newLoop(t, detect.Config{})
	for h := range 60 {
		x := a.samples(float64(h), float64(h+1))
		a.judge(x...)
		b.judge(x...)
	}
	if string(a.state()) != string(b.state()) {
		t.Error("the same samples give two states")
	}
}
