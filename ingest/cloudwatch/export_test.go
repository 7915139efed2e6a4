package cloudwatch

import "net/http"

// WholeBody lets the tests' own SDK clients use the source's transport.
func WholeBody() *http.Client {
	return &http.Client{Transport: wholeBody{http.DefaultTransport}}
}
