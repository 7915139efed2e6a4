package outbound

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kizashi-ops/kizashi/alert"
)

// longestQuote is what an error quotes of an answer, in runes.
const longestQuote = 200

// refused makes an answer that is not 2xx an error.
func (c *Client) refused(resp *http.Response, a Answer) error {
	text := "answered " + resp.Status
	if to, err := resp.Location(); err == nil && resp.StatusCode/100 == 3 {
		text += ": " + c.elsewhere(to)
	} else if said := c.Quote(a.Body); said != "" {
		text += ": " + said
	}
	err := c.Error(errors.New(text))
	if aboutTheRequest(resp.StatusCode) {
		return alert.Permanent{Err: err}
	}
	if d, ok := retryAfter(resp.Header, c.now()); ok {
		return alert.Later{Err: err, After: d}
	}
	return err
}

// elsewhere says where a redirect leads, by its host alone: the rest may
// repeat our own address.
func (c *Client) elsewhere(to *url.URL) string {
	s := "it redirects to " + to.Host + ", and redirects are not followed"
	if err := c.guard.host(to.Hostname()); err != nil {
		s += " (" + err.Error() + ")"
	}
	return s
}

// aboutTheRequest says that what was sent would be answered the same again.
// All other codes are about the place (gone, moved, closed to us, busy,
// broken), which somebody can mend.
func aboutTheRequest(code int) bool {
	switch code {
	case http.StatusBadRequest, http.StatusNotAcceptable, http.StatusLengthRequired, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity, http.StatusRequestHeaderFieldsTooLarge:
		return true
	}
	return false
}

// retryAfter reads the header of that name: seconds, or a date, which is
// compared with the answer's own clock where it has one.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0, false
	}
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		return wait(time.Duration(n) * time.Second), true
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0, false
	}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	return wait(at.Sub(now)), true
}

func wait(d time.Duration) time.Duration { return min(max(d, time.Second), alert.LongestAfter) }

// Error makes err one of this place: its name before it, its secrets out of
// it, one printable line. It wraps nothing but the end of a context.
func (c *Client) Error(err error) error {
	var u *url.Error
	if errors.As(err, &u) { // quotes the address
		err = u.Err
	}
	e := quiet{text: c.name + ": " + c.hider.Replace(alert.Clean(err.Error()))}
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, end) {
			e.cause = end
		}
	}
	return e
}

// quiet is an error that says no more than its text.
type quiet struct {
	text  string
	cause error
}

func (q quiet) Error() string { return q.text }
func (q quiet) Unwrap() error { return q.cause }

// Quote is the start of what a place answered, on one line, without secrets.
func (c *Client) Quote(body []byte) string {
	// Cleaned first: what is dropped must not be what kept a secret from being
	// seen.
	s := strings.Join(strings.Fields(alert.Clean(string(body))), " ")
	return alert.Cut(c.hider.Replace(s), longestQuote)
}

// keys are the parts of an address that nobody else should know: its path and
// query, and those segments and values that look like keys, should an answer
// repeat one of them alone.
func keys(u *url.URL) []string {
	var out []string
	if u.User != nil {
		name := u.User.Username()
		p, _ := u.User.Password()
		out = append(out, cmp.Or(p, name), base64.StdEncoding.EncodeToString([]byte(name+":"+p))) // a user alone is a token
	}
	if len(u.Path) > 1 {
		out = append(out, u.RequestURI(), u.Path, u.EscapedPath())
	}
	for _, s := range strings.Split(u.Path, "/") {
		if len(s) >= 16 || len(s) >= 6 && strings.ContainsFunc(s, func(r rune) bool { return unicode.IsDigit(r) || unicode.IsUpper(r) }) {
			out = append(out, s)
		}
	}
	for _, vs := range u.Query() {
		out = append(out, vs...)
	}
	return append(out, u.RawQuery)
}

// shortestSecret: what is shorter would blank out half of every text.
const shortestSecret = 4

// Hider replaces secrets by ***, in all the forms in which an error or an
// answer is likely to repeat them. The longest go first; what is shorter than
// 4 bytes stays.
func Hider(secrets []string) *strings.Replacer {
	seen := map[string]bool{}
	for _, s := range secrets {
		if len(s) < shortestSecret {
			continue
		}
		quoted, _ := json.Marshal(s) // a string always can be
		for _, form := range []string{s, url.PathEscape(s), url.QueryEscape(s), html.EscapeString(s), strings.Trim(string(quoted), `"`), strings.Trim(fmt.Sprintf("%q", s), `"`)} {
			seen[form] = true
		}
	}
	return strings.NewReplacer(pairs(seen)...)
}

// pairs orders the old strings so that a longer one is tried before one that
// it begins with.
func pairs(forms map[string]bool) []string {
	long := slices.SortedFunc(maps.Keys(forms), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b))
	})
	var out []string
	for _, s := range long {
		out = append(out, s, "***")
	}
	return out
}
