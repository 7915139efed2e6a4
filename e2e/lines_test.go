package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/schemas"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/models"
	"github.com/kizashi-ops/kizashi/pipeline"
	"github.com/kizashi-ops/kizashi/store"
	"github.com/kizashi-ops/kizashi/store/ledger"
)

// Of a log group three days are there when the service starts; then an hour and a half
// passes in steps, with an error in it that was never written before.
const (
	logName  = "/app/shop"
	logPast  = 3 * 24 * time.Hour
	logSteps = 18
	logStep  = 5 * time.Minute
	errorAt  = 22 * time.Minute // after the service started
	errorFor = 10 * time.Minute
)

// secretsOfLines are what no place and no file may have of the new error's lines.
var secretsOfLines = []string{"taro.yamada@example.jp", "4111 1111 1111 1111", "AKIAIOSFODNN7EXAMPLE"}

// logWorld is a log group in an emulated AWS, and a service that reads it.
type logWorld struct {
	*world
	begin time.Time
	write func(lines []kizashi.Line) // into the emulated AWS
	lines int                        // that were written
}

// newLogWorld is one that begins at a minute. tell are the configuration's sinks.
func newLogWorld(t *testing.T, begin time.Time, id, region, endpoint, tell string, write func([]kizashi.Line)) *logWorld {
	w := &logWorld{world: &world{t: t, dir: t.TempDir(), over: map[string]bool{}}, begin: begin, write: write}
	w.clock, w.config = filepath.Join(w.dir, "clock"), filepath.Join(w.dir, "kizashi.yaml")
	w.world.begins(begin, fmt.Sprintf(`
tenants:
  - name: acme
    zone: Asia/Tokyo
    accounts:
      - account: %q
        region: %s
        endpoint: %s
        protocol: json
        discover: {tags: false, instances: false, groups: false, agents: false}
        logs: {backfill: 3d, groups: [{prefix: /app/}]}
storage: {path: %q}
web: {listen: "127.0.0.1:0"}
`, id, region, endpoint, filepath.Join(w.dir, "data"))+tell)
	w.put(begin.Add(-logPast), begin)
	return w
}

// begins sets the clock and writes the configuration.
func (w *world) begins(begin time.Time, config string) {
	w.set(begin)
	w.write(w.config, config)
}

// put writes what the shop writes in [from, to), and the new error.
func (w *logWorld) put(from, to time.Time) {
	var lines []kizashi.Line
	write := func(at time.Time, format string, args ...any) {
		lines = append(lines, kizashi.Line{At: kizashi.TimeOf(at), Text: at.UTC().Format("2006-01-02 15:04:05.000 ") + fmt.Sprintf(format, args...)})
	}
	for m := from; m.Before(to); m = m.Add(time.Minute) {
		n := int(m.Unix() / 60)
		if n%5 == 0 {
			write(m, "INFO [main] jp.example.ops.Heart - alive, heap %d MB", 400+n%97)
		}
		for k := range 1 + n*n%3%2 {
			write(m.Add(time.Duration(5+k)*time.Second), "INFO [http-1] jp.example.shop.Orders - order %d accepted in %d ms", n*7%10007, 20+n*13%61)
		}
		if n%20 == 3 {
			write(m.Add(10*time.Second), "ERROR [http-2] jp.example.pay.Gateway - upstream timed out after %d ms", 3000+n%500)
		}
		if d := m.Sub(w.begin.Add(errorAt)); d >= 0 && d < errorFor {
			for k := range 2 {
				write(m.Add(time.Duration(20+k)*time.Second), "ERROR [http-2] jp.example.pay.Ledger - could not charge taro.yamada@example.jp: card 4111 1111 1111 1111 refused with key AKIAIOSFODNN7EXAMPLE, attempt %d", n%9+k)
			}
		}
	}
	w.lines += len(lines)
	w.write(lines)
}

// settled says whether the service has read and judged all that there is at this time.
func (w *logWorld) settled(s *service, id, region string) bool {
	name := fmt.Sprintf(`kizashi_read_until_timestamp_seconds{account=%q,kind="logs",period="1m0s",region=%q,tenant="acme"}`, id, region)
	if until, ok := s.gauge(name); !ok || until < float64(w.time().Add(-2*time.Minute).Truncate(time.Minute).Unix()) {
		return false
	}
	n, ok := s.gauge("kizashi_batches_in_hand")
	return ok && n == 0
}

