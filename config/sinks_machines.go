package config

import (
	"context"
	"net/url"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/alertmanager"
	"github.com/kizashi-ops/kizashi/alert/eventbridge"
	"github.com/kizashi-ops/kizashi/alert/file"
	"github.com/kizashi-ops/kizashi/alert/opsitem"
	"github.com/kizashi-ops/kizashi/alert/sns"
	"github.com/kizashi-ops/kizashi/alert/stdout"
)

// AlertmanagerSink is one peer of a cluster of Alertmanagers; each is told
// everything.
type AlertmanagerSink struct {
	URL    Secret // it may hold a password
	Resend time.Duration
}

// Open implements Opener. The sink adds the peer to its name.
func (a AlertmanagerSink) Open(_ context.Context, name string, e SinkEnv) (alert.Sink, error) {
	return alertmanager.New(alertmanager.Config{Name: strings.TrimSuffix(name, " "+a.Target()), URL: a.URL.Reveal(), Resend: a.Resend, Now: e.Now})
}

// Target is the peer, as the outbox knows it.
func (a AlertmanagerSink) Target() string {
	u, err := url.Parse(a.URL.Reveal())
	if err != nil {
		return ""
	}
	return u.Host + strings.TrimRight(u.Path, "/")
}

func (w *walker) alertmanager(n *yaml.Node, name string) (out []Sink) {
	var urls []Secret
	resend, before := DefaultResend, w.Faults()
	fields := map[string]func(*yaml.Node){"resend": w.Duration(&resend, name+".resend")}
	w.addresses(fields, &urls, name, "urls")
	w.Fields(n, name, fields)
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

// SNSSink is one topic, in one of the forms that those who read it expect.
type SNSSink struct {
	SNS
	Format sns.Format
}

// Open implements Opener.
func (s SNSSink) Open(ctx context.Context, name string, _ SinkEnv) (alert.Sink, error) {
	return sns.New(ctx, sns.Config{Name: name, Topic: s.Topic, Region: s.Region, Endpoint: s.Endpoint, Format: s.Format})
}

// Target is the topic.
func (s SNSSink) Target() string { return s.Topic }

// snsSink reads a topic. Its chat form is for people, who are told in threads.
func (w *walker) snsSink(n *yaml.Node, name string) []Sink {
	s, format := SNSSink{}, string(sns.Plain)
	w.snsFields(&s.SNS, n, name, map[string]func(*yaml.Node){
		"format": w.oneOf(&format, name+".format", string(sns.Plain), string(sns.CloudWatch), string(sns.Chat)),
	})
	s.Format = sns.Format(format)
	return []Sink{{Opener: s, Grouped: s.Format == sns.Chat}}
}

// EventBridgeSink is one bus.
type EventBridgeSink struct{ Bus, Region, Endpoint string }

// Open implements Opener.
func (b EventBridgeSink) Open(ctx context.Context, name string, _ SinkEnv) (alert.Sink, error) {
	return eventbridge.New(ctx, eventbridge.Config{Name: name, Bus: b.Bus, Region: b.Region, Endpoint: b.Endpoint})
}

// Target is the bus.
func (b EventBridgeSink) Target() string { return strings.TrimSpace(b.Bus + " " + b.Region) }

func (w *walker) eventbridge(n *yaml.Node, name string) []Sink {
	var b EventBridgeSink
	w.Fields(n, name, map[string]func(*yaml.Node){
		"bus": w.needed(&b.Bus, name+".bus"), "region": w.regionOf(&b.Region, name+".region"), "endpoint": w.url(&b.Endpoint, name+".endpoint"),
	})
	return []Sink{{Opener: b}}
}

// OpsItemSink is the OpsCenter of one region.
type OpsItemSink struct{ Region, Source, Endpoint string }

// Open implements Opener.
func (o OpsItemSink) Open(ctx context.Context, name string, _ SinkEnv) (alert.Sink, error) {
	return opsitem.New(ctx, opsitem.Config{Name: name, Region: o.Region, Source: o.Source, Endpoint: o.Endpoint})
}

// Target is the region.
func (o OpsItemSink) Target() string { return o.Region }

func (w *walker) opsitem(n *yaml.Node, name string) []Sink {
	var o OpsItemSink
	w.Fields(n, name, map[string]func(*yaml.Node){
		"region": w.regionOf(&o.Region, name+".region"), "source": w.needed(&o.Source, name+".source"), "endpoint": w.url(&o.Endpoint, name+".endpoint"),
	})
	return []Sink{{Opener: o}}
}

// regionOf reads one region.
func (w *walker) regionOf(into *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		var one []string
		w.region(&one, name)(n)
		*into = one[0]
	}
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

// FileSink appends a line a message.
type FileSink struct{ Path string }

// Open implements Opener.
func (f FileSink) Open(_ context.Context, name string, _ SinkEnv) (alert.Sink, error) {
	return file.New(name, f.Path)
}

// Target is the file.
func (f FileSink) Target() string { return f.Path }

func (w *walker) file(n *yaml.Node, name string) []Sink {
	var f FileSink
	w.Fields(n, name, map[string]func(*yaml.Node){"path": w.needed(&f.Path, name+".path")})
	if f.Path == "" {
		w.Fail(n, "%s: path is missing", name)
	} else {
		f.Path = w.beside(f.Path)
	}
	return []Sink{{Opener: f}}
}
