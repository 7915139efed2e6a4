package config

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// Sink is one way to tell a receiver.
type Sink struct {
	Kind    string        // its row in the table of kinds
	Name    string        // how the outbox knows it: receiver, kind, and where it leads; of the default receiver without the receiver
	Each    bool          // every alert on its own, not in threads
	Grouped bool          // while it is read: in threads, although its kind is for machines
	Resend  time.Duration // > 0: it keeps state, and what fires is told it again so often
	Opener  Opener
}

// Machine says that the sink is of a kind for machines.
func (s Sink) Machine() bool {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == s.Kind })
	return i >= 0 && kinds[i].each
}

// Opener is what the file says of a sink. Each kind has one; they can be
// compared, so that a reload sees what has changed.
type Opener interface {
	// Open makes the sink under that name. It sends nothing.
	Open(ctx context.Context, name string, env SinkEnv) (alert.Sink, error)
	// Target says where it leads, without anything that is secret; "" = there
	// is one such place only.
	Target() string
}

// SinkEnv is what sinks take from the process.
type SinkEnv struct {
	Now func() time.Time
	Out io.Writer // of stdout
	Log *slog.Logger
}

// Warn tells of what a sink mended by itself.
func (e SinkEnv) Warn(sink string) func(error) {
	return func(err error) {
		if e.Log != nil {
			e.Log.Warn("delivery", "sink", sink, "err", err)
		}
	}
}

// kind is a row in the table of kinds of sinks: the key in the file, whether
// it is for machines, which take every alert on its own, and how it is read.
type kind struct {
	name string
	each bool
	read func(w *walker, n *yaml.Node, name string) []Sink // Opener, Resend and Grouped
}

// kinds is where a sink's name, its configuration and its constructor meet.
var kinds = []kind{
	{"alertmanager", true, (*walker).alertmanager},
	{"sns", true, (*walker).snsSink},
	{"eventbridge", true, (*walker).eventbridge},
	{"opsitem", true, (*walker).opsitem},
	{"stdout", true, (*walker).stdout},
	{"file", true, (*walker).file},
	{"mail", false, (*walker).mail},
	{"slack", false, (*walker).slack},
	{"webhook", false, (*walker).webhook},
}

func kindNames() (out []string) {
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// sinkItem reads an item of a receiver's sinks: a mapping of one kind.
func (w *walker) sinkItem(n *yaml.Node, name string) (out []Sink) {
	n = yamlstrict.Resolve(n)
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 {
		w.Fail(n, "%s: want one kind of sink (%s) and what it needs", name, strings.Join(kindNames(), ", "))
		return nil
	}
	return w.sinkFields(n, name)
}

// sinkFields reads a mapping of kinds.
func (w *walker) sinkFields(n *yaml.Node, name string) (out []Sink) {
	fields := map[string]func(*yaml.Node){}
	for _, k := range kinds {
		fields[k.name] = func(n *yaml.Node) {
			for _, s := range k.read(w, n, name+"."+k.name) {
				s.Kind, s.Each, s.Grouped = k.name, k.each && !s.Grouped, false
				out = append(out, s)
			}
		}
	}
	w.Fields(n, name, fields)
	return out
}

// distinct names the sinks of a receiver. Two that lead to the same place
// would tell everything twice, and the outbox could not tell them apart.
func (w *walker) distinct(n *yaml.Node, r *Receiver, name string) {
	seen := map[string]bool{}
	for i := range r.Sinks {
		s := &r.Sinks[i]
		s.Name = s.Kind
		if r.Name != DefaultReceiver {
			s.Name = r.Name + " " + s.Kind
		}
		if to := s.Opener.Target(); to != "" {
			s.Name += " " + to
		}
		if seen[s.Name] {
			w.Fail(n, "%s: %s stands twice", name, s.Name)
		}
		seen[s.Name] = true
	}
}

// sinks reads the sinks of the default receiver.
func (w *walker) sinks(c *Config, n *yaml.Node) {
	r := newReceiver(DefaultReceiver)
	r.Line, r.Sinks = n.Line, w.sinkFields(n, "sinks")
	w.distinct(n, &r, "sinks")
	if len(r.Sinks) > 0 {
		c.Receivers = slices.Insert(c.Receivers, 0, r)
	}
}

// Receiver returns the receiver of that name.
func (c *Config) Receiver(name string) (Receiver, error) {
	for _, r := range c.Receivers {
		if r.Name == name {
			return r, nil
		}
	}
	var names []string
	for _, r := range c.Receivers {
		names = append(names, r.Name)
	}
	return Receiver{}, fmt.Errorf("%q is no receiver%s", name, yamlstrict.Nearest(name, names))
}