// play runs the story; the service is killed with kill -9 in the back-fill, as the
// error's lines come, and after they were told. told is looked at after each step.
func (w *logWorld) play(id, region string, told func(s *service, step int), env ...string) {
	w.t.Helper()
	run := func() *service { return start(w.t, w.config, append([]string{"KIZASHI_CLOCK=" + w.clock}, env...)...) }
	s := run()
	s.await("the first lines", func() bool { n, _ := s.gauge("kizashi_log_lines_total"); return n > 0 })
	s.kill()
	s = run()
	for i := range logSteps {
		at := w.begin.Add(time.Duration(i) * logStep)
		if i == 5 || i == 6 || i == 10 { // while the lines of the new error come, twice, and later
			s.kill()
			s = run()
		}
		w.set(at)
		s.await(fmt.Sprintf("step %d", i), func() bool { return w.settled(s, id, region) })
		told(s, i)
		w.put(at, at.Add(logStep))
	}
	w.set(w.begin.Add(logSteps*logStep + 3*time.Minute))
	s.await("the end", func() bool { return w.settled(s, id, region) })
	told(s, logSteps)
	s.stop()
}

// counted are the lines of the log group that the store has in minutes, and those that
// were late, of the state that the service left behind.
func (w *logWorld) counted() (inMinutes, late, waiting int) {
	w.t.Helper()
	w.read(func(r *store.Reader) error {
		metas, err := r.Ledger().Metas()
		if err != nil {
			return err
		}
		for _, m := range metas {
			if m.Labels.Get("lines") != "all" {
				continue
			}
			samples, err := r.Samples(m.Series, 0, kizashi.Forever)
			if err != nil {
				return err
			}
			for _, s := range samples {
				inMinutes += int(s.Value)
			}
		}
		snap, _, err := r.Snapshot()
		if err != nil {
			return err
		}
		p, err := pipeline.Load(snap.Blob, models.All(), 1, pipeline.NewMemory())
		if err != nil {
			return err
		}
		for _, id := range p.Logs().Groups() {
			t, _ := p.Logs().Tally(id)
			late, waiting = late+int(t.Late), waiting+int(t.Waiting)
		}
		return nil
	})
	return inMinutes, late, waiting
}

// check holds what the service left behind against what was written.
func (w *logWorld) check(missing int) {
	w.t.Helper()
	in, late, waiting := w.counted()
	if in+late+waiting != w.lines-missing {
		w.t.Errorf("%d lines in minutes, %d late, %d waiting: %d; %d were written, of which %d cannot have come", in, late, waiting, in+late+waiting, w.lines, missing)
	}
	w.t.Logf("%d lines written: %d in minutes, %d late, %d waiting", w.lines, in, late, waiting)
	w.world.verify()
	w.listed()
	w.read(func(r *store.Reader) error {
		as, err := r.Ledger().Alerts(ledger.Filter{Tenant: "acme"})
		if err != nil {
			return err
		}
		n := 0
		for _, a := range as {
			if a.Justify == "" {
				continue
			}
			j, err := r.Ledger().Justification(a.Justify)
			if err != nil {
				return err
			}
			if ofTheError(&j) {
				n++
			}
		}
		if n != 1 {
			w.t.Errorf("%d alerts of the new error, want one: %v", n, as)
		}
		return nil
	})
	err := filepath.WalkDir(filepath.Join(w.dir, "data"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, secret := range secretsOfLines {
			if strings.Contains(string(b), secret) {
				err = errors.Join(err, fmt.Errorf("%s has %q", path, secret))
			}
		}
		return err
	})
	if err != nil {
		w.t.Error(err)
	}
}

// ofTheError says that a justification is of the new error.
func ofTheError(j *kizashi.Justification) bool {
	return j.Log != nil && strings.Contains(j.Log.Template, "could not charge")
}

