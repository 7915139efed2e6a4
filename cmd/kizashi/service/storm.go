package service

import (
	"slices"
	"time"

	"github.com/kizashi-ops/kizashi/alert"
)

// manyMembers are more rows than a lane should have to wait for.
const manyMembers = 500

// keep stores threads, then wakes their lanes. In a storm threads of alerts on
// their own come last, some at a time, and so do the rows that find the others
// by their members.
func (d *dispatching) keep(threads []alert.Thread, wake []string) error {
	n := 0
	for i := range threads {
		n += len(threads[i].Members)
	}
	if n <= manyMembers {
		err := d.ledger.Threads(threads...)
		if err == nil {
			d.wakeLanes(wake)
		}
		return err
	}
	var together, alone []alert.Thread
	for _, t := range threads {
		if len(t.Members) == 1 && t.ID == t.Members[0].Alert && t.Sum == "" {
			alone = append(alone, t)
		} else {
			together = append(together, t)
		}
	}
	var ids []string
	for _, t := range together {
		ids = append(ids, idsOf(named(t))...)
	}
	if err := d.ahead(ids...); err != nil { // at once, not message by message
		return err
	}
	if err := d.ledger.Bodies(together...); err != nil {
		return err
	}
	d.first(together, wake)
	d.wakeLanes(wake)
	d.hasLooked()
	for some := range slices.Chunk(alone, manyMembers) {
		if err := d.ledger.Threads(some...); err != nil {
			return err
		}
		d.wakeLanes(wake)
	}
	return d.ledger.Members(together...)
}

// sendFirst is how long a storm's messages have a start of what can wait: a lane
// that writes down what it told does not wait for other rows.
const sendFirst = 3 * time.Second

// first notes the messages that are due now.
func (d *dispatching) first(threads []alert.Thread, wake []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.untried = map[[2]string]bool{}
	now := d.now()
	for _, t := range threads {
		if t.Changed.Equal(now) && slices.Contains(wake, t.Lane) {
			d.untried[[2]string{t.Lane, t.ID}] = true
		}
	}
	if d.sent = nil; len(d.untried) > 0 {
		d.sent = make(chan struct{})
	}
}

// tried notes that a lane has tried to send a thread.
func (d *dispatching) tried(lane, thread string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.untried, [2]string{lane, thread})
	if len(d.untried) == 0 && d.sent != nil {
		close(d.sent)
		d.sent = nil
	}
}

// enough ends the start that messages have.
func (d *dispatching) enough() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.untried, d.sent = nil, nil
}

// hasLooked lets those go on who wait for what was noted before the pass.
func (d *dispatching) hasLooked() {
	if d.looking != nil {
		close(d.looking)
		d.looking = nil
	}
}

// settled waits until what was noted has been looked at, and people's lanes
// know of it: what can wait does not take the processor from it.
func (d *dispatching) settled() {
	d.mu.Lock()
	looked := d.looked
	if looked == nil {
		looked = d.last
	}
	d.mu.Unlock()
	if looked == nil {
		return
	}
	select {
	case <-looked:
	case <-d.ended:
	}
	d.mu.Lock()
	sent := d.sent
	d.mu.Unlock()
	if sent == nil {
		return
	}
	late := time.NewTimer(sendFirst)
	defer late.Stop()
	select {
	case <-sent:
	case <-d.ended:
	case <-late.C: // a sink that hangs holds nothing up for longer
		d.enough()
	}
}
