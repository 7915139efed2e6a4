package awsfake

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

var _ = register("logs", map[string]handler{"DescribeLogGroups": describeLogGroups, "DescribeLogStreams": inGroup(50, describeLogStreams),
	"FilterLogEvents": inGroup(10_000, filterLogEvents), "GetLogEvents": inGroup(10_000, getLogEvents), "ListTagsForResource": listLogTags})

// Limits of FilterLogEvents' pages and of an event, as their documentation
// states them.
const (
	logPageBytes  = 1 << 20
	logEventExtra = 26 // bytes that every event counts for beside its text
)

// logGroup is a log group.
type logGroup struct {
	LogGroup
	events  int
	streams map[string][]logEvent // by time, then as they were ingested
}

type logEvent struct {
	at      int64 // Unix milliseconds
	seen    int64 // ingested then: it can be read from then on
	id      int
	stream  string
	message string
}

func (e logEvent) compare(o logEvent) int {
	return cmp.Or(cmp.Compare(e.at, o.at), cmp.Compare(e.seen, o.seen), cmp.Compare(e.id, o.id))
}

// name is the event's id: 56 digits, as AWS writes it.
func (e logEvent) name() string { return fmt.Sprintf("%032d%024d", e.at, e.id) }

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
		found = append(found, object{{"logStreamName", name}, {"creationTime", int(g.Created.UnixMilli())}, {"firstEventTimestamp", int(es[0].at)},
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
	now := q.now.UnixMilli()
	if q.in["endTime"] == nil {
		to = float64(now)
		closed = true
	}
	if g.Retention > 0 {
		from = max(from, float64(now-g.Retention.Milliseconds()))
	}
	var out []logEvent
	for _, name := range sortedKeys(g.streams) {
		if !streams(name) {
			continue
		}
		es := g.streams[name]
		i, _ := slices.BinarySearchFunc(es, from, func(e logEvent, from float64) int { return cmp.Or(cmp.Compare(float64(e.at), from), 1) })
		for _, e := range es[i:] {
			at := float64(e.at)
			if at > to || at == to && !closed {
				break
			}
			if e.seen <= now {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, logEvent.compare)
	return out, nil
}

// filterLogEvents filters by terms (see readPattern). JSON patterns are
// refused. A token names the event after which its page begins, so what is
// ingested behind it meanwhile is not in the pages that follow.
func filterLogEvents(q *request, g *logGroup, n int) (object, error) {
	fits, err := readPattern(text(q.in["filterPattern"]))
	if err != nil {
		return nil, err
	}
	names, prefix := texts(q.in["logStreamNames"]), text(q.in["logStreamNamePrefix"])
	if len(names) > 0 && prefix != "" {
		return nil, errors.New("logStreamNames and logStreamNamePrefix: want one of them")
	}
	events, err := q.window(g, func(s string) bool {
		return strings.HasPrefix(s, prefix) && (len(names) == 0 || slices.Contains(names, s))
	}, true)
	if err != nil {
		return nil, err
	}
	events = slices.DeleteFunc(events, func(e logEvent) bool { return !fits(e.message) })
	after, skip := text(q.in["nextToken"]), 0
	if after != "" && after != "start" {
		var last logEvent
		if _, err := fmt.Sscanf(after, "%d/%d/%d", &last.at, &last.seen, &last.id); err != nil {
			return nil, fmt.Errorf("nextToken %q is not known", after)
		}
		skip, _ = slices.BinarySearchFunc(events, last, func(e, last logEvent) int { return cmp.Or(e.compare(last), -1) })
	}
	page := events[skip:]
	if q.effect.empty() {
		return object{{"events", []any{}}, {"nextToken", cmp.Or(after, "start")}, {"searchedLogStreams", []any{}}}, nil
	}
	if n = logRoom(page, q.effect.room(n)); n < len(page) {
		page = page[:n:n]
		e := page[n-1]
		after = fmt.Sprintf("%d/%d/%d", e.at, e.seen, e.id)
	} else {
		after = ""
	}
	again := min(first(q.effect, func(f *fault) int { return f.Again }), skip)
	found := []any{}
	for _, e := range slices.Concat(events[skip-again:skip], page) {
		found = append(found, object{{"logStreamName", e.stream}, {"timestamp", int(e.at)}, {"message", e.message}, {"ingestionTime", int(e.seen)}, {"eventId", e.name()}})
	}
	out := object{{"events", found}, {"searchedLogStreams", []any{}}}
	if after != "" {
		out = append(out, field{"nextToken", after})
	}
	return out, nil
}

// logRoom is how many of the events one page takes: at least one.
func logRoom(es []logEvent, most int) int {
	bytes := 0
	for i, e := range es {
		if bytes += len(e.message) + logEventExtra; i == most || i > 0 && bytes > logPageBytes {
			return i
		}
	}
	return len(es)
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
		out = append(out, object{{"timestamp", int(e.at)}, {"message", e.message}, {"ingestionTime", int(e.seen)}})
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
