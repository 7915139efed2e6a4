package awsfake

import (
	"net"
	"net/http"
	"strconv"
	"time"
)

// send puts an answer on the wire, with what the faults do to the connection.
// false = nothing more can be sent: the connection is to be cut.
func (c *Cloud) send(w http.ResponseWriter, r *http.Request, q *request, a reply) bool {
	e := q.effect
	if d := first(e, func(f *fault) time.Duration { return f.Slow }); d > 0 {
		c.mu.RLock()
		sleep := c.sleep
		c.mu.RUnlock()
		if sleep(r.Context(), d) != nil {
			return false
		}
	}
	if first(e, func(f *fault) bool { return f.Silent }) {
		<-r.Context().Done()
		return false
	}
	if first(e, func(f *fault) bool { return f.Cut }) {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Amzn-Requestid", c.requestID())
	if q.proto == CBOR {
		h.Set("Smithy-Protocol", "rpc-v2-cbor")
	}
	if a.queryError != "" {
		h.Set("X-Amzn-Query-Error", a.queryError)
	}
	if d := e.skew(); d != 0 {
		h.Set("Date", c.wallClock().Add(d).UTC().Format(http.TimeFormat))
	}
	h.Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	body := a.body
	cut := first(e, func(f *fault) bool { return f.CutIn })
	if cut {
		body = body[:len(body)/2]
	}
	if _, err := w.Write(body); err != nil {
		return false
	}
	if cut {
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
	}
	return !cut
}

// reset ends a connection with a reset, as a host that is gone does: without
// linger, closing it drops what was sent.
func reset(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := h.Hijack()
	if err != nil {
		return
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0) // without it the connection is only closed
	}
	_ = conn.Close() // it is gone either way
}
