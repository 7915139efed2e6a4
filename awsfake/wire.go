package awsfake

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Protocol names a wire form, as the source's configuration does.
type Protocol string

const (
	CBOR  Protocol = "cbor"  // Smithy RPC v2
	JSON  Protocol = "json"  // AWS JSON 1.0
	Query Protocol = "query" // form in, XML out
)

// maxBody bounds a request: 500 queries need less than 1 MiB.
const maxBody = 4 << 20

// call is a request taken from its wire form.
type call struct {
	proto Protocol
	op    string
	in    map[string]any
}

// readCall takes in a request of any of the three protocols.
func readCall(r *http.Request) (call, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return call{}, err
	}
	if len(body) > maxBody {
		return call{}, fmt.Errorf("request over %d bytes", maxBody)
	}
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		op := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		return object2call(CBOR, op, body, decodeCBOR)
	case r.Header.Get("X-Amz-Target") != "":
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		return object2call(JSON, op, body, func(b []byte) (v any, err error) {
			err = json.Unmarshal(b, &v)
			return v, err
		})
	}
	form, err := url.ParseQuery(string(body))
	return call{proto: Query, op: form.Get("Action"), in: formTree(form)}, err
}

func object2call(p Protocol, op string, body []byte, decode func([]byte) (any, error)) (call, error) {
	c := call{proto: p, op: op, in: map[string]any{}}
	if len(body) == 0 {
		return c, nil
	}
	v, err := decode(body)
	if err != nil {
		return c, fmt.Errorf("%s body of %s: %w", p, op, err)
	}
	in, ok := v.(map[string]any)
	if !ok {
		return c, fmt.Errorf("%s body of %s: not a structure", p, op)
	}
	c.in = in
	return c, nil
}

// formTree turns a.member.1.b=v into nested maps and lists.
func formTree(form url.Values) map[string]any {
	root := map[string]any{}
	for k, vs := range form {
		at := root
		parts := strings.Split(k, ".")
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
	out, _ := members(root).(map[string]any)
	return out
}

// members turns every {member: {1: x, 2: y}} into a list, in number order.
func members(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if inner, ok := m["member"].(map[string]any); ok {
		var nums []int
		for k := range inner {
			if n, err := strconv.Atoi(k); err == nil {
				nums = append(nums, n)
			}
		}
		sort.Ints(nums)
		var out []any
		for _, n := range nums {
			out = append(out, members(inner[strconv.Itoa(n)]))
		}
		return out
	}
	for k := range m {
		m[k] = members(m[k])
	}
	return m
}

// answer writes out in the protocol of the call.
func (c call) answer(w http.ResponseWriter, out object) error {
	switch c.proto {
	case CBOR:
		b, err := appendCBOR(nil, out)
		if err != nil {
			return err
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		_, err = w.Write(b)
		return err
	case JSON:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		return json.NewEncoder(w).Encode(jsonValue(out))
	}
	w.Header().Set("Content-Type", "text/xml")
	var b strings.Builder
	fmt.Fprintf(&b, `<%sResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><%sResult>`, c.op, c.op)
	xmlValue(&b, out)
	fmt.Fprintf(&b, `</%sResult><ResponseMetadata><RequestId>fake</RequestId></ResponseMetadata></%sResponse>`, c.op, c.op)
	_, err := io.WriteString(w, b.String())
	return err
}

// refuse writes an error in the protocol of the call.
func (c call) refuse(w http.ResponseWriter, status int, code, message string) error {
	fault := "Sender"
	if status >= 500 {
		fault = "Receiver"
	}
	switch c.proto {
	case CBOR:
		b, err := appendCBOR(nil, object{{"__type", "com.amazonaws.cloudwatch#" + code}, {"message", message}})
		if err != nil {
			return err
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		w.Header().Set("X-Amzn-Query-Error", code+";"+fault)
		w.WriteHeader(status)
		_, err = w.Write(b)
		return err
	case JSON:
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	var b strings.Builder
	b.WriteString(`<ErrorResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><Error>`)
	xmlValue(&b, object{{"Type", fault}, {"Code", code}, {"Message", message}})
	b.WriteString(`</Error><RequestId>fake</RequestId></ErrorResponse>`)
	_, err := io.WriteString(w, b.String())
	return err
}

func jsonValue(v any) any {
	switch v := v.(type) {
	case object:
		m := map[string]any{}
		for _, f := range v {
			m[f.Name] = jsonValue(f.Value)
		}
		return m
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = jsonValue(v[i])
		}
		return out
	case time.Time:
		return float64(v.UnixMilli()) / 1000
	}
	return v
}

func xmlValue(b *strings.Builder, v any) {
	switch v := v.(type) {
	case object:
		for _, f := range v {
			fmt.Fprintf(b, "<%s>", f.Name)
			xmlValue(b, f.Value)
			fmt.Fprintf(b, "</%s>", f.Name)
		}
	case []any:
		for i := range v {
			b.WriteString("<member>")
			xmlValue(b, v[i])
			b.WriteString("</member>")
		}
	case time.Time:
		b.WriteString(v.UTC().Format(time.RFC3339))
	case float64:
		b.WriteString(strconv.FormatFloat(v, 'g', -1, 64))
	case nil:
	default:
		// EscapeText fails only if the writer does, and a Builder never does.
		_ = xml.EscapeText(b, []byte(fmt.Sprint(v)))
	}
}

// The readers below take a value of any protocol: the form has strings only.

func text(v any) string {
	s, _ := v.(string)
	return s
}

func number(v any) (float64, error) {
	switch v := v.(type) {
	case nil:
		return 0, nil
	case float64:
		return v, nil
	case string:
		return strconv.ParseFloat(v, 64)
	}
	return 0, fmt.Errorf("%T is no number", v)
}

// instant reads an epoch number, or RFC 3339 as the form has it.
func instant(v any) (time.Time, error) {
	switch v := v.(type) {
	case float64:
		return time.UnixMilli(int64(v * 1000)).UTC(), nil
	case string:
		return time.Parse(time.RFC3339, v)
	}
	return time.Time{}, fmt.Errorf("%T is no instant", v)
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

func dict(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}