// listed looks at the new error as CloudWatch lists anomalies, with all of its lines.
func (w *logWorld) listed() {
	w.t.Helper()
	out, err := exec.Command(binary, "anomalies", filepath.Join(w.dir, "data"), "--json").Output()
	if err != nil {
		w.t.Fatalf("kizashi anomalies: %v\n%s", err, out)
	}
	var got struct {
		Anomalies []struct {
			Pattern   string           `json:"patternString"`
			Histogram map[string]int64 `json:"histogram"`
			Kizashi   struct{ Kind string }
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		w.t.Fatal(err)
	}
	for _, a := range got.Anomalies {
		if !strings.Contains(a.Pattern, "could not charge") {
			continue
		}
		n := int64(0)
		for at, lines := range a.Histogram {
			sec, err := strconv.ParseInt(at, 10, 64)
			if d := time.Unix(sec, 0).Sub(w.begin.Add(errorAt)); err != nil || d < -5*time.Minute || d >= errorFor || sec%300 != 0 {
				w.t.Errorf("the histogram has %d lines at %q", lines, at)
			}
			n += lines
		}
		if want := int64(2 * errorFor / time.Minute); n > want || n < want-4 { // a few may have come late
			w.t.Errorf("the histogram has %d lines of %d: %v", n, want, a.Histogram)
		}
		return
	}
	w.t.Errorf("the new error is no anomaly:\n%s", out)
}

// says gives a person's word on an alert, as `kizashi feedback` does.
func says(t *testing.T, w *logWorld, s *service, alert string) {
	t.Helper()
	out, err := exec.Command(binary, "feedback", alert, "expected", "--author", "sato", "--config", w.config, "--url", "http://"+s.addr).CombinedOutput()
	if err != nil {
		t.Errorf("kizashi feedback: %v\n%s", err, out)
	}
}

// answered looks for what the service noted of that word.
func (w *logWorld) answered(alert string) {
	w.t.Helper()
	w.read(func(r *store.Reader) error {
		a, err := r.Ledger().Alert(alert)
		if err != nil {
			return err
		}
		notes, err := r.Ledger().Notes(a.Series, 0, kizashi.Forever)
		if !slices.ContainsFunc(notes, func(n ledger.Note) bool { return n.Fact.Claim == kizashi.ClaimLogSaid }) {
			w.t.Errorf("nothing is said of what became of a person's word: %+v", notes)
		}
		return err
	})
}

// newError are the alerts of the new error that a service lists.
func newError(s *service) (out []detail) {
	for _, a := range s.alerts() {
		if d, ok := s.detail(a.ID); ok && d.Justification != nil && ofTheError(d.Justification) {
			out = append(out, d)
		}
	}
	return out
}

// saysMasked looks at what is said of the new error.
func saysMasked(t *testing.T, where, text string) {
	t.Helper()
	for _, secret := range secretsOfLines {
		if strings.Contains(text, secret) {
			t.Errorf("%s says %q:\n%s", where, secret, text)
		}
	}
	if !strings.Contains(text, "could not charge <email>") {
		t.Errorf("%s shows no masked line:\n%s", where, text)
	}
}

var madeAt = regexp.MustCompile(`"creationTime": ?(\d+)`)

// older passes requests on to moto, and says of log groups that they were made earlier
// by d: those that moto has are made now, and of a log group nothing is read that is more
// than a day older than itself.
func older(t *testing.T, moto string, d time.Duration) string {
	u, err := url.Parse(moto)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(u)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Header.Get("X-Amz-Target") != "Logs_20140328.DescribeLogGroups" {
			return nil
		}
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		b = madeAt.ReplaceAllFunc(b, func(f []byte) []byte {
			ms, _ := strconv.ParseInt(string(madeAt.FindSubmatch(f)[1]), 10, 64) // it is made of digits
			return fmt.Appendf(nil, `"creationTime": %d`, ms-d.Milliseconds())
		})
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		r.Header.Set("Content-Length", strconv.Itoa(len(b)))
		return nil
	}
	proxy.ErrorLog = log.New(io.Discard, "", 0) // requests of who was killed
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL
}

