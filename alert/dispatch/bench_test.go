package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/route"
)

// storm is 50,000 series of 40 services that all fire.
func storm() []kizashi.Alert {
	as := make([]kizashi.Alert, 50_000)
	for i := range as {
		service := fmt.Sprintf("svc-%02d", i%40)
		ls := kizashi.LabelsOf(map[string]string{"name": "CPUUtilization", "service": service, "instance": fmt.Sprintf("i-%05d", i), "account": "123456789012", "region": "ap-northeast-1", "namespace": "AWS/EC2"})
		as[i] = kizashi.Alert{ID: fmt.Sprintf("%016x", i), Series: kizashi.SeriesID(i), Tenant: "shop", Group: service, Class: "act", Side: kizashi.Up, Labels: ls,
			State: kizashi.Firing, Seq: 1, From: at(0), To: at(0), Changed: at(0), Models: []string{"band"}}
	}
	return as
}

func stormPolicy(b testing.TB) Policy {
	m, err := kizashi.ParseMatcher(`severity="critical"`)
	if err != nil {
		b.Fatal(err)
	}
	dead, err := kizashi.ParseMatcher(`instance="i-00000"`)
	if err != nil {
		b.Fatal(err)
	}
	rs := []Receiver{
		{Name: "default", Lanes: []Lane{{Name: "am", Each: true, Machine: true, Level: true}}},
		{Name: "oncall", GroupBy: []string{"service"}, Interval: 5 * time.Minute, Repeat: 4 * time.Hour, Caps: Caps{Series: 10, Service: 30, Day: 100},
			Escalate: Escalation{After: 30 * time.Minute, To: "manager"}, Lanes: []Lane{{Name: "slack"}, {Name: "mail"}}},
		{Name: "manager", GroupBy: []string{"service"}, Interval: 5 * time.Minute, Lanes: []Lane{{Name: "mail-m"}}},
	}
	tree, err := route.New([]route.Receiver{{Name: "default"}, {Name: "oncall"}, {Name: "manager"}},
		[]route.Route{{Match: kizashi.Matchers{m}, Receivers: []string{"default", "oncall"}}, {Receivers: []string{"default"}}})
	if err != nil {
		b.Fatal(err)
	}
	return Policy{Receivers: rs, Routes: tree, MaxAge: time.Hour, Patience: 5 * time.Minute,
		Inhibit: []Inhibition{{Source: kizashi.Matchers{dead}, Target: kizashi.Matchers{m}, Equal: []string{"instance"}}}}
}

// The first pass of a storm, a pass on which one of 50,000 has changed, and
// one on which nothing has.
func BenchmarkStorm(b *testing.B) {
	as := storm()
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			d := New(stormPolicy(b), nil, nil)
			d.Note(as...)
			d.Pass(noon)
		}
	})
	d := New(stormPolicy(b), nil, nil)
	d.Note(as...)
	d.Pass(noon)
	b.Run("one changed", func(b *testing.B) {
		for b.Loop() {
			d.Note(as[7])
			d.Pass(noon.Add(time.Second))
		}
	})
	b.Run("nothing", func(b *testing.B) {
		for b.Loop() {
			d.Pass(noon.Add(time.Second))
		}
	})
}

// A storm is one message a group and lane.
func TestStormIsOneMessageAGroup(t *testing.T) {
	d := New(stormPolicy(t), nil, nil)
	as := storm()
	d.Note(as...)
	begin := time.Now()
	r := d.Pass(noon)
	took := time.Since(begin)
	told := map[string]int{}
	members := 0
	for _, th := range r.Threads {
		if th.Seq > 0 {
			told[th.Lane]++
		}
		if th.Lane == "slack" {
			members += len(th.Members)
		}
	}
	if told["slack"] != 40 || told["mail"] != 40 || told["am"] != len(as) || told["mail-m"] != 0 || members != len(as) {
		t.Errorf("messages %v, %d members", told, members)
	}
	if len(r.Undeliverable) > 0 {
		t.Errorf("%d undeliverable", len(r.Undeliverable))
	}
	if took > time.Minute { // about 1 s on a machine that has nothing else to do; a quadratic pass takes longer on any
		t.Errorf("the pass took %s", took)
	}
	t.Logf("pass over %d alerts: %s", len(as), took)
	// Half an hour later nobody has acknowledged it.
	r = d.Pass(noon.Add(31 * time.Minute))
	told = map[string]int{}
	for _, th := range r.Threads {
		told[th.Lane+" "+string(th.Reason)]++
	}
	if told["mail-m "+string(alert.ReasonEscalated)] != 40 {
		t.Errorf("half an hour later %v", told)
	}
}
