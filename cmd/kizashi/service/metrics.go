package service

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/deliver"
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/logs"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// metrics is what the service says of itself.
type metrics struct {
	registry      *prometheus.Registry
	batches       *prometheus.CounterVec
	samples       prometheus.Counter
	late          prometheus.Counter
	lines         prometheus.Counter
	linesLate     prometheus.Counter
	patterns      prometheus.Gauge
	linesOther    prometheus.Gauge
	revisions     prometheus.Counter
	outages       *prometheus.CounterVec
	changes       *prometheus.CounterVec
	models        *prometheus.CounterVec
	votes         *prometheus.CounterVec
	off           *prometheus.GaugeVec
	sampleTook    *prometheus.GaugeVec
	faults        *prometheus.CounterVec
	unusable      prometheus.Counter
	refused       *prometheus.CounterVec
	rows          *prometheus.CounterVec
	fired         map[string]int // alerts that fire, by id: the Seq at which they were counted by model
	judgedUntil   *prometheus.GaugeVec
	readUntil     *prometheus.GaugeVec
	inHand        prometheus.Gauge
	series        prometheus.Gauge
	replayed      prometheus.Counter
	snapshot      prometheus.Gauge
	snapshotBytes prometheus.Gauge
	deliveries    *prometheus.CounterVec
	beats         *prometheus.CounterVec
	heart         prometheus.Gauge
	nobody        prometheus.Gauge
	reloadOK      prometheus.Gauge
	reloadAt      prometheus.Gauge
}

func newMetrics(version string) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), fired: map[string]int{}}
	m.batches = m.counters("batches_total", "Batches journalled.", "tenant", "kind")
	m.inHand = m.gauge("batches_in_hand", "Batches journalled and not yet stepped.")
	m.outages = m.counters("source_outages_total", "Batches that said that a partition could not be read.", "tenant")
	m.readUntil = m.gauges("read_until_timestamp_seconds", "Event time up to which a source has delivered all there is, back-fills left out; of commands, the clock that gates judgement.",
		"tenant", "account", "region", "kind", "period")
	m.judgedUntil = m.gauges("judged_until_timestamp_seconds", "Event time up to which a tenant's groups have run, by how far behind the clock their metrics are at the most: prompt, fast, slow, daily.", "tenant", "settling")
	m.samples = m.counter("samples_judged_total", "Samples judged, those replayed after a start included.")
	m.late = m.counter("samples_late_total", "Samples dropped because their series had gone on.")
	m.lines = m.counter("log_lines_total", "Log lines that came, those replayed after a start included.")
	m.linesLate = m.counter("log_lines_late_total", "Of them, those that came after their minute was over, or whose time lies far off: counted by pattern, in no minute.")
	m.patterns = m.gauge("log_patterns", "Patterns of log lines known at the last snapshot.")
	m.linesOther = m.gauge("log_lines_other", "Log lines whose pattern was evicted, as of the last snapshot.")
	m.revisions = m.counter("revisions_total", "Values that changed or came after their series had gone on.")
	m.changes = m.counters("alert_changes_total", "Changes of alerts, by the state they led to; new facts of one count too.", "tenant", "state")
	m.models = m.counters("alert_changes_by_model_total", "Changes of alerts to firing, by the detectors whose votes stood; an alert of several counts for each.", "model")
	m.faults = m.counters("model_faults_total", "Times that a detector panicked, or voted what is no number, and abstained; after three on a series it is left out there.", "model")
	m.off = m.gauges("model_off", "Whether a detector is switched off for all series: those that are not Kizashi's, and of the others those that ever were.", "model")
	m.sampleTook = m.gauges("model_sample_seconds", "What a detector took for a sample, on average, when it was last measured.", "model")
	m.votes = m.counters("votes_total", "Samples, and silences, on which a detector's vote stood; one of several detectors counts for each. The low-volume guard may still keep it from an alert.", "model")
	m.unusable = m.counter("samples_unusable_total", "Samples refused because their magnitude is beyond what can be computed with.")
	m.refused = m.counters("http_refused_total", "Requests refused (4xx) or put off (503), by what they asked for; other = nothing that there is, or a page of another site.", "handler", "code")
	m.rows = m.counters("evicted_rows_total", "Rows that retention removed from the ledger.", "table")
	m.deliveries = m.counters("deliveries_total", "Sends to sinks, by outcome: told, refused, skipped, missed, failed, reminded.", "sink", "outcome")
	m.beats = m.counters("heartbeats_total", "Heartbeats to outside receivers, by outcome: taken, failed.", "receiver", "outcome")
	m.heart = m.gauge("heartbeat_beating", "Whether the heartbeat goes out: 0 when the work makes no progress, or when nobody is to be told.")
	m.series = m.gauge("series", "Series known at the last snapshot.")
	m.replayed = m.counter("replayed_batches_total", "Batches stepped again at the start.")
	m.snapshot = m.gauge("snapshot_timestamp_seconds", "When the last snapshot was taken.")
	m.snapshotBytes = m.gauge("snapshot_size_bytes", "Size of the last snapshot.")
	m.nobody = m.gauge("alerts_undeliverable", "Alerts of class act that fire and that no receiver takes.")
	m.reloadOK = m.gauge("config_last_reload_successful", "Whether the last reload of the configuration worked.")
	m.reloadAt = m.gauge("config_last_reload_success_timestamp_seconds", "When the configuration was last read without a fault.")
	m.gauges("build_info", "The program's version; always 1.", "version").WithLabelValues(version).Set(1)
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) counter(name, help string) prometheus.Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Namespace: "kizashi", Name: name, Help: help})
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) gauge(name, help string) prometheus.Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "kizashi", Name: name, Help: help})
	m.registry.MustRegister(g)
	return g
}

