package service

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/explain"
)

// linkLife is how long the link of a message lets somebody answer. A message
// goes through mail boxes and chat rooms; who finds it later has to ask.
const linkLife = 7 * 24 * time.Hour

// grant is what a link allows: to say some kinds of things of one alert, until
// it expires. Who has the link has the grant.
type grant struct {
	Alert  string          `json:"a"`
	Tenant string          `json:"t"`
	Kinds  []alert.ActKind `json:"k"`
	Until  int64           `json:"e"` // seconds since the epoch
	Lang   explain.Lang    `json:"l"`
}

// Why a link is refused.
var (
	errNoGrant = errors.New("the link is not one of ours, or was changed")
	errExpired = errors.New("the link has expired")
)

// linkKinds are what a form can say.
var linkKinds = []alert.ActKind{alert.ActAck, alert.ActWatch, alert.ActMute, alert.ActFeedback, alert.ActAssign}

var tokenForm = base64.RawURLEncoding

// sign writes a grant as a token: its JSON and the HMAC-SHA256 of that, both
// in base64 for URLs.
func sign(key []byte, g grant) (string, error) {
	body, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	text := tokenForm.EncodeToString(body)
	return text + "." + tokenForm.EncodeToString(mac(key, text)), nil
}

// mac binds what is signed to its purpose: the key signs nothing else so far,
// and nothing else that it may sign one day is a link.
func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("kizashi link 1\x00" + text))
	return h.Sum(nil)
}

// granted reads a token. It compares in constant time before it looks at what
// the token says.
func granted(key []byte, token string, now time.Time) (g grant, err error) {
	text, sum, ok := strings.Cut(token, ".")
	have, err := tokenForm.DecodeString(sum)
	if !ok || err != nil || !hmac.Equal(have, mac(key, text)) {
		return g, errNoGrant
	}
	body, err := tokenForm.DecodeString(text)
	if err != nil || json.Unmarshal(body, &g) != nil || g.Alert == "" || g.Tenant == "" {
		return grant{}, errNoGrant
	}
	if now.Unix() >= g.Until {
		return g, errExpired
	}
	return g, nil
}

// may says whether a grant allows a kind.
func (g grant) may(k alert.ActKind) bool { return slices.Contains(g.Kinds, k) }

// links are the addresses of an alert's form by what one wants to say there;
// nil where no external address is configured. From names the moment of the
// message, so that a message that is sent again has the same links.
func (s *Service) links(a *kizashi.Alert, l explain.Lang, from time.Time) (map[string]string, error) {
	base := s.configNow().External
	if base == "" {
		return nil, nil
	}
	token, err := sign(s.linkKey, grant{a.ID, a.Tenant, linkKinds, from.Add(linkLife).Unix(), l})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, k := range linkKinds {
		out[string(k)] = base + "/act/" + token + "?do=" + string(k)
	}
	return out, nil
}
