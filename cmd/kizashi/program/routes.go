package program

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/alert/route"
	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
)

// routesCommand says who would be told of an alert with some labels, and why.
func routesCommand(_ context.Context, e env, args []string) error {
	fs := flagSet(e, "routes", "test NAME=VALUE... [--config FILE]")
	var f clientFlags
	fs.StringVar(&f.config, "config", "", "the configuration `file` (default $KIZASHI_CONFIG, or "+usualConfig+")")
	js := fs.Bool("json", false, "print it as JSON")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) < 2 || rest[0] != "test" {
		return errUsage{errors.New("want: routes test tenant=shop severity=critical service=web ...")}
	}
	labels := map[string]string{}
	for _, t := range rest[1:] {
		name, value, ok := strings.Cut(t, "=")
		if !ok || name == "" {
			return errUsage{fmt.Errorf("%q: want NAME=VALUE", t)}
		}
		labels[name] = strings.Trim(value, `"`)
	}
	cfg, err := e.load(f.file(e))
	if err != nil {
		return err
	}
	if labels["tenant"] == "" && len(cfg.Tenants) == 1 {
		labels["tenant"] = cfg.Tenants[0].Name
	}
	if labels["tenant"] == "" {
		return errUsage{errors.New("tenant is missing: tenant=NAME")}
	}
	if _, err := oneTenant(cfg, labels["tenant"]); err != nil {
		return err
	}
	tree, err := treeOf(cfg)
	if err != nil {
		return err
	}
	x := tree.Explain(labels["tenant"], kizashi.LabelsOf(labels))
	if *js {
		return printJSON(e.out, x)
	}
	_, err = fmt.Fprint(e.out, x)
	return err
}

// treeOf are the routes; without any the default receiver hears all, if there
// is one.
func treeOf(cfg *config.Config) (*route.Tree, error) {
	tree, err := service.Routes(cfg)
	if tree != nil || err != nil {
		return tree, err
	}
	if _, err := cfg.Receiver(config.DefaultReceiver); err != nil {
		return new(route.Tree), nil
	}
	return route.New([]route.Receiver{{Name: route.Default}}, nil)
}

// notifyCommand tries the ways by which people are told.
func notifyCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "notify", "--test|--preview [RECEIVER]")
	var f clientFlags
	fs.StringVar(&f.config, "config", "", "the configuration `file` (default $KIZASHI_CONFIG, or "+usualConfig+")")
	test := fs.Bool("test", false, "send a test message by every sink of the receiver, or of all")
	preview := fs.Bool("preview", false, "only print the message")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if *test == *preview || len(rest) > 1 {
		return errUsage{errors.New("want --test or --preview, and one receiver at the most")}
	}
	cfg, err := e.load(f.file(e))
	if err != nil {
		return err
	}
	lanes, err := service.Sinks(ctx, cfg, service.Options{Now: time.Now, Out: e.out})
	if err != nil {
		return err
	}
	if len(rest) == 1 {
		if _, err := cfg.Receiver(rest[0]); err != nil {
			return err
		}
	}
	failed := 0
	for _, l := range lanes {
		if len(rest) == 1 && l.Receiver.Name != rest[0] {
			continue
		}
		n, err := testMessage(cfg, l, time.Now())
		if err != nil {
			return err
		}
		if *preview {
			tellMessage(e, l.Sink.Name(), n)
			continue
		}
		err = send(ctx, l.Sink, n)
		if err != nil {
			failed++
			fmt.Fprintf(e.out, "FAILED  %s: %v\n", l.Sink.Name(), err)
			continue
		}
		fmt.Fprintf(e.out, "ok      %s\n", l.Sink.Name())
	}
	if failed > 0 {
		return errFound
	}
	return nil
}

func send(ctx context.Context, s alert.Sink, n alert.Notification) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return s.Send(ctx, n)
}

// testMessage is what a lane's sink is sent to try the way: in its language,
// about no alert that there is.
func testMessage(cfg *config.Config, l service.Lane, now time.Time) (n alert.Notification, err error) {
	tenant, lang := l.Receiver.Tenant, l.Receiver.Language
	if tenant == "" {
		tenant = cfg.Tenants[0].Name
	}
	if lang == "" {
		lang = cfg.LanguageOf(tenant)
	}
	at := kizashi.TimeOf(now).Floor(time.Minute)
	m := kizashi.Moment{At: at, Value: 1, Verdict: kizashi.Verdict{Expected: kizashi.None(), Lower: kizashi.None(), Upper: kizashi.None()}}
	a := kizashi.Alert{ID: fmt.Sprintf("test%012x", uint64(at)), Tenant: tenant, Group: "kizashi", Labels: kizashi.LabelsOf(map[string]string{"name": "test"}),
		Side: kizashi.Up, Class: "check", State: kizashi.Resolved, Opened: at, From: at, To: at, Changed: at, Seq: 2, Opening: m, Peak: m}
	t := alert.Thread{ID: a.ID, Lane: l.Sink.Name(), Tenant: tenant, State: a.State, Seq: 1, Reason: alert.ReasonTest, Opened: now, Changed: now, Until: at,
		Members: []alert.Member{{Alert: a.ID, Turn: alert.TurnOf(a), Since: 1}}}
	n = alert.Notification{Alert: a, Thread: &t, Lang: string(lang), DedupKey: a.ID + "-1"}
	n.Message, err = explain.Compose(explain.Letter{Thread: t, Members: []explain.Episode{{Alert: a}}}, explain.Style{Lang: lang})
	n.Title, n.Summary = n.Message.Title, n.Message.Lead
	return n, err
}

func tellMessage(e env, sink string, n alert.Notification) {
	fmt.Fprintf(e.out, "%s\n  %s\n  %s\n", sink, explain.Clean(n.Title), explain.Clean(n.Message.Lead))
	for _, f := range n.Message.Facts {
		fmt.Fprintf(e.out, "  %s: %s\n", explain.Clean(f.Name), explain.Clean(f.Text))
	}
	fmt.Fprintf(e.out, "  %s\n", explain.Clean(n.Message.Foot))
}
