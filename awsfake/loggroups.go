package awsfake

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// LogGroup is a log group.
type LogGroup struct {
	Name      string
	Class     string // STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS; "" = STANDARD
	Created   time.Time
	Retention time.Duration // whole days; 0 = kept for ever. What is older cannot be read
	Tags      map[string]string
}

// LogGroup adds a log group or changes it; its events stay.
func (r *Region) LogGroup(g LogGroup) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.Tags = maps.Clone(g.Tags)
	have := r.logGroup(g.Name, g.Created)
	have.LogGroup = g
	if r.state.tags == nil {
		r.state.tags = map[string]map[string]string{}
	}
	r.state.tags[r.logARN(g.Name)] = g.Tags
}

// DropLogGroup deletes a log group with its events.
func (r *Region) DropLogGroup(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.state.logs, name)
	delete(r.state.tags, r.logARN(name))
}

func (r *Region) logARN(name string) string {
	return r.account.arn("logs", r.name, "log-group:"+name)
}

// logGroup finds a group, made when first asked for. The lock is held.
func (r *Region) logGroup(name string, created time.Time) *logGroup {
	if r.state.logs == nil {
		r.state.logs = map[string]*logGroup{}
	}
	g := r.state.logs[name]
	if g == nil {
		g = &logGroup{LogGroup: LogGroup{Name: name, Created: created}, streams: map[string][]logEvent{}}
		r.state.logs[name] = g
	}
	return g
}

// Log adds an event to a log stream that can be read at once; group and stream
// are made as needed.
func (r *Region) Log(group, stream string, at time.Time, message string) {
	r.LogSeen(group, stream, at, message, at)
}

// LogSeen adds an event that is ingested, and can be read, from an instant on.
// The same event again is another one, with an id of its own.
func (r *Region) LogSeen(group, stream string, at time.Time, message string, seen time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	g := r.logGroup(group, at)
	g.events++
	e := logEvent{at.UnixMilli(), max(at.UnixMilli(), seen.UnixMilli()), g.events, stream, message}
	es := g.streams[stream]
	i, _ := slices.BinarySearchFunc(es, e, logEvent.compare)
	g.streams[stream] = slices.Insert(es, i, e)
}

func describeLogGroups(q *request) (object, error) {
	n, err := q.limit("limit", 1, 50, 50)
	if err != nil {
		return nil, err
	}
	class, names := text(q.in["logGroupClass"]), texts(q.in["logGroupIdentifiers"])
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	var found []any
	for _, name := range sortedKeys(q.region.state.logs) {
		g := q.region.state.logs[name]
		if !strings.HasPrefix(name, text(q.in["logGroupNamePrefix"])) || !strings.Contains(name, text(q.in["logGroupNamePattern"])) ||
			class != "" && g.class() != class || len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		found = append(found, g.told(q.region.logARN(name)))
	}
	return q.paged("logGroups", found, "nextToken", q.in["nextToken"], n)
}

func (g *logGroup) class() string {
	if g.Class == "" {
		return "STANDARD"
	}
	return g.Class
}

func (g *logGroup) told(arn string) object {
	size := 0
	for _, es := range g.streams {
		size += sizeOf(es)
	}
	o := object{{"logGroupName", g.Name}, {"creationTime", int(g.Created.UnixMilli())}, {"metricFilterCount", 0}, {"arn", arn + ":*"}, {"storedBytes", size},
		{"logGroupArn", arn}, {"logGroupClass", g.class()}}
	if d := int(g.Retention / (24 * time.Hour)); d > 0 {
		o = append(o, field{"retentionInDays", d})
	}
	return o
}

// sizeOf is what CloudWatch Logs bills: the text and 26 bytes an event.
func sizeOf(es []logEvent) int {
	n := 0
	for _, e := range es {
		n += len(e.message) + logEventExtra
	}
	return n
}

// listLogTags tells the tags of a group, by its ARN without the star.
func listLogTags(q *request) (object, error) {
	arn := text(q.in["resourceArn"])
	_, name, ok := strings.Cut(arn, ":log-group:")
	q.region.mu.RLock()
	defer q.region.mu.RUnlock()
	if !ok || q.region.state.logs[name] == nil {
		return nil, &failure{http.StatusBadRequest, "ResourceNotFoundException", "The specified resource does not exist."}
	}
	tags := object{}
	for _, k := range sortedKeys(q.region.state.tags[arn]) {
		tags = append(tags, field{k, q.region.state.tags[arn][k]})
	}
	return object{{"tags", tags}}, nil
}
