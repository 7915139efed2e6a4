package config

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// Heartbeat tells the outside that Kizashi works, so that someone notices when
// it does not.
type Heartbeat struct {
	Every        time.Duration
	HTTP         Secret   // URL that is asked each time: its path is a key; unset = none
	Method       string   // GET or POST
	SNS          *SNS     // nil = none
	Alertmanager []Secret // URLs, which may hold passwords; none = none
	sinks        bool     // the Alertmanagers are those of sinks
}

// On says that there is anybody to tell.
func (h Heartbeat) On() bool { return h.HTTP.Set() || h.SNS != nil || len(h.Alertmanager) > 0 }

const (
	// DefaultEvery is how often it beats.
	DefaultEvery  = time.Minute
	shortestEvery = time.Second
)

func (w *walker) heartbeat(h *Heartbeat, n *yaml.Node) {
	h.Every, h.Method = DefaultEvery, http.MethodGet
	fields := map[string]func(*yaml.Node){
		"every":  w.atLeast(&h.Every, shortestEvery, "heartbeat.every"),
		"method": w.oneOf(&h.Method, "heartbeat.method", http.MethodGet, http.MethodPost),
		"sns": func(n *yaml.Node) {
			h.SNS = &SNS{}
			if yamlstrict.Resolve(n).Kind == yaml.ScalarNode {
				w.topic(&h.SNS.Topic, "heartbeat.sns")(n)
				return
			}
			w.sns(h.SNS, n, "heartbeat.sns")
		},
	}
	w.secretThat(fields, &h.HTTP, "heartbeat", "http", webAddress)
	w.addresses(fields, &h.Alertmanager, "heartbeat", "alertmanager")
	list := fields["alertmanager"]
	fields["alertmanager"] = func(n *yaml.Node) {
		if yamlstrict.Resolve(n).Kind == yaml.ScalarNode {
			w.Bool(&h.sinks, "heartbeat.alertmanager")(n)
			return
		}
		list(n)
	}
	w.Fields(n, "heartbeat", fields)
}

// beats gives the heartbeat the sinks' Alertmanagers where it says so, and
// checks that it goes anywhere.
func (w *walker) beats(c *Config, root *yaml.Node) {
	h := &c.Heartbeat
	for _, r := range c.Receivers {
		for _, k := range r.Sinks {
			if a, ok := k.Opener.(AlertmanagerSink); ok && h.sinks && r.Name == DefaultReceiver {
				h.Alertmanager = append(h.Alertmanager, a.URL)
			}
		}
	}
	if h.sinks && len(h.Alertmanager) == 0 {
		w.Fail(root, "heartbeat.alertmanager: true means those of sinks.alertmanager, and there are none")
	}
	if h.Every > 0 && !h.On() && !h.sinks {
		w.Fail(root, "heartbeat: it goes nowhere; give http, sns or alertmanager")
	}
}

func (w *walker) sns(t *SNS, n *yaml.Node, name string) { w.snsFields(t, n, name, nil) }

// snsFields reads a topic with more keys than its own.
func (w *walker) snsFields(t *SNS, n *yaml.Node, name string, more map[string]func(*yaml.Node)) {
	before := w.Faults()
	fields := map[string]func(*yaml.Node){
		"topic":    w.Text(&t.Topic, name+".topic"),
		"region":   w.Text(&t.Region, name+".region"),
		"endpoint": w.url(&t.Endpoint, name+".endpoint"),
	}
	maps.Copy(fields, more)
	w.Fields(n, name, fields)
	if w.Faults() == before && !strings.HasPrefix(t.Topic, "arn:") {
		w.Fail(n, "%s.topic: want the topic's ARN, not %q", name, t.Topic)
	}
}

func (w *walker) topic(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		w.Text(into, name)(n)
		if !strings.HasPrefix(*into, "arn:") {
			w.Fail(n, "%s: want a topic's ARN, not %q", name, *into)
		}
	}
}

// override reads a file of the user's over what the program knows. The faults
// of that file come with its own lines.
func (w *walker) override(over func(file string) error, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var file string
		w.needed(&file, name)(n)
		if file == "" {
			return
		}
		err := over(w.beside(file))
		var missing *fs.PathError
		if errors.As(err, &missing) {
			w.Fail(n, "%s: %s", name, missing)
			return
		}
		if err != nil {
			w.files = append(w.files, err)
		}
	}
}

// beside is where a file is that this one names: beside it, unless it says
// otherwise.
func (w *walker) beside(file string) string { return beside(w.File, file) }

func beside(config, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(filepath.Dir(config), file)
}
