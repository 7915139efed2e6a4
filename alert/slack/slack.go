// Package slack posts notifications to a channel of Slack: by a bot's token,
// with a thread of Slack's for each thread of ours, or by an incoming
// webhook's URL, which knows no threads. All that strangers wrote stands in
// texts that Slack does not parse, or is escaped: it can mention nobody and
// link nowhere.
package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	api "github.com/slack-go/slack"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/outbound"
)

// Config is one channel. Either URL, or Token and Channel are needed.
type Config struct {
	// Name of the sink, by which the outbox knows it. "" = "slack" and the
	// channel.
	Name string
	// URL of an incoming webhook; a secret.
	URL string
	// Token of a bot with the scope chat:write: xoxb-...
	Token string
	// Channel is its id (C0123456789) or its name (#alerts). The bot must be a
	// member, or have the scope chat:write.public.
	Channel string
	// API replaces https://slack.com/api, as GovSlack has another.
	API string
	// Private and Proxy are outbound's.
	Private []netip.Prefix
	Proxy   string
	// Timeout of a request; 0 = 10 s.
	Timeout time.Duration
	// Now is the wall clock; nil = the machine's.
	Now func() time.Time
}

// Webhook posts by an incoming webhook.
type Webhook struct {
	name   string
	client *outbound.Client
}

// Bot posts by chat.postMessage. It is an alert.Keeper: what it keeps is the
// message that began a thread.
type Bot struct {
	name    string
	channel string
	header  http.Header
	client  *outbound.Client
}

// New checks the configuration and returns a Webhook or a Bot; it sends
// nothing.
func New(c Config) (alert.Sink, error) {
	name := cmp.Or(c.Name, strings.TrimSpace("slack "+c.Channel))
	bad := func(format string, args ...any) (alert.Sink, error) {
		return nil, fmt.Errorf("%s: "+format, append([]any{name}, args...)...)
	}
	switch {
	case c.URL != "" && (c.Token != "" || c.Channel != ""):
		return bad("it has a webhook's url, and a token or a channel; want one way: a webhook has its channel")
	case c.URL == "" && c.Token == "":
		return bad("want a webhook's url, or a bot's token and a channel")
	case c.URL == "" && c.Channel == "":
		return bad("channel is missing")
	case strings.ContainsFunc(c.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return bad("token holds what no token holds, such as a space or a line break")
	case strings.HasPrefix(c.Token, "xapp-"):
		return bad("token is an app's; want a bot's, which begins with xoxb-")
	}
	at := c.URL
	if at == "" {
		at = strings.TrimSuffix(cmp.Or(c.API, "https://slack.com/api"), "/") + "/chat.postMessage"
	}
	client, err := outbound.New(outbound.Config{
		Name: name, URL: at, Private: c.Private, Proxy: c.Proxy, Secrets: []string{c.Token}, Timeout: c.Timeout, Now: c.Now,
	})
	if err != nil {
		return nil, err
	}
	if c.URL != "" {
		return &Webhook{name: name, client: client}, nil
	}
	return &Bot{name: name, channel: c.Channel, client: client, header: http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, "Authorization": {"Bearer " + c.Token},
	}}, nil
}

// Name is the sink's.
func (w *Webhook) Name() string { return w.name }

// Send posts a message of its own. Slack says "ok", and nothing else.
func (w *Webhook) Send(ctx context.Context, n alert.Notification) error {
	body, err := alert.JSON(compose(n))
	if err != nil {
		return alert.Permanent{Err: w.client.Error(err)}
	}
	a, err := w.client.Post(ctx, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body)
	if err != nil {
		return err
	}
	if said := strings.TrimSpace(string(a.Body)); said != "ok" {
		return w.client.Error(errors.New("answered that all is well, and then not ok but " + w.client.Quote(a.Body)))
	}
	return nil
}

// Name is the sink's.
func (b *Bot) Name() string { return b.name }

// Send begins a thread.
func (b *Bot) Send(ctx context.Context, n alert.Notification) error {
	_, err := b.SendKept(ctx, n, "")
	return err
}

// root is the message that began a thread of Slack's.
type root struct {
	Channel string `json:"channel"` // as it was configured
	TS      string `json:"ts"`      // Slack's name of the message
}

// SendKept answers under the message that began the thread, in the channel
// too unless episodes were merely added; where there is no such message any
// more it begins a new one.
func (b *Bot) SendKept(ctx context.Context, n alert.Notification, kept string) (string, error) {
	var r root
	if json.Unmarshal([]byte(kept), &r) != nil || r.Channel != b.channel {
		r = root{Channel: b.channel}
	}
	ts, err := b.post(ctx, n, r.TS)
	var gone answerError
	if errors.As(err, &gone) && r.TS != "" && slices.Contains(threadGone, gone.code) {
		r.TS = ""
		ts, err = b.post(ctx, n, "")
	}
	if err != nil {
		return kept, b.meaning(err)
	}
	r.TS = cmp.Or(r.TS, ts)
	out, err := json.Marshal(r)
	return string(out), err
}

// post returns Slack's name of the message.
func (b *Bot) post(ctx context.Context, n alert.Notification, thread string) (string, error) {
	p := compose(n)
	p.Channel, p.Thread, p.Metadata = b.channel, thread, metadata(n)
	p.Broadcast = thread != "" && reason(n) != alert.ReasonMore
	body, err := alert.JSON(p)
	if err != nil {
		return "", alert.Permanent{Err: b.client.Error(err)}
	}
	a, err := b.client.Post(ctx, b.header, body)
	if err != nil {
		return "", err
	}
	var said struct {
		TS string `json:"ts"`
		api.SlackResponse
	}
	if err := json.Unmarshal(a.Body, &said); err != nil || said.Ok && said.TS == "" {
		return "", answerError{code: "", text: "answered that all is well, with a body that is not Slack's: " + b.client.Quote(a.Body)}
	}
	if !said.Ok {
		return "", answerError{code: said.Error, text: strings.Join(append([]string{"answered " + said.Error}, said.ResponseMetadata.Messages...), ": ")}
	}
	return said.TS, nil
}

// answerError is an answer of 200 that says no.
type answerError struct{ code, text string }

func (e answerError) Error() string { return e.text }

// meaning makes an answer's code an error of the sink: Permanent where it
// speaks of the message. What speaks of the token or the channel is for
// somebody to mend.
func (b *Bot) meaning(err error) error {
	var e answerError
	if !errors.As(err, &e) {
		return err // outbound's, which says by itself what it means
	}
	err = b.client.Error(errors.New(alert.Cut(e.text, 500)))
	switch {
	case slices.Contains(aboutTheMessage, e.code):
		return alert.Permanent{Err: err}
	case e.code == "ratelimited" || e.code == "rate_limited":
		return alert.Later{Err: err, After: time.Minute} // it would say for how long with a 429
	}
	return err
}

var (
	// aboutTheMessage are the errors of chat.postMessage that the same message
	// would meet again.
	aboutTheMessage = []string{
		"invalid_blocks", "invalid_blocks_format", "invalid_attachments", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large",
		"msg_too_long", "msg_blocks_too_long", "no_text", "too_many_attachments", "invalid_arguments", "invalid_arg_name", "invalid_json", "json_not_object",
	}
	// threadGone are those of a thread that cannot be answered in.
	threadGone = []string{
		"thread_not_found", "message_not_found", "cannot_reply_to_message", "invalid_thread_ts", "restricted_action_thread_locked",
		"restricted_action_non_threadable_channel",
	}
)
