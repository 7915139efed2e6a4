package service

import (
	"crypto/rand"
	_ "embed"
	"encoding/hex"
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/calendar"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

//go:embed form.html
var formHTML string

var formPage = template.Must(template.New("form").Funcs(template.FuncMap{"clean": explain.Clean}).Parse(formHTML))

// form is what the page of a link shows.
type form struct {
	Lang            explain.Lang
	Title, Summary  string
	Labels          kizashi.Labels
	ID, Tenant      string
	Over            bool
	Kinds           []choice
	Lengths, Judges []choice
	Nonce           string // the id that the act will have: sent twice it is one
	Author, Reason  string // as typed, where something was wrong
	Owner           string
	Said            []string // what holds of the alert
	Done            string   // what was just said
	Fault           string
	Until           string // until when the link works
}

// T picks the text of the page's language.
func (f form) T(en, ja string) string {
	if f.Lang == explain.Japanese {
		return ja
	}
	return en
}

// headers of a page that shows what strangers wrote: it runs nothing, loads
// nothing, is shown in no frame, and tells nobody its address.
func formHeaders(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer the form's own Origin would be null
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex")
}

//go:embed form.css
var formCSS []byte

func answerStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(formCSS) // a reader that is gone is nobody's loss
}

// answerForm shows the form of a link. It changes nothing: mail scanners and
// previews follow links.
func (s *Service) answerForm(w http.ResponseWriter, r *http.Request) {
	f, _, code := s.formOf(r)
	if code == http.StatusOK {
		f.choose(alert.ActKind(r.URL.Query().Get("do")), "4h", "false")
		f.Done = s.doneOf(r.URL.Query().Get("done"), f)
	}
	s.showForm(w, code, f)
}

// answerFormPost says what the form says.
func (s *Service) answerFormPost(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, longestAct)
	f, g, code := s.formOf(r)
	if code != http.StatusOK {
		s.showForm(w, code, f)
		return
	}
	if err := r.ParseForm(); err != nil {
		f.Fault = f.T("The form cannot be read.", "フォームを読み取れません。")
		s.showForm(w, http.StatusBadRequest, f)
		return
	}
	a, err := s.actOfForm(r, g)
	if err == nil {
		a, err = s.Say(a)
	}
	if errors.Is(err, ledger.ErrTaken) {
		err = s.sentTwice(a)
	}
	if err != nil {
		f.Author, f.Reason, f.Owner = r.PostForm.Get("author"), r.PostForm.Get("reason"), r.PostForm.Get("owner")
		f.choose(alert.ActKind(r.PostForm.Get("kind")), r.PostForm.Get("for"), r.PostForm.Get("judge"))
		f.Fault, code = s.faultOf(err, f)
		s.showForm(w, code, f)
		return
	}
	w.Header().Set("Location", "?done="+a.ID) // relative: a proxy may have put a path before ours
	w.WriteHeader(http.StatusSeeOther)
}

// errReused: a page that was sent already was changed and sent again, as the
// browser's way back allows.
var errReused = errors.New("this page was sent already, and said something else")

// sentTwice is nil where the act of that id says the same.
func (s *Service) sentTwice(a alert.Act) error {
	said, err := s.store.Ledger().Acts(ledger.ActFilter{ID: a.ID, Alert: a.Alert})
	if err != nil {
		return err
	}
	const moment = 30 * time.Minute // less than two choices of how long differ by
	for _, b := range said {
		if a.Kind == b.Kind && a.Value == b.Value && a.Reason == b.Reason && a.Author == b.Author && a.Until.Sub(b.Until).Abs() < moment {
			return nil
		}
	}
	return errReused
}

// actOfForm reads what the form says; the link says of what.
func (s *Service) actOfForm(r *http.Request, g grant) (a alert.Act, err error) {
	p := r.PostForm
	a = alert.Act{ID: p.Get("nonce"), Kind: alert.ActKind(p.Get("kind")), Tenant: g.Tenant, Alert: g.Alert, Author: p.Get("author"), Reason: p.Get("reason"), Via: "link"}
	if !g.may(a.Kind) {
		return a, errBadAct
	}
	switch a.Kind {
	case alert.ActWatch, alert.ActMute:
		d, err := kizashi.ParseDuration(p.Get("for"))
		if err != nil || d <= 0 || d > longestMute {
			return a, errBadAct
		}
		a.Until = s.opt.Now().Add(d).UTC()
	case alert.ActFeedback:
		a.Value = p.Get("judge")
	case alert.ActAssign:
		a.Value = strings.TrimSpace(p.Get("owner"))
	}
	return a, nil
}

