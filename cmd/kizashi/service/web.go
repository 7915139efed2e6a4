package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// serve answers requests until the function that it returns is called, which
// waits for requests in flight for a second.
func (s *Service) serve(stop context.CancelCauseFunc) (end func() error) {
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 10 * time.Second}
	done := make(chan error, 1)
	go func() {
		err := web.Serve(s.listener, srv, &web.FlagConfig{WebConfigFile: &s.opt.WebConfig}, s.opt.Log)
		if errors.Is(err, http.ErrServerClosed) {
			err = nil
		}
		if err != nil {
			err = fmt.Errorf("web: %w", err)
			stop(err)
		}
		done <- err
	}()
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		err := srv.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = srv.Close() // someone reads too slowly
		}
		return errors.Join(err, <-done)
	}
}

// Handler is the HTTP side. A page of another site may read nothing and
// change nothing through a browser.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /-/healthy", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "kizashi is healthy") })
	mux.HandleFunc("GET /-/ready", s.answerReady)
	mux.HandleFunc("POST /-/reload", s.answerReload)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /api/alerts", s.answerAlerts)
	mux.HandleFunc("GET /api/alerts/{id}", s.answerAlert)
	mux.HandleFunc("GET /api/acts", s.answerActs)
	mux.HandleFunc("POST /api/acts", s.answerSay)
	mux.HandleFunc("GET /api/status", s.answerStatus)
	mux.HandleFunc("POST /api/backup", s.answerBackup)
	mux.HandleFunc("POST /api/models", s.answerSwitch)
	mux.HandleFunc("GET /act.css", answerStyle)
	mux.HandleFunc("GET /act/{token}", s.answerForm)
	mux.HandleFunc("POST /act/{token}", s.answerFormPost)
	mux.HandleFunc("POST /api/acts/dry-run", s.answerDry)
	mux.HandleFunc("GET /api/sources", s.answerSources)
	mux.HandleFunc("GET /api/firstlook/{tenant}", s.answerFirstLook)
	mux.HandleFunc("GET /api/cost", s.answerCost)
	return s.metrics.counting(http.NewCrossOriginProtection().Handler(mux))
}

func (s *Service) answerReady(w http.ResponseWriter, _ *http.Request) {
	if !s.ready.Load() {
		say(w, http.StatusServiceUnavailable, "kizashi is not ready: the journal is being replayed, or it is stopping")
		return
	}
	say(w, http.StatusOK, "kizashi is ready")
}

func (s *Service) answerReload(w http.ResponseWriter, _ *http.Request) {
	waits, err := s.Reload()
	switch {
	case err != nil:
		s.opt.Log.Error("reload", "err", err)
		say(w, http.StatusInternalServerError, "nothing was changed: "+err.Error())
	case len(waits) > 0:
		say(w, http.StatusOK, "rules are in force; a restart is needed for: "+strings.Join(waits, ", "))
	default:
		say(w, http.StatusOK, "rules are in force")
	}
}

// listed is the answer of /api/alerts, oldest first: those that stood at some
// time since a week ago, or as the parameters say: tenant, group, state, since
// and until (RFC 3339), limit (the newest so many).
type listed struct {
	Alerts []kizashi.Alert `json:"alerts"`
}

func (s *Service) answerAlerts(w http.ResponseWriter, r *http.Request) {
	f, err := filterOf(r.URL.RawQuery, s.opt.Now())
	if err != nil {
		s.json(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	as, err := s.store.Ledger().Alerts(f)
	if err != nil {
		s.fail(w, err)
		return
	}
	if as == nil {
		as = []kizashi.Alert{}
	}
	s.json(w, http.StatusOK, listed{as})
}

// told is the answer of /api/alerts/{id}.
type told struct {
	Alert         kizashi.Alert                  `json:"alert"`
	Justification *kizashi.Justification         `json:"justification"` // null: it has none
	Changes       []kizashi.Alert                `json:"changes"`
	Told          map[string]alert.Told          `json:"told"` // by sink
	Texts         map[explain.Lang]explain.Texts `json:"texts"`
}

func (s *Service) answerAlert(w http.ResponseWriter, r *http.Request) {
	t, err := s.alert(r.PathValue("id"))
	if err != nil {
		s.fail(w, err)
		return
	}
	s.json(w, http.StatusOK, t)
}

func (s *Service) alert(id string) (t told, err error) {
	l := s.store.Ledger()
	if t.Alert, err = l.Alert(id); err != nil {
		return t, err
	}
	j, err := s.justification(t.Alert)
	if err != nil {
		return t, err
	}
	if t.Alert.Justify != "" {
		t.Justification = &j
	}
	if t.Changes, err = l.Changes(t.Alert.ID); err != nil {
		return t, err
	}
	if t.Told, err = l.Told(t.Alert.ID); err != nil {
		return t, err
	}
	t.Texts = map[explain.Lang]explain.Texts{}
	for _, lang := range []explain.Lang{explain.English, explain.Japanese} {
		if t.Texts[lang], err = explain.Text(t.Alert, j, explain.Style{Lang: lang}); err != nil {
			return t, err
		}
	}
	return t, nil
}

// fail answers with an error; the cause of one that is ours is in the log only.
func (s *Service) fail(w http.ResponseWriter, err error) {
	if errors.Is(err, ledger.ErrNotFound) {
		s.json(w, http.StatusNotFound, map[string]string{"error": err.Error()})
		return
	}
	s.opt.Log.Error("request", "err", err)
	s.json(w, http.StatusInternalServerError, map[string]string{"error": "it failed; the service's log says why"})
}

func (s *Service) json(w http.ResponseWriter, code int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		s.opt.Log.Error("request", "err", err)
		http.Error(w, "it failed; the service's log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	if _, err := w.Write(append(b, '\n')); err != nil {
		s.opt.Log.Debug("the reader of an answer is gone", "err", err)
	}
}

func say(w http.ResponseWriter, code int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(text + "\n")) // a reader that is gone is nobody's loss
}
