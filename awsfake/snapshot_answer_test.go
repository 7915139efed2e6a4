package awsfake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

func method(t *testing.T, m module, op string, transport http.RoundTripper) reflect.Value {
	t.Helper()
	client := m.client(aws.Config{Region: "ap-northeast-1", BaseEndpoint: aws.String("http://127.0.0.1:1"), HTTPClient: &http.Client{Transport: transport},
		Credentials: aws.AnonymousCredentials{}, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		APIOptions: []func(*middleware.Stack) error{func(s *middleware.Stack) error {
			s.Finalize.Clear()
			_, err := s.Initialize.Remove("OperationInputValidation")
			if err != nil && !strings.Contains(err.Error(), "not found") {
				return err
			}
			return nil
		}}})
	f := reflect.ValueOf(client).MethodByName(op)
	if !f.IsValid() {
		t.Fatalf("%s has no %s", m.name, op)
	}
	return f
}

func inputOf(t *testing.T, m module, op string) reflect.Type {
	return method(t, m, op, nil).Type().In(1).Elem()
}

// canned answers every request with one answer.
type canned struct {
	status int
	header http.Header
	body   []byte
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: c.status, Header: c.header.Clone(), Body: io.NopCloser(bytes.NewReader(c.body)), ContentLength: int64(len(c.body)), Request: r}, nil
}

// read has the SDK's client read an answer.
func read(t *testing.T, m module, op string, c canned) (any, error) {
	t.Helper()
	f := method(t, m, op, c)
	out := f.Call([]reflect.Value{reflect.ValueOf(context.Background()), reflect.New(f.Type().In(1).Elem())})
	if err, ok := out[1].Interface().(error); ok && err != nil {
		return nil, err
	}
	v := reflect.New(out[0].Elem().Type())
	v.Elem().Set(out[0].Elem())
	v.Elem().FieldByName("ResultMetadata").SetZero()
	return v.Interface(), nil
}

// objectOf turns what the SDK has read into what the fake writes.
func objectOf(m module, v reflect.Value) any {
	switch v.Kind() {
	case reflect.Interface: // a union: its type is named after the member that is set
		if v.IsNil() {
			return nil
		}
		u := v.Elem().Elem()
		_, name, _ := strings.Cut(u.Type().Name(), "Member")
		return object{{name, objectOf(m, u.FieldByName("Value"))}}
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return objectOf(m, v.Elem())
	case reflect.Slice:
		out := []any{}
		for i := range v.Len() {
			out = append(out, objectOf(m, v.Index(i)))
		}
		return out
	case reflect.Map:
		out := dictionary{}
		for _, k := range v.MapKeys() {
			out = append(out, field{k.String(), objectOf(m, v.MapIndex(k))})
		}
		return out
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t
		}
		out := object{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" {
				continue
			}
			if x := objectOf(m, v.Field(i)); x != nil {
				name := f.Name
				if m.service == "logs" {
					name = strings.ToLower(name[:1]) + name[1:]
				}
				if all, ok := x.([]any); ok && name == "References" && m.service == "autoscaling" { // the one list with names of its own
					items := object{}
					for _, x := range all {
						items = append(items, field{"item", x})
					}
					name, x = "Reference", items
				}
				out = append(out, field{name, x})
			}
		}
		return out
	case reflect.Int32, reflect.Int64, reflect.Int:
		return int(v.Int())
	case reflect.Bool:
		return v.Bool()
	case reflect.Float64:
		return v.Float()
	case reflect.String:
		return v.String()
	}
	return nil
}

// protocolOf a recorded answer.
func protocolOf(s snap) Protocol {
	switch kind := s.header.Get("Content-Type"); {
	case s.header.Get("Smithy-Protocol") != "":
		return CBOR
	case strings.Contains(kind, "json"):
		return JSON
	}
	return Query
}

func (s snap) canned(t *testing.T) canned {
	t.Helper()
	status, err := strconv.Atoi(s.first)
	if err != nil {
		t.Fatal(err)
	}
	return canned{status, s.header, s.body}
}

// answerer is a request in the protocol of a recorded answer, to write with.
func answerer(m module, op string, s snap) *request {
	return &request{cloud: NewCloud(func() time.Time { return noon }), call: call{proto: protocolOf(s), service: m.service, op: op, json: s.header.Get("Content-Type")}}
}

func (r reply) canned(p Protocol) canned {
	h := http.Header{"Content-Type": {r.kind}}
	if p == CBOR {
		h.Set("Smithy-Protocol", "rpc-v2-cbor")
	}
	if r.queryError != "" {
		h.Set("X-Amzn-Query-Error", r.queryError)
	}
	return canned{r.status, h, bytes.Clone(r.body)}
}

// checkResponse has the SDK read the recorded answer, the fake's writer write
// what was read, and the SDK read that: the same must come back.
func checkResponse(t *testing.T, m module, op string, s snap) bool {
	t.Helper()
	want, err := read(t, m, op, s.canned(t))
	if err != nil {
		t.Errorf("%s %s: the recorded answer: %v", m.name, op, err)
		return false
	}
	out, _ := objectOf(m, reflect.ValueOf(want)).(object)
	a := answerer(m, op, s)
	rep, err := a.answered(out, &scratch{})
	if err != nil {
		t.Errorf("%s %s: %v", m.name, op, err)
		return false
	}
	got, err := read(t, m, op, rep.canned(a.proto))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s %s: the SDK reads another answer from the fake's, %v: %s", m.name, op, err, difference("", reflect.ValueOf(got), reflect.ValueOf(want)))
		return false
	}
	return true
}

// difference names the first place where two values differ.
func difference(at string, a, b reflect.Value) string {
	switch {
	case a.IsValid() != b.IsValid() || a.IsValid() && a.Type() != b.Type():
		return at + ": one is not there"
	case !a.IsValid():
		return ""
	case (a.Kind() == reflect.Pointer || a.Kind() == reflect.Interface) && !a.IsNil() && !b.IsNil():
		return difference(at, a.Elem(), b.Elem())
	case a.Kind() == reflect.Struct && a.Type() != reflect.TypeFor[time.Time]():
		for i := range a.NumField() {
			if d := difference(at+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case a.Kind() == reflect.Slice && a.Len() == b.Len():
		for i := range a.Len() {
			if d := difference(fmt.Sprintf("%s[%d]", at, i), a.Index(i), b.Index(i)); d != "" {
				return d
			}
		}
		return ""
	case a.CanInterface() && !reflect.DeepEqual(a.Interface(), b.Interface()):
		return fmt.Sprintf("%s: %v, want %v", at, a, b)
	}
	return ""
}

// checkError has the SDK read a recorded error and the fake's, which must be
// of the same type, code and text.
func checkError(t *testing.T, m module, op, name string, s snap) bool {
	t.Helper()
	_, want := read(t, m, op, s.canned(t))
	var w, g smithy.APIError
	if !errors.As(want, &w) {
		t.Errorf("%s %s: the recorded error is read as %v", m.name, name, want)
		return false
	}
	a := answerer(m, op, s)
	c := s.canned(t)
	code := w.ErrorCode()
	_, got := read(t, m, op, a.refusal(&failure{c.status, code, w.ErrorMessage()}, &scratch{}).canned(a.proto))
	if !errors.As(got, &g) || g.ErrorCode() != code || g.ErrorMessage() != w.ErrorMessage() || reflect.TypeOf(g) != reflect.TypeOf(w) {
		t.Errorf("%s %s: the SDK reads %T %v from the fake's error, want %T %v", m.name, name, g, got, w, want)
		return false
	}
	return true
}
