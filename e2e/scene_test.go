package e2e

import (
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
)

func newWorld(t *testing.T) *world { return newWorldUntil(t, begin.Add(time.Duration(steps+1)*step)) }

// newWorldUntil has values until an end.
func newWorldUntil(t *testing.T, end time.Time) *world { return newWorldOf(t, 3, end) }

// newWorldOf has so many instances.
func newWorldOf(t *testing.T, instances int, end time.Time) *world {
	return newWorldIn(t, scene{instances: instances, end: end, value: value, watch: "{name: AWS/EC2, period: 5m, settle: 0s, group: web, metrics: [CPUUtilization]}",
		metric: func(i int) awsfake.Metric {
			return awsfake.Metric{Namespace: "AWS/EC2", Name: "CPUUtilization", Dimensions: map[string]string{"InstanceId": fmt.Sprintf("i-%d", i)}}
		}})
}

// scene is what a world shows.
type scene struct {
	instances int
	end       time.Time                                // of the values
	value     func(instance int, at time.Time) float64 // NaN = there is none
	metric    func(instance int) awsfake.Metric
	watch     string                // the configuration's item of namespaces
	tell      func(w *world) string // the configuration's sinks, receivers and routes; nil = the receiver as Alertmanager and SNS
}

func newWorldIn(t *testing.T, c scene) *world {
	w := &world{t: t, dir: t.TempDir(), over: map[string]bool{}}
	w.clock = filepath.Join(w.dir, "clock")
	w.set(begin)
	cw := awsfake.NewCloudWatch(func() time.Time { return c.end.Add(16 * time.Hour) })
	for i := range c.instances {
		m := c.metric(i)
		for at := begin.Truncate(period).Add(-15 * 24 * time.Hour); at.Before(c.end); at = at.Add(period) {
			if v := c.value(i, at); !math.IsNaN(v) {
				cw.Put(m, at, v)
			}
		}
	}
	aws, err := awsfake.New("127.0.0.1:0", cw)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := aws.Close(); err != nil {
			t.Error(err)
		}
	})
	w.receiver = receive(t, w.time)
	if c.tell == nil {
		c.tell = (*world).toTheReceiver
	}
	w.config = filepath.Join(w.dir, "kizashi.yaml")
	w.write(w.config, fmt.Sprintf(`
tenants:
  - name: acme
    zone: Asia/Tokyo
    accounts:
      - account: "123456789012"
        region: ap-northeast-1
        endpoint: %s
        protocol: json
        poll: 5m
        discover: {tags: false, instances: false, groups: false, agents: false} # this AWS is CloudWatch alone
        namespaces:
          - %s
storage: {path: %q}
web: {listen: "127.0.0.1:0"}
`, aws.URL, c.watch, filepath.Join(w.dir, "data"))+c.tell(w))
	return w
}

// toTheReceiver is the configuration that tells the receiver everything twice.
func (w *world) toTheReceiver() string {
	w.lanes = []string{"sns arn:aws:sns:ap-northeast-1:123456789012:alerts", "alertmanager " + strings.TrimPrefix(w.receiver.url, "http://")}
	return fmt.Sprintf(`
sinks:
  alertmanager: {urls: [%q], resend: 1m}
  sns: {topic: "arn:aws:sns:ap-northeast-1:123456789012:alerts", endpoint: %q}
`, w.receiver.url, w.receiver.url)
}
