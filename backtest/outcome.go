// Package backtest runs the engine over history and says what would have
// happened: the same Runner as the service's, with a replay source and a
// collecting sink. What it found is an [Outcome], which can be written down,
// scored against labels and verified.
package backtest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/ingest/replay"
)

// Format is the layout of an Outcome's JSON.
const Format = 1

// Outcome is what a backtest found. It holds all that `explain` and `verify`
// need but the samples themselves.
type Outcome struct {
	Format         int                              `json:"format"`
	Config         detect.Config                    `json:"config"`
	ConfigHash     string                           `json:"config_hash"`
	Input          replay.Report                    `json:"input"`
	From           kizashi.Time                     `json:"from"`
	To             kizashi.Time                     `json:"to"`
	Samples        int64                            `json:"samples"`
	Series         []Series                         `json:"series"`
	Alerts         []kizashi.Alert                  `json:"alerts"` // as they stood at the end, by opening time
	Justifications map[string]kizashi.Justification `json:"justifications"`
	Checkpoints    []kizashi.Checkpoint             `json:"checkpoints,omitempty"` // of series that have alerts
	Commands       []kizashi.Command                `json:"commands,omitempty"`
	Score          *Score                           `json:"score,omitempty"`
}

// Series is what became of one series.
type Series struct {
	Meta    kizashi.Meta          `json:"meta"`
	File    string                `json:"file"`
	From    kizashi.Time          `json:"from"`
	To      kizashi.Time          `json:"to"`
	Judged  kizashi.Time          `json:"judged"` // the first sample that some vote was given on; Never = none
	Samples int64                 `json:"samples"`
	States  map[kizashi.State]int `json:"states"`
	Why     map[kizashi.Claim]int `json:"why,omitempty"` // of samples that were not judged
	Notes   []Note                `json:"notes,omitempty"`
	Season  kizashi.Season        `json:"season,omitempty"`
	Alerts  int                   `json:"alerts"`
	Of      string                `json:"of,omitempty"`               // of counts of log lines: what they count
	Part    bool                  `json:"part,omitempty"`             // and that the log group's time is another row's
	Loose   string                `json:"does_not_cluster,omitempty"` // of all lines of a log group: why counts by pattern say nothing
}

// Name is what a person calls the series.
func (s *Series) Name() string {
	if s.Of == "" {
		return s.Meta.Name()
	}
	return s.Meta.Name() + ": " + s.Of
}

// Note is something that happened to a series' baseline.
type Note struct {
	At   kizashi.Time     `json:"at"`
	Fact kizashi.Evidence `json:"fact"`
}

// Weeks is the time a series was watched, in weeks.
func (s *Series) Weeks() float64 {
	if s.Samples == 0 {
		return 0
	}
	return s.To.Sub(s.From).Hours() / (7 * 24)
}

// Write writes the outcome as JSON.
func (o *Outcome) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(o)
}

// Read reads what Write wrote.
func Read(path string) (*Outcome, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var o Outcome
	if err := json.Unmarshal(b, &o); err != nil {
		return nil, fmt.Errorf("%s: not what backtest --json writes: %w", path, err)
	}
	if o.Format != Format {
		return nil, fmt.Errorf("%s: format %d; this program reads %d", path, o.Format, Format)
	}
	return &o, nil
}

// Find returns the alert whose id begins with prefix, and its justification.
func (o *Outcome) Find(prefix string) (kizashi.Alert, kizashi.Justification, error) {
	var found *kizashi.Alert
	for i := range o.Alerts {
		if !strings.HasPrefix(o.Alerts[i].ID, prefix) {
			continue
		}
		if found != nil {
			return kizashi.Alert{}, kizashi.Justification{}, fmt.Errorf("alert %q: several begin so, %s and %s among them", prefix, found.ID, o.Alerts[i].ID)
		}
		found = &o.Alerts[i]
	}
	if found == nil {
		return kizashi.Alert{}, kizashi.Justification{}, fmt.Errorf("alert %q: there is none; `kizashi explain FILE` names them", prefix)
	}
	return *found, o.Justifications[found.Justify], nil
}

// SettingsOf returns what the outcome's configuration and the commands in force
// at a time give a series.
func (o *Outcome) SettingsOf(m *kizashi.Meta, at kizashi.Time) (kizashi.Settings, error) {
	e, err := detect.NewEngine(o.Config, nil, 1, nil)
	if err != nil {
		return kizashi.Settings{}, err
	}
	for _, c := range o.Commands {
		if err := e.Command(c); err != nil {
			return kizashi.Settings{}, err
		}
	}
	set, _, err := e.SettingsAt(m, at)
	return set, err
}

// ByOpening sorts alerts by when they opened, then by id.
func ByOpening(as []kizashi.Alert) {
	sort.Slice(as, func(i, j int) bool {
		if as[i].Opened != as[j].Opened {
			return as[i].Opened < as[j].Opened
		}
		return as[i].ID < as[j].ID
	})
}
