package scenario

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/gen"
)

// outage is a stretch in which a partition cannot be read. Its samples come
// after it, unless the source has forgotten them.
type outage struct {
	part kizashi.Partition
	kizashi.Status
	told bool // of forgotten samples: that they are
}

// blind adds an outage: cause=KIND, what=NAME say why.
func (s *Story) blind(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	f := c.stretches()[0]
	o := outage{part: x.part, Status: kizashi.Status{From: f[0], Through: f[1], Reason: c.text("reason", "access denied"), Resources: resources(c.text("resources", "")),
		Cause: kizashi.Cause{Kind: kizashi.CauseKind(c.text("cause", string(kizashi.NoPermission))), Name: c.text("what", "cloudwatch:GetMetricData")}}}
	switch o.Cause.Kind {
	case kizashi.NoPermission, kizashi.NoCredentials, kizashi.NoRegion, kizashi.CostCap, kizashi.Refused:
	case kizashi.Forgotten:
		for _, x := range s.series {
			if x.part == o.part {
				x.samples = gen.Drop(x.samples, o.From, o.Through)
			}
		}
	default:
		return "", fmt.Errorf("cause %q: unknown", o.Cause.Kind)
	}
	s.outages = append(s.outages, o)
	return "ok", nil
}

// resources writes "AWS/EC2 120, AWS/RDS 30" as a source does.
func resources(list string) string {
	var out []string
	for _, item := range strings.Split(list, ", ") {
		if name, n, ok := strings.Cut(item, " "); ok {
			item = fmt.Sprintf("%s (%s series)", name, n)
		}
		out = append(out, item)
	}
	return strings.Join(out, ", ")
}

// backfill makes what is before to come by a partition of its own, after the
// main partition has come to after.
func (s *Story) backfill(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	p := x.part
	p.Backfill = "history"
	x.fill, x.fillTo, x.after = &p, c.at("to", kizashi.Never), c.at("after", kizashi.Never)
	return "ok", nil
}

// declare changes the meta from a time on.
func (s *Story) declare(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	m := x.meta
	m.Upper, m.Lower, m.Unit = kizashi.Num(c.number("upper", float64(m.Upper))), kizashi.Num(c.number("lower", float64(m.Lower))), c.text("unit", m.Unit)
	d := kizashi.Declaration{From: c.at("at", kizashi.Never), Meta: m}
	x.declare(c, d)
	return "ok", nil
}

// known is a declaration, and when the source makes it.
type known struct {
	at kizashi.Time
	kizashi.Declaration
}

func (x *series) declare(c *call, d kizashi.Declaration) {
	k := known{c.at("known", kizashi.Never), d}
	if k.at != kizashi.Never && c.err == nil {
		c.story.edges = append(c.story.edges, k.at)
	}
	x.coming = append(x.coming, k)
}

// revise has the source correct samples of a stretch, at known.
func (s *Story) revise(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	by, known, n := c.change(x), c.at("known", kizashi.Never), 0
	for _, f := range c.stretches() {
		for i := range x.samples {
			if p := &x.samples[i]; p.At >= f[0] && p.At < f[1] {
				x.revised = append(x.revised, kizashi.Revision{Series: p.Series, At: p.At, Period: p.Period, Old: kizashi.Num(p.Value),
					New: x.fit(by(p.Value), false), Seen: known})
				n++
			}
		}
	}
	s.edges = append(s.edges, known)
	return some(n, "samples")
}

// end declares that from a time on no sample is expected; drop takes the
// samples away.
func (s *Story) end(c *call) (string, error) {
	x, err := c.one()
	if err != nil {
		return "", err
	}
	d := kizashi.Declaration{From: c.at("at", kizashi.Never), Meta: x.meta, Ended: kizashi.Ending(c.text("why", string(kizashi.Terminated)))}
	x.declare(c, d)
	return "ok", nil
}

// command adds a command; the first argument is its operation. A reload takes
// the new configuration from the input.
func (s *Story) command(c *call) (string, error) {
	if len(c.args) == 0 {
		return "", fmt.Errorf("want exclude, include, expect, feedback, revoke, target or reload")
	}
	c.used[c.args[0].Key] = true
	cmd := kizashi.Command{Op: kizashi.Op(c.args[0].Key), At: c.at("at", kizashi.Never), From: c.at("from", 0), To: c.at("to", 0),
		Reason: c.text("reason", ""), Value: c.span("value", 0).Seconds(), Act: c.text("act", "")}
	if v, ok := c.get("scale"); ok {
		var err error
		if cmd.Low, cmd.High, err = kizashi.ParseFactors(v); err != nil {
			return "", err
		}
	}
	if n := int(c.number("alert", 0)); n > 0 && n <= len(s.alerts) {
		a := s.alerts[n-1].alert
		cmd.Alert, cmd.As, cmd.Series, cmd.From, cmd.To = a.ID, kizashi.Said(c.text("as", "")), a.Series, a.Opened, a.To
	}
	if m, ok := c.get("match"); ok {
		matcher, err := kizashi.ParseMatcher(m)
		if err != nil {
			return "", err
		}
		cmd.Match = kizashi.Matchers{matcher}
	}
	if text := strings.TrimSpace(c.input); text != "" {
		if !json.Valid([]byte(text)) {
			return "", fmt.Errorf("the input is no JSON")
		}
		cmd.Body = json.RawMessage(text)
	}
	if cmd.At < s.told {
		return "", fmt.Errorf("at: the story is past %s already", s.wall(cmd.At))
	}
	s.commands = append(s.commands, cmd)
	return "ok", cmd.Check()
}
