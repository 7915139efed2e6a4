package awsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

var _ = register("logs", map[string]handler{"DescribeLogGroups": describeLogGroups, "DescribeLogStreams": inGroup(50, describeLogStreams),
	"FilterLogEvents": inGroup(10_000, filterLogEvents), "GetLogEvents": inGroup(10_000, getLogEvents)})

// logGroup is a log group.
type logGroup struct {
	created int64
	events  int
	streams map[string][]logEvent // by time
}

type logEvent struct {
	at      int64 // Unix milliseconds
	id      int
	stream  string
	message string
}

func (e logEvent) compare(o logEvent) int {
	return cmp.Or(cmp.Compare(e.at, o.at), cmp.Compare(e.id, o.id))
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
	g.events++
	e := logEvent{at.UnixMilli(), g.events, stream, message}
	es := g.streams[stream]
	i, _ := slices.BinarySearchFunc(es, e, logEvent.compare)
	g.streams[stream] = slices.Insert(es, i, e)
}

func describeLogGroups(q *request) (object, error) {
	n, err := q.limit("limit", 1, 50, 50)
	if err != nil {
		return nil, err
	}
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	var found []any
	for _, name := range sortedKeys(q.region.state.logs) {
		if !strings.HasPrefix(name, text(q.in["logGroupNamePrefix"])) || !strings.Contains(name, text(q.in["logGroupNamePattern"])) {
			continue
		}
		g, arn := q.region.state.logs[name], q.region.account.arn("logs", q.region.name, "log-group:"+name)
		size := 0
		for _, es := range g.streams {
			size += sizeOf(es)
		}
		found = append(found, object{{"logGroupName", name}, {"creationTime", int(g.created)}, {"metricFilterCount", 0}, {"arn", arn + ":*"}, {"storedBytes", size},
			{"logGroupArn", arn}, {"logGroupClass", "STANDARD"}})
	}
	return q.paged("logGroups", found, "nextToken", q.in["nextToken"], n)
}

// sizeOf is what CloudWatch Logs bills: the text and 26 bytes an event.
func sizeOf(es []logEvent) int {
	n := 0
	for _, e := range es {
		n += len(e.message) + 26
	}
	return n
}

// logGroup finds the group of a call, by name or ARN. The lock is held.
func (q *request) logGroup() (*logGroup, error) {
	name := text(q.in["logGroupName"])
	if id := text(q.in["logGroupIdentifier"]); id != "" {
		_, after, isARN := strings.Cut(id, ":log-group:")
		if name = id; isARN {
			name = strings.TrimSuffix(after, ":*")
		}
	}
	if g := q.region.state.logs[name]; g != nil {
		return g, nil
	}
	return nil, &failure{http.StatusBadRequest, "ResourceNotFoundException", "The specified log group does not exist."}
}

// inGroup has an answer made of the group of a call, which wants at most so
// many items a page.
func inGroup(most int, answer func(q *request, g *logGroup, n int) (object, error)) handler {
	return func(q *request) (object, error) {
		n, err := q.limit("limit", 1, most, most)
		if err != nil {
			return nil, err
		}
		q.region.mu.RLock()
		defer q.region.mu.RUnlock()
		g, err := q.logGroup()
		if err != nil {
			return nil, err
		}
		return answer(q, g, n)
	}
}

func describeLogStreams(q *request, g *logGroup, n int) (object, error) {
	names := slices.DeleteFunc(sortedKeys(g.streams), func(s string) bool { return !strings.HasPrefix(s, text(q.in["logStreamNamePrefix"])) })
	if text(q.in["orderBy"]) == "LastEventTime" {
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(last(g.streams[a]), last(g.streams[b])) })
	}
	if down, _ := flag(q.in["descending"]); down {
		slices.Reverse(names)
	}
	var found []any
	for _, name := range names {
		es := g.streams[name]
		found = append(found, object{{"logStreamName", name}, {"creationTime", int(g.created)}, {"firstEventTimestamp", int(es[0].at)},
			{"lastEventTimestamp", int(last(es))}, {"lastIngestionTime", int(last(es))}, {"storedBytes", 0}})
	}
	return q.paged("logStreams", found, "nextToken", q.in["nextToken"], n)
}

func last(es []logEvent) int64 { return es[len(es)-1].at }

