package dispatch

// escalate finds what was told, is to be acted on, and that nobody
// acknowledged for too long.
func (p *pass) escalate() {
	p.escalated = map[string]map[string]string{}
	for _, k := range p.d.desks {
		if e := k.recv.Escalate; e.To != "" && !k.lane.Machine {
			for _, t := range k.open {
				k.escalate(p, t, e)
			}
		}
	}
}

func (k *desk) escalate(p *pass, t *thread, e Escalation) {
	for i := range t.Members {
		m := &t.Members[i]
		known := k.d.alerts[m.Alert]
		if known == nil || known.view.e == nil || m.Since == 0 {
			continue // it was forgotten; what came since is not that it fires
		}
		v := &known.view
		if !v.firing() || v.class() != "act" || v.hold != "" || k.acked(p, t, v, m) {
			continue
		}
		if at := m.At.Add(e.After); at.After(p.now) {
			p.next(at)
			continue
		}
		if p.escalated[e.To] == nil {
			p.escalated[e.To] = map[string]string{}
		}
		if have, ok := p.escalated[e.To][m.Alert]; !ok || k.recv.Name < have {
			p.escalated[e.To][m.Alert] = k.recv.Name
		}
	}
}
