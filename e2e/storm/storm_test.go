package main

import (
	"os"
	"testing"
	"time"
)

// TestStorm: 2,000 series of 10 services cross in one minute; in the long form
// 50,000 of 40. What it takes is the command's to measure, not the test's.
func TestStorm(t *testing.T) {
	w := world{series: 2000, services: 10}
	if os.Getenv("KIZASHI_SOAK") == "1" {
		w = world{series: 50_000, services: 40}
	}
	r, err := w.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.faults() {
		t.Error(f)
	}
	r.print(t.Output())
}

// TestAStopInTheStorm: told to stop when the first message is out, the service
// ends within its 10 s, and the next one tells the rest: each service once, and
// every alert is accounted for.
func TestAStopInTheStorm(t *testing.T) {
	w := world{series: 2000, services: 10, cut: true}
	if os.Getenv("KIZASHI_SOAK") == "1" {
		w = world{series: 50_000, services: 40, cut: true}
	}
	r, err := w.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.faults() {
		t.Error(f)
	}
	if r.stopped > 10*time.Second {
		t.Errorf("it took %s to stop", r.stopped)
	}
	r.print(t.Output())
}
