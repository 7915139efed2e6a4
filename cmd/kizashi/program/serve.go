package program

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

// serveCommand runs the service until SIGTERM.
func serveCommand(ctx context.Context, e env, args []string) error {
	fs := flagSet(e, "serve", "--config FILE")
	file := fs.String("config", "", "the configuration `file`")
	webConfig := fs.String("web.config.file", "", "`file` with TLS and passwords of the HTTP side")
	rest, err := parse(fs, args)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return errUsage{fmt.Errorf("%q is not understood", rest[0])}
	case *file == "":
		return errUsage{errors.New("--config is needed")}
	}
	cfg, err := e.load(*file)
	if err != nil {
		return err
	}
	o := service.Options{Config: cfg, Own: e.own, WebConfig: *webConfig, Out: e.out, Log: slog.New(slog.NewTextHandler(e.err, nil)), Version: version(), Host: host()}
	if err := rehearse(&o, e.getenv); err != nil {
		return err
	}
	s, err := service.Open(ctx, o)
	if err != nil {
		return err
	}
	defer onHangup(func() {
		if _, err := s.Reload(); err != nil {
			o.Log.Error("reload: nothing was changed", "err", err)
		}
	})()
	return s.Run(ctx)
}

// onHangup calls f at each SIGHUP until the function returned is called.
func onHangup(f func()) (end func()) {
	c, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(c, syscall.SIGHUP)
	go func() {
		for {
			select {
			case <-c:
				f()
			case <-done:
				return
			}
		}
	}()
	return func() { signal.Stop(c); close(done) }
}

// host is the machine's name, "" where it has none.
func host() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// version is what the program was built from.
func version() string {
	if b, ok := debug.ReadBuildInfo(); ok && b.Main.Version != "" {
		return b.Main.Version
	}
	return "unknown"
}
