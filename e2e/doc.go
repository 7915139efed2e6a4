// Package e2e holds tests that run the real binary: against a real moto and a
// real Alertmanager, and against fakes while it is killed again and again.
package e2e
