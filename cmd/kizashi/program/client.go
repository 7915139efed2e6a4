package program

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
	user, password     string // of the HTTP side; the password's file
}

func (f *clientFlags) add(fs *flag.FlagSet) {
	fs.StringVar(&f.config, "config", "", "the configuration `file` of the service (default $KIZASHI_CONFIG, or "+usualConfig+")")
	fs.StringVar(&f.url, "url", "", "`address` of the service (default: web.listen of the configuration)")
	fs.StringVar(&f.token, "token-file", "", "`file` with the service's token (default: that of its data directory)")
	fs.StringVar(&f.user, "web-user", "", "`name` where the service's --web.config.file asks for one (default $KIZASHI_WEB_USER)")
	fs.StringVar(&f.password, "web-password-file", "", "`file` with its password (default $KIZASHI_WEB_PASSWORD_FILE; the password itself: $KIZASHI_WEB_PASSWORD)")
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
	base, token    string
	user, password string        // of the HTTP side; "" = it asks for none
	wait           time.Duration // for an answer; 0 = 30 s
}

// client reads the configuration where flags leave something out.
func (f *clientFlags) client(e env) (*client, *config.Config, error) {
	var cfg *config.Config
	if f.url == "" || f.token == "" {
		var err error
		if cfg, err = e.load(f.file(e)); err != nil {
			return nil, nil, err
		}
	}
	c := &client{base: strings.TrimRight(f.url, "/")}
	if c.base == "" {
		c.base = "http://" + reachable(cfg.Web.Listen)
	}
	if err := checkBase(c.base); err != nil {
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
	c.user, c.password, err = f.login(e)
	return c, cfg, err
}

// checkBase refuses what no service is at, and a password where it would be
// printed with every error.
func checkBase(base string) error {
	u, err := url.Parse(base)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return errors.New("want an address such as http://127.0.0.1:9690")
	case u.User != nil:
		return errors.New("a user and a password do not stand in it: give --web-user and --web-password-file")
	}
	return nil
}

// login is the user of the HTTP side, from the flag or the environment, and the
// password, from a file or the environment, where others do not see it.
func (f *clientFlags) login(e env) (user, password string, err error) {
	user, password = cmp.Or(f.user, e.getenv("KIZASHI_WEB_USER")), e.getenv("KIZASHI_WEB_PASSWORD")
	file := cmp.Or(f.password, e.getenv("KIZASHI_WEB_PASSWORD_FILE"))
	switch {
	case user == "" && (password != "" || file != ""):
		return "", "", errUsage{errors.New("there is a password of the HTTP side and no --web-user (KIZASHI_WEB_USER)")}
	case user != "" && password == "" && file == "":
		return "", "", errUsage{errors.New("there is a user of the HTTP side and no --web-password-file (KIZASHI_WEB_PASSWORD_FILE, KIZASHI_WEB_PASSWORD)")}
	case password != "" && file != "" && f.password == "":
		return "", "", errUsage{errors.New("KIZASHI_WEB_PASSWORD and KIZASHI_WEB_PASSWORD_FILE: give one of them")}
	case file == "":
		return user, password, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", "", fmt.Errorf("the password of the HTTP side: %w", err)
	}
	return user, strings.TrimRight(string(b), "\r\n"), nil
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

// toTheService follows no redirect: it would take the token along.
var toTheService = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

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
	r.Header.Set(service.TokenHeader, c.token)
	if c.user != "" {
		r.SetBasicAuth(c.user, c.password)
	}
	answer, err := toTheService.Do(r)
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
		ours := json.Unmarshal(b, &said) == nil && said.Error != ""
		switch {
		case ours:
		case answer.StatusCode == http.StatusUnauthorized:
			said.Error = answer.Status + ": the HTTP side asks for a user and a password, and these are not: --web-user, --web-password-file"
		case answer.StatusCode == http.StatusBadRequest && bytes.Contains(b, []byte("HTTPS server")): // net/http's own words
			said.Error = answer.Status + ": it speaks TLS: --url https://..."
		default:
			said.Error = "answered " + answer.Status
		}
		return errors.New(said.Error)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("the service's answer cannot be read: %w", err)
	}
	return nil
}
