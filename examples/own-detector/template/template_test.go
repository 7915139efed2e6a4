package template

import (
	"testing"

	"github.com/kizashi-ops/kizashi/detect/detecttest"
)

func TestContract(t *testing.T) { detecttest.Check(t, Row()) }
