package awsfake

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
)

// Protocol names a wire form, as the source's configuration does.
type Protocol string

const (
	CBOR  Protocol = "cbor"  // Smithy RPC v2
	JSON  Protocol = "json"  // AWS JSON 1.0 and 1.1
	Query Protocol = "query" // form in, XML out; EC2 has a variant of its own
)

// maxBody bounds a request: 500 queries need less than 1 MiB.
const maxBody = 4 << 20

// call is a request taken from its wire form.
type call struct {
	proto   Protocol
	service string // of the credential scope
	op      string
	json    string // content type of JSON: its version
	in      map[string]any
	body    []byte // of CBOR's GetMetricData, which has a reader of its own: in is nil
}

// readCall takes in a request of any of the three protocols. What it can tell
// of one that it cannot read stands beside the error, so that the answer has
// the protocol's form.
func readCall(r *http.Request) (call, error) {
	c := headOf(r)
	body, err := readBody(r)
	if err != nil {
		return c, err
	}
	switch {
	case c.proto == CBOR && c.op == "GetMetricData":
		c.body = body
		return c, nil
	case c.proto == CBOR:
		return readStructure(c, body, decodeCBOR)
	case c.proto == JSON:
		return readStructure(c, body, decodeJSON)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return c, &failure{http.StatusBadRequest, "MalformedQueryString", err.Error()}
	}
	c.op = form.Get("Action")
	c.in, err = formTree(form)
	return c, err
}

// headOf tells the protocol, and the operation where the head names it.
func headOf(r *http.Request) call {
	if r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" {
		return call{proto: CBOR, op: r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]}
	}
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		_, op, _ := strings.Cut(target, ".")
		return call{proto: JSON, op: op, json: r.Header.Get("Content-Type")}
	}
	return call{proto: Query}
}

func decodeJSON(b []byte) (v any, err error) {
	err = json.Unmarshal(b, &v)
	return v, err
}

// readBody reads a body, unpacked: PutMetricData comes compressed.
func readBody(r *http.Request) ([]byte, error) {
	in := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return nil, err
		}
		in = z
	}
	var body []byte
	var err error
	if n := r.ContentLength; n > 0 && n <= maxBody && in == r.Body {
		body = make([]byte, n)
		_, err = io.ReadFull(in, body)
	} else {
		body, err = io.ReadAll(io.LimitReader(in, maxBody+1))
	}
	if err == nil && len(body) > maxBody {
		err = &failure{http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("request over %d bytes", maxBody)}
	}
	return body, err
}

func readStructure(c call, body []byte, decode func([]byte) (any, error)) (call, error) {
	c.in = map[string]any{}
	if len(body) == 0 {
		return c, nil
	}
	v, err := decode(body)
	if err != nil {
		return c, &failure{http.StatusBadRequest, "SerializationException", fmt.Sprintf("%s body of %s: %v", c.proto, c.op, err)}
	}
	in, ok := v.(map[string]any)
	if !ok {
		return c, &failure{http.StatusBadRequest, "SerializationException", fmt.Sprintf("%s body of %s: not a structure", c.proto, c.op)}
	}
	c.in = in
	return c, nil
}

// maxLevels bounds the nesting of a form's names.
const maxLevels = 16

// formTree turns a.member.1.b=v into nested maps and lists.
func formTree(form url.Values) (map[string]any, error) {
	root := map[string]any{}
	for k, vs := range form {
		at := root
		parts := strings.Split(k, ".")
		if len(parts) > maxLevels {
			return nil, fmt.Errorf("parameter %q has more than %d levels", k, maxLevels)
		}
		for _, p := range parts[:len(parts)-1] {
			next, ok := at[p].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[p] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = vs[0]
	}
	for k := range root {
		root[k] = members(root[k])
	}
	return root, nil
}

// members turns every {member: {1: x, 2: y}}, and EC2's {1: x, 2: y}, into a
// list, in number order; so also {entry: {1: ...}} of a map.
func members(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if len(m) == 1 {
		for _, wrap := range []string{"member", "entry"} {
			if inner, ok := m[wrap].(map[string]any); ok {
				m = inner
			}
		}
	}
	if nums := numbered(m); nums != nil {
		var out []any
		for _, n := range nums {
			out = append(out, members(m[strconv.Itoa(n)]))
		}
		return out
	}
	for k := range m {
		m[k] = members(m[k])
	}
	return m
}

// numbered returns the keys in order if all are numbers.
func numbered(m map[string]any) []int {
	var nums []int
	for k := range m {
		n, err := strconv.Atoi(k)
		if err != nil || strconv.Itoa(n) != k {
			return nil
		}
		nums = append(nums, n)
	}
	sort.Ints(nums)
	return nums
}