// The whole way of a log group that moto has: three days of history, an error that was
// never written before, a real Alertmanager and a queue behind SNS that are told of it
// once, and kill -9 in between.
func TestLinesOfMoto(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes minutes of wall time")
	}
	const id = "123456789012"
	am, moto := startAlertmanager(t), startCloud(t)
	logs := cloudwatchlogs.New(cloudwatchlogs.Options{Region: region, BaseEndpoint: &moto.url, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")},
		func(o *cloudwatchlogs.Options) { o.Protocol = awsjson.New11(schemas.Logs_20140328) })
	_, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(logName)})
	_, err2 := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(logName), LogStreamName: aws.String("one")})
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	write := func(lines []kizashi.Line) {
		for part := range slices.Chunk(lines, 5000) {
			var events []types.InputLogEvent
			for _, l := range part {
				events = append(events, types.InputLogEvent{Timestamp: aws.Int64(int64(l.At)), Message: aws.String(l.Text)})
			}
			if _, err := logs.PutLogEvents(context.Background(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(logName), LogStreamName: aws.String("one"), LogEvents: events}); err != nil {
				t.Fatal(err)
			}
		}
	}
	front := older(t, moto.url, logPast)
	// Moto's clock is the wall's; it refuses what lies two hours ahead, and Alertmanager
	// ends what is not told again. So the hour and a half is about now.
	w := newLogWorld(t, time.Now().UTC().Truncate(logStep).Add(-20*time.Minute), id, region, front,
		fmt.Sprintf("sinks:\n  alertmanager: {urls: [%q], resend: 10m}\n  sns: {topic: %q, endpoint: %s}\n", am.url, moto.topic, moto.url), write)
	got := told{}
	var alert string
	w.play(id, region, func(s *service, step int) {
		open := newError(s)
		switch {
		case len(open) > 1:
			t.Errorf("step %d: it is told as %d alerts", step, len(open))
		case len(open) == 0 || alert != "":
			return
		}
		d := open[0]
		alert = d.Alert.ID
		if !slices.Contains(d.Alert.Models, string(kizashi.ClaimLogNew)) {
			t.Errorf("it is told for %v", d.Alert.Models)
		}
		s.await("the alert in Alertmanager", func() bool { _, ok := am.active()[alert]; return ok })
		saysMasked(t, "Alertmanager", fmt.Sprint(am.active()[alert]))
		saysMasked(t, "the justification", fmt.Sprint(d.Justification.Log, d.Texts["en"].Engineer))
		saysMasked(t, "the text in Japanese", d.Texts["ja"].Engineer)
		t.Logf("step %d\n%s\n%s", step, d.Texts["en"].Engineer, d.Texts["ja"].Engineer)
	}, "AWS_REGION="+region)
	if alert == "" {
		t.Fatal("the new error was never told")
	}
	for k := 0; k < 20 && got.take(t, moto) >= 0; k++ {
	}
	if n := got.count(alert, kizashi.Firing); n < 1 || n > 2 {
		t.Errorf("SQS was told %d times that it fires; kills allow one more than one", n)
	}
	for _, all := range got {
		for _, n := range all {
			if n.Alert.ID == alert {
				saysMasked(t, "SQS", n.Summary+fmt.Sprint(n.Fields))
			}
		}
	}
	w.check(0)
}

// The same of an AWS whose events can be read up to ten minutes after they were
// written, told to a receiver.
func TestLinesOfTheFake(t *testing.T) {
	const id, region = "123456789012", "ap-northeast-1"
	var w *logWorld
	began := time.Date(2026, 6, 15, 0, 0, 0, 0, time.UTC)
	now := func() time.Time {
		if w == nil {
			return began
		}
		return w.time()
	}
	cloud := awsfake.NewCloud(now)
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	n := 0
	write := func(lines []kizashi.Line) {
		for _, l := range lines {
			seen := l.At.Add(5 * time.Second)
			if n++; n%50 == 0 {
				seen = l.At.Add(time.Duration(n/50%10) * time.Minute)
			}
			cloud.Account(id).Region(region).LogSeen(logName, "one", l.At.UTC(), l.Text, seen.UTC())
		}
	}
	r := receive(t, now)
	w = newLogWorld(t, began, id, region, server.URL, fmt.Sprintf("sinks:\n  alertmanager: {urls: [%q], resend: 1m}\n  sns: {topic: \"arn:aws:sns:ap-northeast-1:123456789012:alerts\", endpoint: %q}\n", r.url, r.url), write)
	key, secret := cloud.Account(id).Keys()
	alert := ""
	w.play(id, region, func(s *service, step int) {
		open := newError(s)
		if len(open) > 0 {
			alert = open[0].Alert.ID
		}
		if step == logSteps-2 {
			says(t, w, s, alert)
		}
	}, "AWS_ACCESS_KEY_ID="+key, "AWS_SECRET_ACCESS_KEY="+secret)
	if alert == "" {
		t.Fatal("the new error was never told")
	}
	told := 0
	for k, n := range r.keys {
		if strings.Contains(k, alert) && strings.HasSuffix(k, string(kizashi.Firing)) {
			told += n
		}
	}
	w.answered(alert)
	if told < 1 || told > 2 || r.states[alert] == nil || r.states[alert][0] != "firing" {
		t.Errorf("told %d times that it fires; to Alertmanager %v", told, r.states[alert])
	}
	w.check(0)
}
