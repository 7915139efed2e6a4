// Package scenario runs stories: text files of commands that make series,
// bend them, run them through the real path, and print what came of it. What
// a story prints is reviewed like code, so that a change of behaviour is a
// diff that people can read.
//
// A story knows these commands; times are read as D14T15:00, wall time of the
// story's zone on the 14th day (D1 is Monday, 7 September 2026):
//
//	load      family= seed= days= period= name= unit= mean= sd= ...   make a series
//	config                                       the configuration, as JSON in the input
//	shift     at= for= by= [every= times=]       add to it (+6sigma, -40), scale it (x2) or set it (=0)
//	spike     at= by= [every= times=]            one sample only
//	drop      from= to= [every= times=]          samples that never come
//	late      from= to= arrive=                  samples that come late
//	blind     from= to= [cause= what= reason= resources=]   the source cannot read; what is missed comes afterwards
//	backfill  to= after=                         the past comes by a back-fill, only after the present
//	declare   at= [upper= lower= unit= known=]   the source declares the series anew
//	revise    at= for= by= known=                the source corrects samples that it has delivered
//	end       at= why= [known=]                  no sample is expected any more: terminated, stopped, disappeared
//	command   OP at= [from= to= match= value= reason=]
//	replay    [to=]                              run all that is loaded, and tell the story
//	restart                                      save, load, go on
//	explain   alert= [lang= form=]               an alert in words
//	baseline  at=                                the record in force
//	silent    [from= to=]                        nothing fired; what was said instead
//
// Every alert of a story is put before verify in the end.
package scenario

import (
	"fmt"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
)

// Story is one story as it is told. Each has its own pipeline.
type Story struct {
	loc      *time.Location
	start    kizashi.Time // local midnight of D1
	config   detect.Config
	series   []*series // in the order of loading
	commands []kizashi.Command
	given    int // of commands, those that the pipeline has
	outages  []outage
	edges    []kizashi.Time // instants at which sources learn something
	told     kizashi.Time   // stepped up to here
	pos      map[kizashi.Partition]uint64
	until    map[kizashi.Partition]kizashi.Time

	pipe        *pipeline.Pipeline
	memory      *pipeline.Memory
	result      pipeline.Result
	records     map[kizashi.SeriesID][]kizashi.Record
	checkpoints map[kizashi.SeriesID][]kizashi.Checkpoint
	judged      map[kizashi.SeriesID][]detect.Judgement
	alerts      []*told
	just        map[string]kizashi.Justification
	lines       []line
}

// New returns a story of which nothing is told yet.
func New() *Story {
	return &Story{told: kizashi.Never, pos: map[kizashi.Partition]uint64{}, until: map[kizashi.Partition]kizashi.Time{},
		memory: pipeline.NewMemory(), records: map[kizashi.SeriesID][]kizashi.Record{},
		checkpoints: map[kizashi.SeriesID][]kizashi.Checkpoint{}, judged: map[kizashi.SeriesID][]detect.Judgement{},
		just: map[string]kizashi.Justification{}}
}

// Do carries out one command and returns what it prints. A story that does
// not hold (an alert in a silent stretch) is an error too.
func (s *Story) Do(name string, args Args, input string) (string, error) {
	do, ok := map[string]func(*call) (string, error){
		"load": s.load, "config": s.configure, "shift": s.shift, "ramp": s.ramp, "spike": s.spike, "drop": s.drop, "late": s.late,
		"blind": s.blind, "backfill": s.backfill, "declare": s.declare, "end": s.end, "revise": s.revise, "command": s.command, "replay": s.replay,
		"restart": s.restart, "explain": s.explain, "baseline": s.baseline, "silent": s.silent,
	}[name]
	if !ok {
		return "", fmt.Errorf("command %q: unknown", name)
	}
	c := &call{story: s, args: args, input: input, used: map[string]bool{}}
	out, err := do(c)
	if err == nil {
		err = c.rest()
	}
	if err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	return out, nil
}

// begin makes the pipeline when the first replay wants it.
func (s *Story) begin() error {
	if s.pipe != nil {
		return nil
	}
	var err error
	s.pipe, err = pipeline.New(pipeline.Config{Detect: s.config, Shards: 2}, models.All(), s.memory)
	return err
}

// restart saves and loads the pipeline; the store outlives it.
func (s *Story) restart(*call) (string, error) {
	if s.pipe == nil {
		return "", fmt.Errorf("nothing was replayed yet")
	}
	b, err := s.pipe.Save()
	if err != nil {
		return "", err
	}
	if s.pipe, err = pipeline.Load(b, models.All(), 1, s.memory); err != nil {
		return "", err
	}
	return fmt.Sprintf("open: %d", len(s.pipe.Open())), nil
}
