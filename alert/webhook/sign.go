package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// shortestKey in bytes, as Standard Webhooks wants them: 24 to 64. A longer
// one does no harm.
const shortestKey = 24

// signingKeys reads the keys of a secret.
func signingKeys(secret string) ([][]byte, error) {
	var keys [][]byte
	for s := range strings.Lines(secret) {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		key := []byte(s)
		if coded, ok := strings.CutPrefix(s, "whsec_"); ok {
			var err error
			if key, err = base64.StdEncoding.DecodeString(coded); err != nil {
				return nil, errors.New("what follows whsec_ is not base64") // the error quotes it
			}
		}
		if len(key) < shortestKey {
			return nil, fmt.Errorf("a key of %d bytes; want %d or more: openssl rand -base64 32", len(key), shortestKey)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// sign adds the time of sending and, for each key, the base64 of
// HMAC-SHA256(key, id.time.body). The id is already in h.
func sign(h http.Header, keys [][]byte, body []byte, now time.Time) {
	at := strconv.FormatInt(now.Unix(), 10)
	h.Set("Webhook-Timestamp", at)
	var signatures []string
	for _, key := range keys {
		m := hmac.New(sha256.New, key)
		m.Write([]byte(h.Get("Webhook-Id") + "." + at + "."))
		m.Write(body)
		signatures = append(signatures, "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	}
	if signatures != nil {
		h.Set("Webhook-Signature", strings.Join(signatures, " "))
	}
}

// headerKey is a dedup key as a header can hold it; its hash where it holds
// what a header, or the quotes around it there, cannot.
func headerKey(key string) string {
	fine := key != "" && len(key) <= 128 && strings.IndexFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }) < 0
	if fine {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// checkHeaders refuses what would break a request or pretend to be ours.
func checkHeaders(in map[string]string) (map[string]string, error) {
	out := map[string]string{}
	for name, v := range in {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }):
			return nil, fmt.Errorf("%q is no name of a header", name)
		case strings.ContainsFunc(v, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return nil, fmt.Errorf("%s: its value holds a control character, such as a line break", name)
		case strings.HasPrefix(canonical, "Webhook-"), canonical == "Idempotency-Key", canonical == "Host", canonical == "Content-Length",
			canonical == "Transfer-Encoding", canonical == "Connection":
			return nil, fmt.Errorf("%s is not yours to set", name)
		}
		out[canonical] = v
	}
	return out, nil
}

// parts are the words of secrets: the token of "Bearer token".
func parts(secrets []string) []string {
	var out []string
	for _, s := range secrets {
		out = append(out, strings.Fields(s)...)
	}
	return out
}