func (m *metrics) counters(name, help string, labels ...string) *prometheus.CounterVec {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "kizashi", Name: name, Help: help}, labels)
	m.registry.MustRegister(c)
	return c
}

func (m *metrics) gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "kizashi", Name: name, Help: help}, labels)
	m.registry.MustRegister(g)
	return g
}

func (m *metrics) took(b *kizashi.Batch) {
	p := b.Partition
	m.batches.WithLabelValues(p.Tenant, string(p.Kind)).Inc()
	if b.Until != kizashi.Never && b.Until != kizashi.Forever && p.Backfill == "" {
		m.readUntil.WithLabelValues(p.Tenant, p.Account, p.Region, string(p.Kind), p.Period.String()).Set(float64(b.Until) / 1000)
	}
	if b.Status != nil {
		m.outages.WithLabelValues(b.Partition.Tenant).Inc()
	}
}

// groups says how the patterns of log groups stand.
func (m *metrics) groups(e *logs.Engine) {
	patterns, other := 0, uint64(0)
	for _, id := range e.Groups() {
		t, _ := e.Tally(id)
		patterns, other = patterns+t.Patterns, other+t.Other
	}
	m.patterns.Set(float64(patterns))
	m.linesOther.Set(float64(other))
}

func (m *metrics) kept(r *pipeline.Result) {
	late, unusable := 0, 0
	for i := range r.Judgements {
		switch {
		case r.Judgements[i].State == kizashi.LateSample:
			late++
		case r.Judgements[i].Why == kizashi.ClaimUnusable:
			unusable++
		}
	}
	m.samples.Add(float64(len(r.Judgements) - late - unusable))
	m.late.Add(float64(late))
	m.lines.Add(float64(r.Lines))
	m.linesLate.Add(float64(r.LateLines))
	m.unusable.Add(float64(unusable))
	for i := range r.Crossings {
		for _, v := range r.Crossings[i].Verdict.Votes {
			m.votes.WithLabelValues(v.Model).Inc()
		}
	}
	for i := range r.Compared {
		m.votes.WithLabelValues(r.Compared[i].Model).Inc()
	}
	for i := range r.Faults {
		m.faults.WithLabelValues(r.Faults[i].Model).Inc()
	}
	for i := range r.Alerts {
		m.changed(&r.Alerts[i])
	}
	if p := r.Partition; p.Kind != kizashi.Commands && r.Ran != kizashi.Never && r.Ran != kizashi.Forever {
		m.judgedUntil.WithLabelValues(p.Tenant, p.Class().String()).Set(float64(r.Ran) / 1000)
	}
}

// switched says which detectors are off; own are those that are not Kizashi's.
func (m *metrics) switched(own []string, off []detect.Off) {
	for _, name := range own {
		m.off.WithLabelValues(name).Set(0)
	}
	for _, o := range off {
		m.off.WithLabelValues(o.Model).Set(1)
	}
}

// changed counts a change of an alert. What is told again under its Seq is no
// other turn to firing.
func (m *metrics) changed(a *kizashi.Alert) {
	m.changes.WithLabelValues(a.Tenant, string(a.State)).Inc()
	if a.State != kizashi.Firing {
		delete(m.fired, a.ID)
		return
	}
	if m.fired[a.ID] == a.Seq {
		return
	}
	m.fired[a.ID] = a.Seq
	for _, model := range a.Models {
		m.models.WithLabelValues(model).Inc()
	}
}

// evicted counts what retention removed.
func (m *metrics) evicted(gone ledger.Removed) {
	for table, n := range gone {
		m.rows.WithLabelValues(table).Add(float64(n))
	}
}

// counting counts the requests that a handler refuses.
func (m *metrics) counting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &coded{ResponseWriter: w}
		h.ServeHTTP(c, r)
		if c.code < 400 || c.code >= 500 && c.code != http.StatusServiceUnavailable {
			return
		}
		what := "other"
		if _, path, ok := strings.Cut(r.Pattern, " "); ok { // set by the mux; a path as it was asked for would be anybody's label
			what = path
		}
		m.refused.WithLabelValues(what, strconv.Itoa(c.code)).Inc()
	})
}

// coded notes the code of an answer.
type coded struct {
	http.ResponseWriter
	code int
}

func (c *coded) WriteHeader(code int) {
	if c.code == 0 {
		c.code = code
	}
	c.ResponseWriter.WriteHeader(code)
}

// Unwrap is for [http.ResponseController].
func (c *coded) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (m *metrics) sent(r deliver.Report) {
	outcome := string(r.Outcome)
	switch {
	case r.Outcome == "":
		outcome = "failed"
	case r.Again && r.Outcome == alert.OutcomeTold:
		outcome = "reminded"
	}
	m.deliveries.WithLabelValues(r.Lane, outcome).Inc()
}

func (m *metrics) beat(receiver string, err error) {
	outcome := "taken"
	if err != nil {
		outcome = "failed"
	}
	m.beats.WithLabelValues(receiver, outcome).Inc()
}

func (m *metrics) beating(on bool) {
	m.heart.Set(0)
	if on {
		m.heart.Set(1)
	}
}

func (m *metrics) reloaded(ok bool, now time.Time) {
	m.reloadOK.Set(0)
	if ok {
		m.reloadOK.Set(1)
		m.reloadAt.Set(float64(now.UnixMilli()) / 1000)
	}
}

func (m *metrics) undeliverable(ids []string) { m.nobody.Set(float64(len(ids))) }