// window returns events of [startTime, endTime] of streams, by time.
func (q *request) window(g *logGroup, streams func(string) bool, closed bool) ([]logEvent, error) {
	from, err := number(q.in["startTime"])
	if err != nil {
		return nil, fmt.Errorf("startTime: %w", err)
	}
	to, err := number(q.in["endTime"])
	if err != nil {
		return nil, fmt.Errorf("endTime: %w", err)
	}
	if q.in["endTime"] == nil {
		to = float64(q.now.UnixMilli())
		closed = true
	}
	var out []logEvent
	for _, name := range sortedKeys(g.streams) {
		for _, e := range g.streams[name] {
			if at := float64(e.at); streams(name) && at >= from && (at < to || closed && at == to) && e.at <= q.now.UnixMilli() {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, logEvent.compare) // by time, then as they came
	return out, nil
}

// filterLogEvents filters by terms (see readPattern). JSON patterns are
// refused.
func filterLogEvents(q *request, g *logGroup, n int) (object, error) {
	fits, err := readPattern(text(q.in["filterPattern"]))
	if err != nil {
		return nil, err
	}
	names, prefix := texts(q.in["logStreamNames"]), text(q.in["logStreamNamePrefix"])
	events, err := q.window(g, func(s string) bool {
		return strings.HasPrefix(s, prefix) && (len(names) == 0 || slices.Contains(names, s))
	}, true)
	if err != nil {
		return nil, err
	}
	var found []any
	for _, e := range events {
		if fits(e.message) {
			found = append(found, object{{"logStreamName", e.stream}, {"timestamp", int(e.at)}, {"message", e.message}, {"ingestionTime", int(e.at)}, {"eventId", fmt.Sprintf("%032d", e.id)}})
		}
	}
	out, err := q.paged("events", found, "nextToken", q.in["nextToken"], n)
	return append(out, field{"searchedLogStreams", []any{}}), err
}

// term of a filter pattern: a word, or a phrase in quotes.
type term struct {
	sign byte // 0 = must be there, '-' = must not, '?' = one of these must
	text string
}

// readPattern reads terms. Terms with ? beside others are refused: AWS does
// not say the same of them everywhere.
func readPattern(p string) (func(string) bool, error) {
	if strings.HasPrefix(p, "{") || strings.HasPrefix(p, "[") || strings.HasPrefix(p, "%") {
		return nil, fmt.Errorf("filterPattern %s: only terms are known here", p)
	}
	terms, err := readTerms(p)
	if err != nil {
		return nil, err
	}
	optional := slices.ContainsFunc(terms, func(t term) bool { return t.sign == '?' })
	if optional && slices.ContainsFunc(terms, func(t term) bool { return t.sign != '?' }) {
		return nil, fmt.Errorf("filterPattern %s: terms with ? and without are not known here together", p)
	}
	return func(s string) bool {
		has := func(t term) bool { return strings.Contains(s, t.text) != (t.sign == '-') }
		if optional {
			return slices.ContainsFunc(terms, has)
		}
		return !slices.ContainsFunc(terms, func(t term) bool { return !has(t) })
	}, nil
}

func readTerms(p string) (terms []term, err error) {
	rest := p
	for rest = strings.TrimSpace(rest); rest != ""; rest = strings.TrimSpace(rest) {
		var t term
		if rest[0] == '-' || rest[0] == '?' {
			t.sign, rest = rest[0], rest[1:]
		}
		if after, quoted := strings.CutPrefix(rest, `"`); quoted {
			var closed bool
			if t.text, rest, closed = strings.Cut(after, `"`); !closed {
				return nil, fmt.Errorf("filterPattern %s: a quote is not closed", p)
			}
		} else {
			n := strings.IndexAny(rest, " \t\n\"")
			if n < 0 {
				n = len(rest)
			}
			t.text, rest = rest[:n], rest[n:]
		}
		if t.text == "" {
			return nil, fmt.Errorf("filterPattern %s: an empty term", p)
		}
		terms = append(terms, t)
	}
	return terms, nil
}

// getLogEvents tells a stream's events from its end, or from its head. Its
// tokens go both ways; at an end the same token comes back, as in AWS.
func getLogEvents(q *request, g *logGroup, n int) (object, error) {
	stream := text(q.in["logStreamName"])
	if g.streams[stream] == nil {
		return nil, &failure{http.StatusBadRequest, "ResourceNotFoundException", "The specified log stream does not exist."}
	}
	events, err := q.window(g, func(s string) bool { return s == stream }, false)
	if err != nil {
		return nil, err
	}
	lo, hi, err := q.logRange(len(events), n)
	if err != nil {
		return nil, err
	}
	if q.effect.empty() {
		hi = lo
	}
	out := []any{}
	for _, e := range events[lo:hi] {
		out = append(out, object{{"timestamp", int(e.at)}, {"message", e.message}, {"ingestionTime", int(e.at)}})
	}
	return object{{"events", out}, {"nextForwardToken", fmt.Sprintf("f/%d", hi)}, {"nextBackwardToken", fmt.Sprintf("b/%d", lo)}}, nil
}

func (q *request) logRange(total, n int) (lo, hi int, err error) {
	tok := text(q.in["nextToken"])
	if tok == "" {
		if head, _ := flag(q.in["startFromHead"]); head {
			return 0, min(n, total), nil
		}
		return max(total-n, 0), total, nil
	}
	var dir byte
	var at int
	if _, err := fmt.Sscanf(tok, "%c/%d", &dir, &at); err != nil || at < 0 || dir != 'f' && dir != 'b' {
		return 0, 0, fmt.Errorf("nextToken %q is not known", tok)
	}
	at = min(at, total)
	if dir == 'f' {
		return at, min(at+n, total), nil
	}
	return max(at-n, 0), at, nil
}
