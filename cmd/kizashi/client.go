package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
	"github.com/kizashi-ops/kizashi/config"
)

// usualConfig is where the unit of systemd has the configuration.
const usualConfig = "/etc/kizashi/kizashi.yaml"

// clientFlags say which running service a command speaks to.
type clientFlags struct {
	config, url, token string
}

func (f *clientFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&f.config, "config", "", "the configuration `file` of the service (default $KIZASHI_CONFIG, or "+usualConfig+")")
	fs.StringVar(&f.url, "url", "", "`address` of the service (default: web.listen of the configuration)")
	fs.StringVar(&f.token, "token-file", "", "`file` with the service's token (default: that of its data directory)")
}

// file is the configuration's, from the flag, the environment, or where it
// usually is.
func (f *clientFlags) file(e env) string {
	if f.config == "" {
		f.config = e.getenv("KIZASHI_CONFIG")
	}
	if f.config == "" {
		f.config = usualConfig
	}
	return f.config
}

// client speaks to a running service.
type client struct {
	base, token string
	wait        time.Duration // for an answer; 0 = 30 s
}

// client reads the configuration where flags leave something out.
func (f *clientFlags) client(e env) (*client, *config.Config, error) {
	var cfg *config.Config
	if f.url == "" || f.token == "" {
		var err error
		if cfg, err = config.Load(f.file(e)); err != nil {
			return nil, nil, err
		}
	}
	c := &client{base: strings.TrimRight(f.url, "/")}
	if c.base == "" {
		c.base = "http://" + reachable(cfg.Web.Listen)
	}
	if _, err := url.Parse(c.base); err != nil {
		return nil, nil, errUsage{fmt.Errorf("--url: %w", err)}
	}
	if f.token == "" {
		f.token = filepath.Join(cfg.Storage.Path, service.TokenFile)
	}
	b, err := os.ReadFile(f.token)
	if err != nil {
		return nil, nil, fmt.Errorf("the service's token: %w (it is made when the service starts first)", err)
	}
	c.token = strings.TrimSpace(string(b))
	return c, cfg, nil
}

// reachable turns an address to listen on into one to call: a wildcard is this
// machine.
func reachable(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip != nil && ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}

// errAway says that no service answers.
var errAway = errors.New("the service does not answer")

// call asks the service and reads its answer into out; body nil is a GET. An
// error of the service's comes in its own words.
func (c *client) call(ctx context.Context, path string, body, out any) error {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.wait, 30*time.Second))
	defer cancel()
	method, sent := http.MethodGet, io.Reader(nil)
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		method, sent = http.MethodPost, bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, sent)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("%w at %s: %w", errAway, c.base, err)
	}
	defer answer.Body.Close()
	return read(answer, out)
}

// longestAnswer of the service that is read, in bytes.
const longestAnswer = 64 << 20

func read(answer *http.Response, out any) error {
	b, err := io.ReadAll(io.LimitReader(answer.Body, longestAnswer))
	if err != nil {
		return fmt.Errorf("the service's answer: %w", err)
	}
	if answer.StatusCode/100 != 2 {
		var said struct{ Error string }
		if json.Unmarshal(b, &said) != nil || said.Error == "" {
			said.Error = answer.Status
		}
		return errors.New(said.Error)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("the service's answer cannot be read: %w", err)
	}
	return nil
}
