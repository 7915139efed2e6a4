package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/awsfake"
)

// places are where alerts are told: the real thing where there is one that
// runs here. What they hear is noted in the order in which it came.
type places struct {
	t     *testing.T
	cloud *cloud // SNS and EventBridge, each with a queue
	bus   string // URL of the queue behind the bus
	am    *alertmanager
	mail  string // address of the SMTP server
	web   string
	ops   *awsfake.Region
	opsAt string
	env   []string // credentials that the OpsCenter knows
	file  string

	mu    sync.Mutex
	heard map[string][]heard // by place: webhook, hook, mail
}

// heard is one message, in whatever form it came.
type heard struct {
	Key    string // the same for a message that comes again
	Thread string
	State  kizashi.AlertState
}

func newPlaces(t *testing.T) *places {
	t.Helper()
	p := &places{t: t, cloud: startCloud(t), am: startAlertmanager(t), heard: map[string][]heard{}, file: filepath.Join(t.TempDir(), "told.jsonl")}
	p.bus = p.cloud.bus("alerts", "events")
	p.listenMail()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{place}", p.hook)
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	p.web = web.URL
	ops := awsfake.NewCloud(time.Now)
	a := ops.Account("123456789012")
	p.ops = a.Region("ap-northeast-1")
	id, secret := a.Keys()
	p.env = []string{"AWS_ACCESS_KEY_ID=" + id, "AWS_SECRET_ACCESS_KEY=" + secret}
	center := httptest.NewServer(ops)
	t.Cleanup(center.Close)
	p.opsAt = center.URL
	return p
}

func (p *places) note(place string, h heard) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[place] = append(p.heard[place], h)
}

// hook takes what webhooks post.
func (p *places) hook(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return // who sent it is gone
	}
	h := p.message(b)
	if key := r.Header.Get("Webhook-Id"); key != h.Key {
		p.t.Errorf("a webhook has the id %q and a body of %q", key, h.Key)
	}
	p.note(r.PathValue("place"), h)
	w.WriteHeader(http.StatusNoContent)
}

// message reads a notification as JSON.
func (p *places) message(b []byte) heard {
	var n struct {
		DedupKey string `json:"dedup_key"`
		Thread   *alert.Thread
		Detail   json.RawMessage // of an event
	}
	if err := json.Unmarshal(b, &n); err != nil {
		p.t.Errorf("%v in the message %s", err, b)
		return heard{}
	}
	if n.Detail != nil {
		return p.message(n.Detail)
	}
	if n.Thread == nil {
		p.t.Errorf("a message without a thread: %s", b)
		return heard{}
	}
	return heard{Key: n.DedupKey, Thread: n.Thread.ID, State: n.Thread.State}
}

// listenMail starts an SMTP server.
func (p *places) listenMail() {
	p.t.Helper()
	srv := smtp.NewServer(p)
	srv.Domain, srv.ErrorLog = "mx.example", log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.t.Fatal(err)
	}
	p.mail = l.Addr().String()
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	p.t.Cleanup(func() {
		err := srv.Close()
		_ = l.Close() // where Serve has not come so far as to know of it
		if e := <-served; e != nil && !errors.Is(e, smtp.ErrServerClosed) {
			p.t.Error(e)
		}
		if err != nil {
			p.t.Error(err)
		}
	})
}

// NewSession is the server's.
func (p *places) NewSession(*smtp.Conn) (smtp.Session, error) { return letterbox{p}, nil }

// letterbox takes every mail.
type letterbox struct{ p *places }

func (letterbox) Reset()                               {}
func (letterbox) Logout() error                        { return nil }
func (letterbox) Mail(string, *smtp.MailOptions) error { return nil }
func (letterbox) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (b letterbox) Data(r io.Reader) error {
	all, err := io.ReadAll(r)
	if err != nil {
		return err // it broke off: not taken
	}
	m, err := netmail.ReadMessage(bytes.NewReader(all))
	if err != nil {
		b.p.t.Errorf("it is no mail: %v\n%s", err, all)
		return err
	}
	b.p.note("mail", heard{Key: m.Header.Get("X-Kizashi-Dedup-Key"), Thread: m.Header.Get("X-Kizashi-Thread"), State: kizashi.AlertState(m.Header.Get("X-Kizashi-State"))})
	return nil
}

// collect takes what lies in queues and in the file.
func (p *places) collect() {
	p.t.Helper()
	for place, queue := range map[string]string{"sns": p.cloud.queue, "bus": p.bus} {
		for {
			bodies := p.cloud.receiveFrom(queue)
			if len(bodies) == 0 {
				break
			}
			for _, b := range bodies {
				p.note(place, p.message([]byte(b)))
			}
		}
	}
	f, err := os.Open(p.file)
	if err != nil {
		p.t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		if err != nil {
			p.t.Fatal(err)
		}
		if json.Valid(line) { // a kill in the middle of a line leaves it torn, and it comes again
			p.note("file", p.message(line))
		}
	}
}

// tell is the configuration that tells all of them: some take every alert on
// its own, some are told by service.
func (p *places) tell(w *world) string {
	am, err := url.Parse(p.am.url)
	if err != nil {
		p.t.Fatal(err)
	}
	w.receiver.next, w.env = httputil.NewSingleHostReverseProxy(am), p.env
	host := strings.TrimPrefix(p.web, "http://")
	w.lanes = []string{"alertmanager " + strings.TrimPrefix(w.receiver.url, "http://"), "sns " + p.cloud.topic, "machines eventbridge alerts " + region,
		"machines opsitem ap-northeast-1", "machines webhook " + host, "machines file " + p.file}
	w.threaded = []string{"people mail ops@example.org", "people webhook " + host}
	return fmt.Sprintf(`
detect: {rules: [{class: act}]}
sinks:
  alertmanager: {urls: [%q], resend: 1m}
  sns: {topic: %q, endpoint: %q}
receivers:
- name: machines
  each: true
  sinks:
  - eventbridge: {bus: alerts, region: %s, endpoint: %q}
  - opsitem: {region: ap-northeast-1, endpoint: %q}
  - webhook: {url: %q, allow_private: [127.0.0.0/8]}
  - file: {path: %q}
- name: people
  group_by: [dim_Service]
  interval: 5m
  repeat: 30m
  sinks:
  - mail: {server: %q, from: kizashi@example.org, to: [ops@example.org], tls: none}
  - webhook: {url: %q, allow_private: [127.0.0.0/8]}
routes:
- receivers: [default, machines, people]
`, w.receiver.url, p.cloud.topic, p.cloud.url, region, p.cloud.url, p.opsAt, p.web+"/each", p.file, p.mail, p.web+"/people")
}

// of names the place at the end of a lane.
func (p *places) of(lane string) string {
	for kind, place := range map[string]string{"sns ": "sns", "machines eventbridge": "bus", "machines opsitem": "ops", "machines webhook": "each", "machines file": "file",
		"people mail": "mail", "people webhook": "people"} {
		if strings.HasPrefix(lane, kind) {
			return place
		}
	}
	return ""
}

// seq is the number at the end of a message's key.
func (h heard) seq() int {
	i := strings.LastIndexByte(h.Key, '-')
	n, err := strconv.Atoi(h.Key[i+1:])
	if i < 0 || err != nil || h.Key[:i] != h.Thread {
		return -1
	}
	return n
}
