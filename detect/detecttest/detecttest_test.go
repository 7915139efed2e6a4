package detecttest_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/detect/detecttest"
)

// quirk is a detector that breaks one clause of the contract.
type quirk string

func (q quirk) New(*kizashi.Meta, *kizashi.Settings) detect.State {
	s := &state{q: q}
	if q == "state that says something when no sample comes" {
		return timed{s}
	}
	return s
}

type state struct {
	q    quirk
	n    int64
	high float64
}

// timed is a state that keeps a timer, which never runs out.
type timed struct{ *state }

func (timed) Due() kizashi.Time                                  { return kizashi.Forever }
func (timed) Absent(*detect.Case, *kizashi.Vote) *kizashi.Rhythm { return nil }
func (timed) Said()                                              {}
func (timed) Unseen(kizashi.Time)                                {}
func (timed) Schedule(*calendar.Hours, time.Duration)            {}
func (timed) Expected(kizashi.Time)                              {}

var kept []byte

var calls float64

func (s *state) Judge(c *detect.Case, v *kizashi.Vote) bool {
	if s.n < 100 && s.q != "no ground" {
		return false
	}
	v.Side, v.Stat, v.Limit = kizashi.Up, c.Sample.Value-s.high, 1e12
	v.Center, v.Lower, v.Upper = kizashi.None(), kizashi.None(), kizashi.None()
	if v.Stat > math.MaxFloat64/2 {
		return false
	}
	switch s.q {
	case "no ground":
		v.Limit = .5
	case "judge learns":
		s.n++
	case "judge allocates":
		kept = make([]byte, 64)
	case "no number":
		v.Stat = math.NaN()
	case "not the same twice":
		calls++
		v.Stat = -calls
	case "another name":
		v.Model = "other"
	case "inside its limit":
		v.Crossed = true
		return true
	}
	v.Crossed = v.Stat > v.Limit
	return true
}

func (s *state) Learn(c *detect.Case, _ bool) {
	s.n++
	s.high = max(s.high, c.Sample.Value)
	if s.q == "fails on a counter" && s.n > 1000 && c.Sample.Value == 0 {
		panic("zero")
	}
}

func (s *state) Explain(*detect.Case) []kizashi.Evidence { return nil }

func (s *state) AppendBinary(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(s.n))
	if s.q == "forgets" {
		return binary.LittleEndian.AppendUint64(b, 0)
	}
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(s.high))
}

func (s *state) Decode(b []byte) ([]byte, error) {
	switch {
	case s.q == "takes half a state" && len(b) < 16:
		return nil, nil
	case s.q == "panics at the end" && len(b) < 16:
		_ = b[15]
	case len(b) < 16:
		return nil, errors.New("state ends early")
	}
	s.n, s.high = int64(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
	if s.q == "takes what follows" {
		return nil, nil
	}
	return b[16:], nil
}

func row(q quirk) detect.Row {
	r := detect.Row{Name: "acme-quirk", Kind: kizashi.EvidenceVote, Model: q, Outside: true, About: "a quirk", Source: "ours",
		Words: kizashi.Words{English: "{value}, {stat} over {limit}.", Japanese: "{value}({stat}、限度{limit})。値が高い。"}}
	switch q {
	case "a name of ours":
		r.Name = "quirk"
	case "one language":
		r.Words.Japanese = ""
	case "English twice":
		r.Words.Japanese = "{value}."
	case "a share":
		r.Share = 1
	case "words for what a vote has not":
		r.Words.English = "{score} is high."
	}
	return r
}

// Each clause is what it is looked at for: a detector that breaks it fails, and says
// why; one that breaks none passes. A failing test can only be watched from outside.
func TestWhatBreaksTheContractIsFound(t *testing.T) {
	if q := os.Getenv("KIZASHI_QUIRK"); q != "" {
		detecttest.Check(t, row(quirk(q)))
		return
	}
	for q, says := range map[quirk]string{
		"none":                          "",
		"no ground":                     "there is nothing that it could rest on",
		"judge learns":                  "Judge changes the state",
		"judge allocates":               "Judge allocates",
		"no number":                     "a vote that is no number",
		"not the same twice":            "read back it says",
		"another name":                  "a vote of another model",
		"inside its limit":              "not beyond its limit",
		"fails on a counter":            "zero",
		"forgets":                       "read back it says",
		"takes half a state":            "are taken for a state",
		"panics at the end":             "Decode of bad bytes panics",
		"takes what follows":            "of what comes behind its state",
		"a name of ours":                "at least one hyphen",
		"one language":                  "no sentence in Japanese",
		"English twice":                 "has no Japanese in it",
		"a share":                       "outside the false-alert target",
		"words for what a vote has not": "{score",
		"state that says something when no sample comes": "Kizashi's alone",
	} {
		t.Run(string(q), func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run", "^TestWhatBreaksTheContractIsFound$", "-test.failfast")
			cmd.Env = append(os.Environ(), "KIZASHI_QUIRK="+string(q))
			out, err := cmd.CombinedOutput()
			if failed := err != nil; failed != (says != "") || !strings.Contains(string(out), says) {
				t.Errorf("failed: %v; it does not say %q:\n%.2000s", failed, says, out)
			}
		})
	}
}
