package config

import (
	"context"
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/alertmanager"
	"github.com/kizashi-ops/kizashi/alert/sns"
	"github.com/kizashi-ops/kizashi/alert/stdout"
)

// AlertmanagerSink is one peer of a cluster of Alertmanagers; each is told
// everything.
type AlertmanagerSink struct {
	URL    string
	Resend time.Duration
}

// Open implements Opener. The sink adds the peer to its name.
func (a AlertmanagerSink) Open(_ context.Context, name string, e SinkEnv) (alert.Sink, error) {
	return alertmanager.New(alertmanager.Config{Name: strings.TrimSuffix(name, " "+a.Target()), URL: a.URL, Resend: a.Resend, Now: e.Now})
}

// Target is the peer, as the outbox knows it.
func (a AlertmanagerSink) Target() string {
	u, err := url.Parse(a.URL)
	if err != nil {
		return ""
	}
	return u.Host + strings.TrimRight(u.Path, "/")
}

func (w *walker) alertmanager(n *yaml.Node, name string) (out []Sink) {
	var urls []string
	resend, before := DefaultResend, w.Faults()
	w.Fields(n, name, map[string]func(*yaml.Node){
		"urls":   func(n *yaml.Node) { urls = w.urls(name+".urls", n) },
		"resend": w.Duration(&resend, name+".resend"),
	})
	if w.Faults() == before && len(urls) == 0 {
		w.Fail(n, "%s.urls: want at least one", name)
	}
	if w.Faults() == before && resend < shortestResend {
		w.Fail(n, "%s.resend: want at least %s, not %s", name, shortestResend, resend)
	}
	for _, u := range urls {
		out = append(out, Sink{Opener: AlertmanagerSink{u, resend}, Resend: resend})
	}
	return out
}

// SNSSink is one topic.
type SNSSink struct{ SNS }

// Open implements Opener.
func (s SNSSink) Open(ctx context.Context, name string, _ SinkEnv) (alert.Sink, error) {
	return sns.New(ctx, sns.Config{Name: name, Topic: s.Topic, Region: s.Region, Endpoint: s.Endpoint})
}

// Target is the topic.
func (s SNSSink) Target() string { return s.Topic }

func (w *walker) snsSink(n *yaml.Node, name string) []Sink {
	var s SNSSink
	w.sns(&s.SNS, n, name)
	return []Sink{{Opener: s}}
}

// StdoutSink writes a line a message.
type StdoutSink struct{}

// Open implements Opener.
func (StdoutSink) Open(_ context.Context, name string, e SinkEnv) (alert.Sink, error) {
	return stdout.New(name, e.Out), nil
}

// Target is the only one.
func (StdoutSink) Target() string { return "" }

func (w *walker) stdout(n *yaml.Node, name string) []Sink {
	on := false
	w.Bool(&on, name)(n)
	if !on {
		return nil
	}
	return []Sink{{Opener: StdoutSink{}}}
}