// longestMute that a link can ask for.
const longestMute = 31 * 24 * time.Hour

// formOf reads the link of a request and what it is about. The code is not 200
// where it is refused.
func (s *Service) formOf(r *http.Request) (f form, g grant, code int) {
	f.Lang = explain.English
	if strings.HasPrefix(r.Header.Get("Accept-Language"), "ja") {
		f.Lang = explain.Japanese
	}
	g, err := granted(s.linkKey, r.PathValue("token"), s.opt.Now())
	if g.Lang != "" {
		f.Lang = g.Lang
	}
	switch {
	case errors.Is(err, errExpired):
		f.Fault = f.T("This link has expired. Use the kizashi command, or the link of a newer message.", "このリンクは有効期限が切れています。新しい通知のリンク、またはkizashiコマンドをご利用ください。")
		return f, g, http.StatusGone
	case err != nil:
		f.Fault = f.T("This link is not valid.", "このリンクは無効です。")
		return f, g, http.StatusForbidden
	}
	a, err := s.store.Ledger().Alert(g.Alert)
	if err != nil || a.ID != g.Alert || a.Tenant != g.Tenant {
		f.Fault = f.T("The alert of this link is not there any more.", "このリンクのアラートは保存期間を過ぎたため表示できません。")
		return f, g, http.StatusNotFound
	}
	if err := s.fill(&f, &a, g); err != nil {
		s.opt.Log.Error("form of a link", "alert", a.ID, "err", err)
		f.Fault = f.T("It failed; the service's log says why.", "処理に失敗しました。詳細はサービスのログをご確認ください。")
		return f, g, http.StatusInternalServerError
	}
	return f, g, http.StatusOK
}

// fill puts an alert and what was said of it into its form.
func (s *Service) fill(f *form, a *kizashi.Alert, g grant) error {
	j, err := s.justification(*a)
	if err != nil {
		return err
	}
	t, err := explain.Text(*a, j, explain.Style{Lang: f.Lang})
	if err != nil {
		return err
	}
	zone, err := calendar.Load(s.zoneOf(a.Tenant))
	if err != nil {
		return err
	}
	var b [6]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program first
	f.Title, f.Summary, f.Labels, f.ID, f.Tenant, f.Over = t.Title, t.Summary, a.Labels, a.ID, a.Tenant, a.State == kizashi.Resolved
	f.Nonce, f.Until = hex.EncodeToString(b[:]), time.Unix(g.Until, 0).In(zone.Location()).Format("2006-01-02 15:04 MST")
	for _, k := range linkKinds {
		if g.may(k) && (!f.Over || k == alert.ActFeedback) {
			f.Kinds = append(f.Kinds, choice{Value: string(k), Text: f.T(kindWords[k][0], kindWords[k][1])})
		}
	}
	acts, err := s.store.Ledger().Acts(ledger.ActFilter{Alert: a.ID, Holds: s.opt.Now()})
	for _, said := range acts {
		f.Said = append(f.Said, f.saidLine(said, zone.Location()))
	}
	return err
}

// choose marks what is chosen already.
func (f *form) choose(k alert.ActKind, length, judge string) {
	if !slices.ContainsFunc(f.Kinds, func(c choice) bool { return c.Value == string(k) }) && len(f.Kinds) > 0 {
		k = alert.ActKind(f.Kinds[0].Value)
	}
	for i := range f.Kinds {
		f.Kinds[i].On = f.Kinds[i].Value == string(k)
	}
	f.Lengths, f.Judges = choices(lengthWords, f.Lang, length), choices(judgeWords, f.Lang, judge)
}

// doneOf says what was just said through this link.
func (s *Service) doneOf(id string, f form) string {
	if !actID.MatchString(id) {
		return ""
	}
	as, err := s.store.Ledger().Acts(ledger.ActFilter{ID: id, Alert: f.ID})
	if err != nil || len(as) == 0 {
		return ""
	}
	return f.T("It is done. To take it back: kizashi undo ", "受け付けました。取り消すには: kizashi undo ") + id
}

func (s *Service) showForm(w http.ResponseWriter, code int, f form) {
	formHeaders(w)
	w.WriteHeader(code)
	if err := formPage.Execute(w, f); err != nil {
		s.opt.Log.Debug("the reader of a form is gone", "err", err)
	}
}
