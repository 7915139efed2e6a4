package cost

import (
	"embed"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

//go:embed data/prices.yaml
var data embed.FS

// Price is one figure of the price file.
type Price struct {
	Name     string  `json:"name"`
	Region   string  `json:"region,omitempty"` // "" = wherever the file has no other
	Value    float64 `json:"value"`            // USD; of size_update bytes
	Unit     string  `json:"unit"`             // what one Value buys
	AsOf     string  `json:"as_of"`            // day: 2006-01-02
	Source   string  `json:"source"`
	Verified bool    `json:"verified"` // held against AWS's own page on that day
	Free     int64   `json:"free_a_month,omitempty"`
}

// The names that a price file may give, all of which the program's own has.
const (
	MetricsRequested = "metrics_requested"     // GetMetricData
	Requests         = "requests"              // CloudWatch's other requests
	FreeReads        = "free_reads"            // reads for which AWS asks nothing
	StreamUpdates    = "stream_updates"        // of metric streams
	FirehoseGB       = "firehose"              // what delivers a metric stream
	UpdateSize       = "size_update"           // bytes of an update in a stream: no price, but as uncertain as one
	Alarm            = "alarm"                 // a CloudWatch alarm on one metric
	AlarmHigh        = "alarm_high_resolution" // with a period under a minute
	AnomalyAlarm     = "anomaly_alarm"         // on a band
	AnomalyAlarmHigh = "anomaly_alarm_high_resolution"
	AnomalyDetector  = "anomaly_detector" // the model behind a band
)

const (
	perMetrics  = "1000 metrics"
	perRequests = "1000 requests"
	perUpdates  = "1000 updates"
	perGB       = "GB"
	perMonth    = "month"
	bytesEach   = "bytes"
)

// units is what each price is for: a file cannot change that.
var units = map[string]string{
	MetricsRequested: perMetrics, Requests: perRequests, FreeReads: perRequests, StreamUpdates: perUpdates, FirehoseGB: perGB, UpdateSize: bytesEach,
	Alarm: perMonth, AlarmHigh: perMonth, AnomalyAlarm: perMonth, AnomalyAlarmHigh: perMonth, AnomalyDetector: perMonth,
}

// per is how many of a thing a unit is.
var per = map[string]float64{perMetrics: 1000, perRequests: 1000, perUpdates: 1000, perGB: 1, perMonth: 1, bytesEach: 1}

// Prices are what a price file says, and what a user's file says over it.
type Prices struct {
	prices  map[string]map[string]Price // by name, then region; "" = the default
	actions map[string]string           // "cloudwatch:GetMetricData", "sts:*" -> name
}

// Load returns the prices that come with the program.
func Load() (*Prices, error) {
	const file = "data/prices.yaml"
	b, err := data.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &Prices{prices: map[string]map[string]Price{}, actions: map[string]string{}}
	if err := p.read(file, b, false); err != nil {
		return nil, err
	}
	for name := range units {
		if _, ok := p.prices[name]; !ok {
			return nil, fmt.Errorf("%s: no price %s", file, name)
		}
	}
	return p, nil
}

// Override reads a user's file. A price in it replaces that price whole, with
// all its regions. On any fault all faults are told and nothing is taken.
func (p *Prices) Override(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("prices: %w", err)
	}
	return p.read(file, b, true)
}

// Price returns the price of that name in a region.
func (p *Prices) Price(name, region string) Price {
	if q, ok := p.prices[name][region]; ok {
		return q
	}
	return p.prices[name][""]
}

// All lists every price, by name and region.
func (p *Prices) All() []Price {
	var out []Price
	for _, name := range slices.Sorted(maps.Keys(p.prices)) {
		for _, region := range slices.Sorted(maps.Keys(p.prices[name])) {
			out = append(out, p.prices[name][region])
		}
	}
	return out
}

// action finds the price of an action: its own, else that of its service.
func (p *Prices) action(action string) (name string, ok bool) {
	if name, ok = p.actions[action]; ok {
		return name, true
	}
	service, _, _ := strings.Cut(action, ":")
	name, ok = p.actions[service+":*"]
	return name, ok
}
