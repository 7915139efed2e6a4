package config

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/calendar/recur"
)

// Job is something that has to be done at its times, such as a backup. The
// tenant's digest says of each run whether it was.
type Job struct {
	Line     int // in the file
	Name     string
	Tenant   string
	Match    kizashi.Matchers // series of which a sample above zero says that it is done
	Spec     string
	Window   *recur.Window // each of its stretches is a run: due from its begin, late from its end
	Calendar string        // "" = the only one
}

func (w *walker) job(c *Config, n *yaml.Node, name string) {
	j, before := Job{Line: n.Line}, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"name":     w.needed(&j.Name, name+".name"),
		"tenant":   w.needed(&j.Tenant, name+".tenant"),
		"match":    w.Matchers(&j.Match, name+".match"),
		"window":   w.needed(&j.Spec, name+".window"),
		"calendar": w.needed(&j.Calendar, name+".calendar"),
	})
	if before != w.Faults() {
		return
	}
	if j.Name == "" || len(j.Match) == 0 || j.Spec == "" {
		w.Fail(n, "%s: want name, match (the series of which a sample above zero says that it is done) and window (when it has to come)", name)
		return
	}
	w.afterwards = append(w.afterwards, func() { w.declaresJob(c, n, name, j) })
}

// declaresJob checks and keeps a job once the whole file is read.
func (w *walker) declaresJob(c *Config, n *yaml.Node, name string, j Job) {
	before := w.Faults()
	w.whose(c, n, name, &j.Tenant, "whose job is it?")
	if _, ok := w.daysOf(c, n, name, j.Calendar); !ok || before != w.Faults() {
		return
	}
	var err error
	if j.Window, err = c.Window(j.Spec, j.Calendar); err != nil {
		w.Fail(n, "%s.window: %s", name, err)
		return
	}
	if slices.ContainsFunc(c.Jobs, func(o Job) bool { return o.Tenant == j.Tenant && o.Name == j.Name }) {
		w.Fail(n, "%s: tenant %s has a job %q above", name, j.Tenant, j.Name)
		return
	}
	if i := slices.IndexFunc(c.Tenants, func(t Tenant) bool { return t.Name == j.Tenant }); c.Tenants[i].Digest == "" {
		w.Fail(n, "%s: tenant %s has no digest, in which it would be told", name, j.Tenant)
		return
	}
	c.Jobs = append(c.Jobs, j)
}

// Run is one time at which a job has to be done.
type Run struct {
	Due  time.Time
	By   time.Time // after it, it is late
	Next time.Time // when the next one is due: what comes from then on is that one's
}

// jobReach is how far about a stretch of time runs are looked for. It is more
// than calendar months have days, so that a monthly job has its next run.
const jobReach = 32 * 24 * time.Hour

// Runs are the job's runs whose time ends in (from, to], in order.
func (j *Job) Runs(from, to time.Time) (out []Run) {
	begin, end := from.Add(-jobReach), to.Add(jobReach)
	spans := j.Window.Spans(begin, end)
	for i, s := range spans {
		if s.From.Equal(begin) || s.To.Equal(end) || !s.To.After(from) || s.To.After(to) {
			continue // cut, or of another day
		}
		next := end
		if i+1 < len(spans) {
			next = spans[i+1].From
		}
		out = append(out, Run{s.From, s.To, next})
	}
	return out
}
