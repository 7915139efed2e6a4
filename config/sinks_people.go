package config

import (
	"context"
	"net/netip"
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/mail"
	"github.com/kizashi-ops/kizashi/alert/slack"
	"github.com/kizashi-ops/kizashi/alert/webhook"
)

// MailSink is a list of people by mail.
type MailSink struct {
	Server, From, User, TLS, Dir string
	To                           []string
	Password                     Secret
}

// Open implements Opener.
func (m MailSink) Open(_ context.Context, name string, e SinkEnv) (alert.Sink, error) {
	return mail.New(mail.Config{Name: name, Server: m.Server, From: m.From, To: m.To, User: m.User, Password: m.Password.Reveal(), TLS: m.TLS, Dir: m.Dir,
		Now: e.Now, Warn: e.Warn(name)})
}

// Target are the recipients.
func (m MailSink) Target() string { return strings.Join(m.To, " ") }

func (w *walker) mail(n *yaml.Node, name string) []Sink {
	var m MailSink
	fields := map[string]func(*yaml.Node){
		"server": w.needed(&m.Server, name+".server"), "from": w.needed(&m.From, name+".from"), "to": w.TextList(&m.To, name+".to"),
		"user": w.needed(&m.User, name+".user"), "tls": w.oneOf(&m.TLS, name+".tls", mail.StartTLS, mail.Implicit, mail.NoTLS),
		"dir": w.needed(&m.Dir, name+".dir"),
	}
	before := w.Faults()
	w.secret(fields, &m.Password, name, "password")
	w.Fields(n, name, fields)
	switch {
	case before != w.Faults():
	case m.From == "" || len(m.To) == 0:
		w.Fail(n, "%s: want from and to", name)
	case (m.Server == "") == (m.Dir == ""):
		w.Fail(n, "%s: want server, or dir: a directory into which mails are written instead", name)
	case m.User != "" && !m.Password.Set():
		w.Fail(n, "%s: user %s has no password or password_file", name, m.User)
	}
	if m.Dir != "" {
		m.Dir = w.beside(m.Dir)
	}
	return []Sink{{Opener: m}}
}

// WebhookSink is an HTTP receiver of somebody's own.
type WebhookSink struct {
	URL, Signing Secret
	Proxy        Secret // an address, which may hold a password
	Host         string // of the URL: a path may be a secret
	Headers      map[string]Secret
	Template     string // its text
	TemplateFile string
	Expect       string
	Private      []netip.Prefix
}

// Open implements Opener.
func (h WebhookSink) Open(_ context.Context, name string, e SinkEnv) (alert.Sink, error) {
	headers := map[string]string{}
	for k, v := range h.Headers {
		headers[k] = v.Reveal()
	}
	return webhook.New(webhook.Config{Name: name, URL: h.URL.Reveal(), Secret: h.Signing.Reveal(), Headers: headers, Template: h.Template, TemplateName: h.TemplateFile,
		Expect: h.Expect, Private: h.Private, Proxy: h.Proxy.Reveal(), Now: e.Now, Warn: e.Warn(name)})
}

// Target is the host.
func (h WebhookSink) Target() string { return h.Host }

func (w *walker) webhook(n *yaml.Node, name string) []Sink {
	h := WebhookSink{Headers: map[string]Secret{}}
	fields := map[string]func(*yaml.Node){
		"headers": func(n *yaml.Node) {
			hs := map[string]func(*yaml.Node){}
			w.Pairs(n, name+".headers", func(k, v *yaml.Node) {
				clear(hs)
				key := strings.TrimSuffix(k.Value, "_file")
				one := h.Headers[key]
				w.secret(hs, &one, name+".headers", key)
				hs[k.Value](v)
				h.Headers[key] = one
			})
		},
		"template_file": w.text(&h.Template, &h.TemplateFile, name+".template_file"),
		"expect":        w.needed(&h.Expect, name+".expect"),
		"allow_private": w.prefixes(&h.Private, name+".allow_private"),
	}
	w.secret(fields, &h.URL, name, "url")
	w.secretThat(fields, &h.Signing, name, "secret", someLines)
	w.secretThat(fields, &h.Proxy, name, "proxy", webAddress)
	w.Fields(n, name, fields)
	h.Host = w.hostOf(n, h.URL, name)
	return []Sink{{Opener: h}}
}

// hostOf is the host of an address that is a secret otherwise.
func (w *walker) hostOf(n *yaml.Node, address Secret, name string) string {
	if !address.Set() {
		w.Fail(n, "%s: want url or url_file", name)
		return ""
	}
	u, err := url.Parse(address.Reveal())
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		w.Fail(n, "%s.url: want a URL such as https://host.example/path", name)
		return ""
	}
	return u.Host
}

// longestTemplate in bytes.
const longestTemplate = 1 << 20

// text reads a file that is named.
func (w *walker) text(into, file *string, name string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		w.needed(file, name)(n)
		if *file == "" {
			return
		}
		b, err := readFile(w.beside(*file), longestTemplate)
		if err != nil {
			w.Fail(n, "%s: %s", name, err)
		}
		*into = string(b)
	}
}

// prefixes reads networks such as 10.0.0.0/8.
func (w *walker) prefixes(into *[]netip.Prefix, name string) func(*yaml.Node) {
	return w.List(name, func(n *yaml.Node, name string) {
		s, ok := w.Scalar(n, name)
		p, err := netip.ParsePrefix(s)
		if ok && err != nil {
			w.Fail(n, "%s: want a network such as 10.0.0.0/8, not %q", name, s)
		}
		*into = append(*into, p)
	})
}

// SlackSink is a channel, by an incoming webhook or by a bot.
type SlackSink struct {
	URL, Token   Secret
	Proxy        Secret // an address, which may hold a password
	Channel, API string
	Private      []netip.Prefix
}

// Open implements Opener.
func (k SlackSink) Open(_ context.Context, name string, e SinkEnv) (alert.Sink, error) {
	return slack.New(slack.Config{Name: name, URL: k.URL.Reveal(), Token: k.Token.Reveal(), Channel: k.Channel, API: k.API, Private: k.Private, Proxy: k.Proxy.Reveal(), Now: e.Now})
}

// Target is the channel; an incoming webhook has one only, which it does not
// name.
func (k SlackSink) Target() string { return k.Channel }

func (w *walker) slack(n *yaml.Node, name string) []Sink {
	var k SlackSink
	fields := map[string]func(*yaml.Node){
		"channel": w.needed(&k.Channel, name+".channel"), "api": w.url(&k.API, name+".api"),
		"allow_private": w.prefixes(&k.Private, name+".allow_private"),
	}
	before := w.Faults()
	w.secretThat(fields, &k.URL, name, "url", webAddress)
	w.secret(fields, &k.Token, name, "token")
	w.secretThat(fields, &k.Proxy, name, "proxy", webAddress)
	w.Fields(n, name, fields)
	switch {
	case before != w.Faults():
	case k.URL.Set() == k.Token.Set():
		w.Fail(n, "%s: want url (url_file) of an incoming webhook, or token (token_file) and channel of a bot", name)
	case k.Token.Set() && k.Channel == "":
		w.Fail(n, "%s: a bot needs a channel", name)
	}
	return []Sink{{Opener: k}}
}
