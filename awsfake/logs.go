package awsfake

import "time"

// logGroup is a log group.
type logGroup struct {
	created int64
	streams map[string][]logEvent
}

type logEvent struct {
	at, ingested int64 // Unix milliseconds
	id           int
	message      string
}

// Log adds an event to a log stream; group and stream are made as needed.
func (r *Region) Log(group, stream string, at time.Time, message string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state.logs == nil {
		r.state.logs = map[string]*logGroup{}
	}
	g := r.state.logs[group]
	if g == nil {
		g = &logGroup{created: at.UnixMilli(), streams: map[string][]logEvent{}}
		r.state.logs[group] = g
	}
	n := 0
	for _, es := range g.streams {
		n += len(es)
	}
	g.streams[stream] = append(g.streams[stream], logEvent{at: at.UnixMilli(), ingested: at.UnixMilli(), id: n, message: message})
}
