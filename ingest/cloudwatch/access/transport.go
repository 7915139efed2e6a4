package access

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// wholeBody sends a copy of the request's body. The SDK closes the body as
// soon as an answer begins; a server that answers fast may do so before
// net/http has seen the body's end, which then drops the connection and the
// answer with it.
type wholeBody struct{ next http.RoundTripper }

// RoundTrip sends req.
func (w wholeBody) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		return w.next.RoundTrip(req)
	}
	b, err := io.ReadAll(req.Body)
	if err := errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	again := req.Clone(req.Context())
	again.Body = io.NopCloser(bytes.NewReader(b))
	again.ContentLength = int64(len(b))
	return w.next.RoundTrip(again)
}

// CloseIdleConnections closes those of the transport below.
func (w wholeBody) CloseIdleConnections() {
	if c, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
