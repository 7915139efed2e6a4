package backtest

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/detect"
)

// Alarm is the one that a user has today: a static limit with M of N, run
// over the same rows.
type Alarm struct {
	Text     string
	limit    kizashi.Limit
	series   map[kizashi.SeriesID]*alarmState
	episodes map[kizashi.SeriesID][]episode
}

type alarmState struct {
	over []bool // of the last N samples, in a circle
	at   int
	n    int
	on   bool
}

var alarmForm = regexp.MustCompile(`^\s*(>=|<=|>|<)\s*(\S+?)(?:\s+(\d+)/(\d+))?\s*$`)

// ParseAlarm reads an alarm such as ">0.5 3/5": above or below a value, for M
// of the last N samples (1/1 if not said).
func ParseAlarm(s string) (*Alarm, error) {
	m := alarmForm.FindStringSubmatch(s)
	if m == nil {
		return nil, fmt.Errorf("alarm %q: want a comparison, a value and M/N, such as \">0.5 3/5\"", s)
	}
	v, err := strconv.ParseFloat(m[2], 64)
	if err != nil || !kizashi.Num(v).Ok() {
		return nil, fmt.Errorf("alarm %q: %q is not a number", s, m[2])
	}
	a := &Alarm{Text: s, limit: kizashi.Limit{Side: kizashi.Up, Value: v, Equal: len(m[1]) == 2, M: 1, N: 1},
		series: map[kizashi.SeriesID]*alarmState{}, episodes: map[kizashi.SeriesID][]episode{}}
	if m[1][0] == '<' {
		a.limit.Side = kizashi.Down
	}
	if m[3] != "" {
		a.limit.M, _ = strconv.Atoi(m[3])
		a.limit.N, _ = strconv.Atoi(m[4])
	}
	if a.limit.M < 1 || a.limit.N < a.limit.M || a.limit.N > 10_000 {
		return nil, fmt.Errorf("alarm %q: want 1 <= M <= N", s)
	}
	return a, nil
}

// take sees what the engine saw.
func (a *Alarm) take(js []detect.Judgement) {
	for i := range js {
		if js[i].State != kizashi.LateSample {
			a.one(&js[i])
		}
	}
}

func (a *Alarm) one(j *detect.Judgement) {
	s := a.series[j.Series]
	if s == nil {
		s = &alarmState{over: make([]bool, a.limit.N)}
		a.series[j.Series] = s
	}
	if s.over[s.at] {
		s.n--
	}
	s.over[s.at] = a.limit.Over(j.Value)
	if s.over[s.at] {
		s.n++
	}
	s.at = (s.at + 1) % len(s.over)
	on := s.n >= a.limit.M
	eps := a.episodes[j.Series]
	switch {
	case on && !s.on:
		a.episodes[j.Series] = append(eps, episode{"", j.At, j.End})
	case on:
		eps[len(eps)-1].to = j.End
	}
	s.on = on
}
