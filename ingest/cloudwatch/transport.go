package cloudwatch

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
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

// failure is an error whose text does not change from one attempt to the
// next: request ids and local ports would make every repetition of one
// failure look like a new one, and each would be an alert of its own.
type failure struct {
	text string
	err  error
}

func (f failure) Error() string { return f.text }
func (f failure) Unwrap() error { return f.err }

// plain takes from an error what names its cause.
func plain(err error) error {
	var (
		api      smithy.APIError
		dns      *net.DNSError
		netErr   net.Error
		op       *net.OpError
		response *smithyhttp.ResponseError
	)
	switch {
	case errors.As(err, &api):
		return failure{api.ErrorCode() + ": " + api.ErrorMessage(), err}
	case errors.As(err, &dns):
		return failure{"host " + dns.Name + ": " + dns.Err, err}
	case errors.As(err, &netErr) && netErr.Timeout():
		return failure{"no answer in time", err}
	case errors.As(err, &op):
		return failure{"connection: " + op.Err.Error(), err}
	case errors.As(err, &response):
		return failure{"the answer (HTTP " + http.StatusText(response.HTTPStatusCode()) + ") cannot be read: " + plain(response.Err).Error(), err}
	}
	return err
}
