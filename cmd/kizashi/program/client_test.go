package program

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/exporter-toolkit/web"

	"github.com/kizashi-ops/kizashi/cmd/kizashi/service"
)

// guarded is a service behind a --web.config.file that lets sato in, with the
// password "correct horse".
func guarded(t *testing.T) (url, token string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "web.yaml")
	token = filepath.Join(dir, "api-token")
	for f, text := range map[string]string{file: "basic_auth_users: {sato: $2a$04$A56JYD2KFM/M6mE.Cwz9RO9clawVz9TpmQJEsfr/XqfwYby1PSRfa}\n", token: "CANARYtoken\n"} {
		if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(service.TokenHeader) != "CANARYtoken" {
			t.Errorf("the token is %q", r.Header.Get(service.TokenHeader))
		}
		if err := json.NewEncoder(w).Encode(service.Heard{}); err != nil {
			t.Error(err)
		}
	})}
	done := make(chan error, 1)
	go func() {
		done <- web.Serve(l, srv, &web.FlagConfig{WebConfigFile: &file}, slog.New(slog.DiscardHandler))
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String(), token
}

// callIn is call in an environment.
func callIn(environment map[string]string, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(context.Background(), env{out: &o, err: &e, getenv: func(name string) string { return environment[name] }}, args)
	return code, o.String(), e.String()
}

// Commands show the password that the HTTP side asks for, from a file or from
// the environment, beside the token.
func TestCommandsLogIn(t *testing.T) {
	url, token := guarded(t)
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	to := []string{"acts", "--url", url, "--token-file", token}
	for name, c := range map[string]struct {
		environment map[string]string
		args        []string
		says        string // "" = it is let in
	}{
		"flags":                    {nil, []string{"--web-user", "sato", "--web-password-file", file}, ""},
		"environment":              {map[string]string{"KIZASHI_WEB_USER": "sato", "KIZASHI_WEB_PASSWORD": "correct horse"}, nil, ""},
		"a file by environment":    {map[string]string{"KIZASHI_WEB_USER": "sato", "KIZASHI_WEB_PASSWORD_FILE": file}, nil, ""},
		"the flag wins":            {map[string]string{"KIZASHI_WEB_USER": "suzuki", "KIZASHI_WEB_PASSWORD": "CANARY"}, []string{"--web-user", "sato", "--web-password-file", file}, ""},
		"none":                     {nil, nil, "401 Unauthorized: the HTTP side asks for a user and a password"},
		"a wrong one":              {map[string]string{"KIZASHI_WEB_USER": "sato", "KIZASHI_WEB_PASSWORD": "CANARY"}, nil, "401 Unauthorized"},
		"both twins":               {map[string]string{"KIZASHI_WEB_USER": "sato", "KIZASHI_WEB_PASSWORD": "CANARY", "KIZASHI_WEB_PASSWORD_FILE": file}, nil, "give one of them"},
		"a user alone":             {nil, []string{"--web-user", "sato"}, "no --web-password-file"},
		"a password alone":         {map[string]string{"KIZASHI_WEB_PASSWORD": "CANARY"}, nil, "no --web-user"},
		"a file that is not there": {nil, []string{"--web-user", "sato", "--web-password-file", file + "x"}, "the password of the HTTP side"},
	} {
		code, out, errs := callIn(c.environment, append(to, c.args...)...)
		if (code == exitOK) != (c.says == "") || !strings.Contains(errs, c.says) || strings.Contains(out+errs, "CANARY") {
			t.Errorf("%s: %d\n%s%s", name, code, out, errs)
		}
	}
}

// An address is one, holds no password, and leads nowhere else.
func TestWhereCommandsGo(t *testing.T) {
	_, token := guarded(t)
	away := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the token was taken to another place") }))
	defer away.Close()
	leads := httptest.NewServer(http.RedirectHandler(away.URL, http.StatusTemporaryRedirect))
	defer leads.Close()
	closed := httptest.NewTLSServer(nil)
	defer closed.Close()
	for url, want := range map[string]string{
		"localhost:9690":             "--url: want an address such as",
		"http://me:CANARY@127.0.0.1": "--url: a user and a password do not stand in it",
		leads.URL:                    "answered 307 Temporary Redirect",
		strings.Replace(closed.URL, "https://", "http://", 1): "it speaks TLS",
	} {
		code, out, errs := callIn(nil, "acts", "--url", url, "--token-file", token)
		if code == exitOK || !strings.Contains(errs, want) || strings.Contains(out+errs, "CANARY") {
			t.Errorf("%s: %d\n%s%s", url, code, out, errs)
		}
	}
}
