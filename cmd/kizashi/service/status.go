package service

import (
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// Status is how the service does: the answer of /api/status.
type Status struct {
	At            time.Time      `json:"at"`
	Running       bool           `json:"running"`
	Snapshot      time.Time      `json:"snapshot,omitzero"`
	Reads         []Read         `json:"reads"`
	Alerts        []ledger.Count `json:"alerts"`
	Outbox        []ledger.Depth `json:"outbox"` // lanes that have something to tell
	Muted         []alert.Act    `json:"muted"`
	Watched       []alert.Act    `json:"watched"`
	Undeliverable []string       `json:"undeliverable,omitempty"`
	Detectors     []Detector     `json:"detectors,omitempty"` // those that are not Kizashi's, that failed, or that are off
}

// Read is how far a partition was read.
type Read struct {
	Tenant  string       `json:"tenant"`
	Account string       `json:"account,omitempty"`
	Region  string       `json:"region,omitempty"`
	Kind    string       `json:"kind"`
	Period  string       `json:"period,omitempty"`
	Settle  string       `json:"settle,omitempty"` // of logs: the hold-back
	Until   kizashi.Time `json:"until"`
	Out     string       `json:"out,omitempty"` // why it cannot be read
}

func (s *Service) answerStatus(w http.ResponseWriter, _ *http.Request) {
	st, err := s.status()
	if err != nil {
		s.fail(w, err)
		return
	}
	s.json(w, http.StatusOK, st)
}

func (s *Service) status() (Status, error) {
	now := s.opt.Now()
	st := Status{Running: s.ready.Load(), Undeliverable: s.dispatch.undeliverable(), Detectors: s.howDetectors(), Reads: []Read{}}
	if ms := s.snapshotMS.Load(); ms != 0 {
		st.Snapshot = time.UnixMilli(ms).UTC()
	}
	for _, r := range s.readings.all() {
		if r.Over || r.Kind == kizashi.Commands || r.Backfill != "" {
			continue
		}
		one := Read{Tenant: r.Tenant, Account: r.Account, Region: r.Region, Kind: string(r.Kind), Period: r.Period.String(), Until: r.Until}
		if r.Kind == kizashi.Logs {
			one.Settle = r.Settle.String()
		}
		if r.Out != nil {
			one.Out = r.Out.Reason
		}
		st.Reads = append(st.Reads, one)
	}
	return st, st.Fill(s.store.Ledger(), now)
}

// Fill adds what the ledger knows.
func (st *Status) Fill(l *ledger.Ledger, now time.Time) (err error) {
	var errs [4]error
	st.At = now.UTC()
	st.Alerts, errs[0] = l.Counts()
	st.Outbox, errs[1] = l.Depths()
	st.Muted, errs[2] = l.Acts(ledger.ActFilter{Kind: alert.ActMute, Holds: now})
	st.Watched, errs[3] = l.Acts(ledger.ActFilter{Kind: alert.ActWatch, Holds: now})
	return errors.Join(errs[:]...)
}

// census counts what stands in the ledger when Prometheus asks.
type census struct {
	ledger *ledger.Ledger
	now    func() time.Time
	failed func(error)
	lanes  []string
}

var (
	alertsDesc  = prometheus.NewDesc("kizashi_alerts", "Alerts that are not over, by state.", []string{"tenant", "state"}, nil)
	depthDesc   = prometheus.NewDesc("kizashi_outbox_threads", "Threads of which a sink has still to be told.", []string{"sink"}, nil)
	failingDesc = prometheus.NewDesc("kizashi_outbox_failing_threads", "Threads of which a send has failed and is tried again.", []string{"sink"}, nil)
	ageDesc     = prometheus.NewDesc("kizashi_outbox_oldest_seconds", "For how long the first of the threads that wait has waited.", []string{"sink"}, nil)
	mutedDesc   = prometheus.NewDesc("kizashi_acts_in_force", "Mutes and watches that people said and that hold.", []string{"kind"}, nil)
)

// Describe implements prometheus.Collector.
func (c census) Describe(d chan<- *prometheus.Desc) {
	for _, x := range []*prometheus.Desc{alertsDesc, depthDesc, failingDesc, ageDesc, mutedDesc} {
		d <- x
	}
}

// Collect implements prometheus.Collector.
func (c census) Collect(m chan<- prometheus.Metric) {
	var st Status
	if err := st.Fill(c.ledger, c.now()); err != nil {
		c.failed(err)
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		m <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	for _, a := range st.Alerts {
		gauge(alertsDesc, float64(a.N), a.Tenant, a.State)
	}
	of := map[string]ledger.Depth{}
	for _, d := range st.Outbox {
		of[d.Lane] = d
	}
	for _, lane := range c.lanes {
		d, age := of[lane], 0.0
		if !d.Oldest.IsZero() {
			age = max(0, st.At.Sub(d.Oldest).Seconds())
		}
		gauge(depthDesc, float64(d.Waiting), lane)
		gauge(failingDesc, float64(d.Failing), lane)
		gauge(ageDesc, age, lane)
	}
	gauge(mutedDesc, float64(len(st.Muted)), "mute")
	gauge(mutedDesc, float64(len(st.Watched)), "watch")
}

func (s *Service) census() census {
	c := census{ledger: s.store.Ledger(), now: s.opt.Now, failed: func(err error) { s.opt.Log.Error("metrics", "err", err) }}
	for _, l := range s.lanes {
		c.lanes = append(c.lanes, l.Name())
	}
	return c
}
