package program

import (
	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/logfile"
	"github.com/kizashi-ops/kizashi/ingest/mask"
)

// A file is read and masked by one goroutine, in blocks, and its patterns are mined
// by another: the two take about as long. What is found does not depend on how
// blocks are cut.

// blocks is how many there are: one that is filled, one that is mined, two that wait.
const blocks = 4

// Limits of a block: it ends behind the event with which it reaches one of them.
const (
	blockEvents = 1024
	blockBytes  = 128 << 10
)

// block is a stretch of a file, masked.
type block struct {
	text   []byte // of its events, one behind the other
	events []entry
	read   int64 // bytes of the file by its end, as it lies there
	err    error // behind the events: io.EOF, or why the file breaks off
}

// entry is what the survey has of an event.
type entry struct {
	end   int // of its text
	rows  int
	at    kizashi.Time // Never = none, here or above
	found bool         // the time is its own
}

// readAhead fills blocks of so many events, and hands on each, the last one with its
// error, until stop is closed. Blocks that were dealt with come back through free.
func readAhead(r *logfile.Reader, m *mask.Masker, events int, free <-chan *block, full chan<- *block, stop <-chan struct{}) {
	var ev logfile.Event
	for {
		var b *block
		select {
		case b = <-free:
		case <-stop:
			return
		}
		b.fill(r, m, &ev, events)
		select {
		case full <- b:
		case <-stop:
			return
		}
		if b.err != nil {
			return
		}
	}
}

func (b *block) fill(r *logfile.Reader, m *mask.Masker, ev *logfile.Event, events int) {
	b.text, b.events, b.err = b.text[:0], b.events[:0], nil
	for len(b.events) < events && len(b.text) < blockBytes {
		if b.err = r.Next(ev); b.err != nil {
			break
		}
		b.text = m.Append(b.text, ev.Text)
		b.events = append(b.events, entry{len(b.text), ev.Rows, ev.At, ev.Found})
	}
	b.read = r.Read()
}

// each calls do for the events of a file, in their order, in blocks; reader errors
// end it: io.EOF is one too. between is called after each block with how much of the
// file was read; its error ends the reading.
func each(r *logfile.Reader, m *mask.Masker, events int, do func(text []byte, e *entry), between func(read int64) error) error {
	free, full, stop, ended := make(chan *block, blocks), make(chan *block, blocks), make(chan struct{}), make(chan struct{})
	for range blocks {
		free <- &block{}
	}
	go func() {
		defer close(ended)
		readAhead(r, m, events, free, full, stop)
	}()
	defer func() { close(stop); <-ended }()
	for {
		b, from := <-full, 0
		for i := range b.events {
			e := &b.events[i]
			do(b.text[from:e.end], e)
			from = e.end
		}
		err := b.err
		if err == nil {
			err = between(b.read)
		}
		if err != nil {
			return err
		}
		free <- b
	}
}
