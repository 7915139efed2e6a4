package dispatch

import (
	"testing"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert"
	"github.com/kizashi-ops/kizashi/alert/severity"
)

func (s *story) severities(want map[string]alert.Severity) {
	s.t.Helper()
	s.look()
	for id, w := range want {
		if got := s.d.alerts[id].view.result; got.Severity != w {
			s.t.Errorf("%s is %s, want %s: %+v", id, got.Severity, w, got.Terms)
		}
	}
}

// The name of a series of CloudWatch holds its host: members of a group have
// the metric in common.
func TestRedundancyCountsTheHosts(t *testing.T) {
	rules := severity.Rules{Redundancy: []severity.Redundancy{{Match: match(t, `group="g"`), CanLose: 1}}}
	s := tell(t, Policy{Receivers: []Receiver{oncall()}, Severity: rules})
	s.fire("i-1")
	s.severities(map[string]alert.Severity{"i-1": alert.Warning})
	s.fire("i-2", "name=CPUUtilization Maximum i-2", "namespace=AWS/EC2", "metric=CPUUtilization", "stat=Maximum")
	s.fire("i-3", "name=by hand")
	s.severities(map[string]alert.Severity{"i-1": alert.Warning, "i-2": alert.Warning, "i-3": alert.Warning})
	s.fire("i-4")
	s.severities(map[string]alert.Severity{"i-1": alert.Critical, "i-4": alert.Critical, "i-2": alert.Warning, "i-3": alert.Warning})
	s.over("i-4")
	s.severities(map[string]alert.Severity{"i-1": alert.Warning})
}

func TestBreadthCountsTheHosts(t *testing.T) {
	s := tell(t, Policy{Receivers: []Receiver{oncall()}, Members: func(*kizashi.Alert) int { return 5 }})
	s.fire("i-1", "class=record")
	s.fire("i-2", "class=record")
	s.severities(map[string]alert.Severity{"i-1": alert.Notice})
	s.fire("i-3", "class=record")
	s.severities(map[string]alert.Severity{"i-1": alert.Warning, "i-2": alert.Warning, "i-3": alert.Warning})
}
