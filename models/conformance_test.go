package models_test

import (
	"testing"

	"github.com/kizashi-ops/kizashi/detect/detecttest"
	"github.com/kizashi-ops/kizashi/models"
)

// Kizashi's own detectors keep the contract that those of others are held to.
func TestEveryModelKeepsTheContract(t *testing.T) {
	for _, r := range models.All() {
		t.Run(r.Name, func(t *testing.T) { detecttest.Check(t, r) })
	}
}
