package service

import (
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

const (
	longestAct = 64 << 10 // bytes of a request
	mostActs   = 1000     // of one answer
	// TokenHeader carries the token where Authorization has a password of
	// --web.config.file.
	TokenHeader = "X-Kizashi-Token"
)

// answerSay takes an act in. Only who shows the token of the data directory
// may say anything.
func (s *Service) answerSay(w http.ResponseWriter, r *http.Request) {
	a, ok := s.asked(w, r)
	if !ok {
		return
	}
	if a.Via != "cli" {
		a.Via = "http"
	}
	a, err := s.Say(a)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.json(w, http.StatusCreated, map[string]alert.Act{"act": a})
}

// answerDry says what an act would have covered, and changes nothing.
func (s *Service) answerDry(w http.ResponseWriter, r *http.Request) {
	a, ok := s.asked(w, r)
	if !ok {
		return
	}
	c, err := s.Covers(a)
	if err != nil {
		s.refuse(w, err)
		return
	}
	s.json(w, http.StatusOK, c)
}

// asked reads an act of a request that shows the token, or answers why not.
func (s *Service) asked(w http.ResponseWriter, r *http.Request) (a alert.Act, ok bool) {
	if !s.trusted(r) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="kizashi"`)
		s.json(w, http.StatusUnauthorized, map[string]string{"error": "it needs the token of the data directory (file " + TokenFile + "), as Authorization: Bearer or as " + TokenHeader})
		return a, false
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != "application/json" {
		s.json(w, http.StatusUnsupportedMediaType, map[string]string{"error": "want Content-Type: application/json"})
		return a, false
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestAct))
	d.DisallowUnknownFields()
	err := d.Decode(&a)
	if err == nil && !errors.Is(d.Decode(new(any)), io.EOF) {
		err = errors.New("something follows behind the act")
	}
	if err != nil {
		s.json(w, http.StatusBadRequest, map[string]string{"error": "the act cannot be read: " + err.Error()})
		return a, false
	}
	return a, true
}

// trusted says whether a request shows the token, in constant time.
func (s *Service) trusted(r *http.Request) bool {
	shown := r.Header.Get(TokenHeader)
	if kind, t, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "Bearer") {
		shown = strings.TrimSpace(t)
	}
	return len(s.token) > 0 && subtle.ConstantTimeCompare([]byte(shown), []byte(hex.EncodeToString(s.token))) == 1
}

// refuse says what is wrong with what was asked.
func (s *Service) refuse(w http.ResponseWriter, err error) {
	code := 0
	switch {
	case errors.Is(err, errForeign):
		code = http.StatusForbidden
	case errors.Is(err, errTwice):
		code = http.StatusConflict
	case errors.Is(err, errBadAct):
		code = http.StatusBadRequest
	case errors.Is(err, errEarly):
		code = http.StatusServiceUnavailable
	default:
		s.fail(w, err)
		return
	}
	s.json(w, code, map[string]string{"error": err.Error()})
}

// Heard is the answer of /api/acts: what was said, oldest first, and what the
// configuration says.
type Heard struct {
	Acts     []alert.Act `json:"acts"`
	Declared []alert.Act `json:"declared,omitempty"` // of the configuration
	Undone   []string    `json:"undone,omitempty"`   // ids among Acts that were taken back
	Now      time.Time   `json:"now"`                // of the service's clock
}

// answerActs lists acts: ?tenant=, ?alert=, ?kind=, ?holds=true for those in
// force, ?limit=.
func (s *Service) answerActs(w http.ResponseWriter, r *http.Request) {
	q, now := r.URL.Query(), s.opt.Now()
	f := ledger.ActFilter{Tenant: q.Get("tenant"), Alert: q.Get("alert"), Kind: alert.ActKind(q.Get("kind")), Limit: mostActs}
	if q.Get("holds") == "true" {
		f.Holds = now
	}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 && n < mostActs {
		f.Limit = n
	} else if q.Has("limit") && (err != nil || n < 1) {
		s.json(w, http.StatusBadRequest, map[string]string{"error": fmt.Sprintf("limit %q: want a number from 1", q.Get("limit"))})
		return
	}
	h := Heard{Now: now.UTC()}
	var err error
	if h.Acts, err = s.store.Ledger().Acts(f); err != nil {
		s.fail(w, err)
		return
	}
	if h.Undone, err = s.undoneOf(h.Acts); err != nil {
		s.fail(w, err)
		return
	}
	if f.Alert == "" {
		for _, d := range s.configNow().Declared {
			if (f.Tenant == "" || d.Act.Tenant == f.Tenant) && (f.Kind == "" || d.Act.Kind == f.Kind) {
				h.Declared = append(h.Declared, d.Act)
			}
		}
	}
	if h.Acts == nil {
		h.Acts = []alert.Act{}
	}
	s.json(w, http.StatusOK, h)
}

func (s *Service) undoneOf(acts []alert.Act) (out []string, err error) {
	us, err := s.store.Ledger().Acts(ledger.ActFilter{Kind: alert.ActUndo})
	undone := map[string]bool{}
	for _, u := range us {
		undone[u.Undoes] = true
	}
	for _, a := range acts {
		if undone[a.ID] {
			out = append(out, a.ID)
		}
	}
	return out, err
}
