package awsfake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// The SDK ships, for every operation, the request its serializer writes when
// every member is set, and for most the answer that its deserializer is
// tested with. These tests read all of those that the fake answers to.

// module is a service's module and how to make its client.
type module struct {
	name, service string
	client        func(aws.Config) any
}

func modules() []module {
	return []module{
		{"cloudwatch", "monitoring", func(c aws.Config) any { return cloudwatch.NewFromConfig(c) }},
		{"cloudwatchlogs", "logs", func(c aws.Config) any { return cloudwatchlogs.NewFromConfig(c) }},
		{"sns", "sns", func(c aws.Config) any { return sns.NewFromConfig(c) }},
		{"sts", "sts", func(c aws.Config) any { return sts.NewFromConfig(c) }},
		{"ec2", "ec2", func(c aws.Config) any { return ec2.NewFromConfig(c) }},
		{"autoscaling", "autoscaling", func(c aws.Config) any { return autoscaling.NewFromConfig(c) }},
		{"ssm", "ssm", func(c aws.Config) any { return ssm.NewFromConfig(c) }},
		{"resourcegroupstaggingapi", "tagging", func(c aws.Config) any { return tagging.NewFromConfig(c) }},
	}
}

func (m module) dir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-sdk-go-v2/service/"+m.name).Output()
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		t.Fatalf("go list -m %s: %v", m.name, err)
	}
	return string(bytes.TrimSpace(out))
}

// ops of the service that the fake answers to.
func (m module) ops() []string {
	out := sortedKeys(operations[m.service])
	if m.service == "monitoring" {
		out = append(out, "GetMetricData")
	}
	return out
}

// snap is a recorded message.
type snap struct {
	first  string // the request line, or the status
	header http.Header
	body   []byte
}

// readSnap reads a file; blank says that the first line has a blank one after it.
func readSnap(t *testing.T, file string, blank bool) snap {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(bytes.NewReader(raw))
	line := func() string {
		s, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		return strings.TrimRight(s, "\r\n")
	}
	s := snap{first: line(), header: http.Header{}}
	if blank && line() != "" {
		t.Fatalf("%s: no blank line after the first", file)
	}
	for l := line(); l != ""; l = line() {
		k, v, ok := strings.Cut(l, ": ")
		if !ok {
			t.Fatalf("%s: header %q", file, l)
		}
		s.header.Add(k, v)
	}
	if s.body, err = io.ReadAll(r); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s snap) request(t *testing.T, service string) *http.Request {
	t.Helper()
	method, path, ok := strings.Cut(s.first, " ")
	if !ok {
		t.Fatalf("request line %q", s.first)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(s.body))
	r.Header = s.header.Clone()
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA111111111111/20261120/ap-northeast-1/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	return r
}

var marker = regexp.MustCompile(`^__(\w+)__$`)

// wireNames are members that go by another name on the wire.
var wireNames = map[string]string{"Filters": "Filter", "InstanceIds": "InstanceId", "RegionNames": "RegionName"}

// leaves calls f for every value that is no list or map, with the name it
// stands under.
func leaves(name string, v any, f func(name string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			leaves(k, v[k], f)
		}
	case []any:
		for _, x := range v {
			leaves(name, x, f)
		}
	default:
		f(name, v)
	}
}

// checkRequest holds what was read against what the snapshot and the SDK's
// input type tell: every member is there, each text under its own name.
func checkRequest(t *testing.T, m module, op string, s snap) bool {
	t.Helper()
	c, err := readCall(s.request(t, m.service))
	if err != nil || c.op != op {
		t.Errorf("%s %s: read as %q, %v", m.name, op, c.op, err)
		return false
	}
	if c.in == nil { // GetMetricData has a reader of its own: checked by TestSnapshotOfGetMetricData
		v, err := decodeCBOR(c.body)
		if err != nil {
			t.Errorf("%s: %v", op, err)
			return false
		}
		c.in = dict(v)
	}
	ok, found := true, 0
	leaves("", c.in, func(name string, v any) {
		x, isText := v.(string)
		if mark := marker.FindStringSubmatch(x); isText && mark != nil {
			found++
			if mark[1] != "Member" && name != "key0" && !strings.EqualFold(mark[1], name) {
				t.Errorf("%s %s: %s is read as %s", m.name, op, mark[1], name)
				ok = false
			}
		}
	})
	if want := bytes.Count(s.body, []byte("__")) / 2; found != want {
		t.Errorf("%s %s: %d texts read, %d recorded", m.name, op, found, want)
		ok = false
	}
	in := inputOf(t, m, op)
	for i := range in.NumField() {
		name := in.Field(i).Name
		if name == "noSmithyDocumentSerde" {
			continue
		}
		if w := wireNames[name]; w != "" && m.name == "ec2" {
			name = w
		}
		if !slices.ContainsFunc(sortedKeys(c.in), func(k string) bool { return strings.EqualFold(k, name) }) {
			t.Errorf("%s %s: member %s is not read", m.name, op, name)
			ok = false
		}
	}
	return ok
}

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

func TestSnapshots(t *testing.T) {
	for _, m := range modules() {
		dir, ops := m.dir(t), m.ops()
		requests, responses, responsesOK, errs, errsOK := 0, 0, 0, 0, 0
		for _, op := range ops {
			if checkRequest(t, m, op, readSnap(t, filepath.Join(dir, "request_snapshot", op+".request.snap"), true)) {
				requests++
			}
			file := filepath.Join(dir, "response_snapshot", op+".response.snap")
			if _, err := os.Stat(file); err != nil {
				continue
			}
			responses++
			if checkResponse(t, m, op, readSnap(t, file, false)) {
				responsesOK++
			}
		}
		files, err := filepath.Glob(filepath.Join(dir, "response_snapshot", "*.error.snap"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			errs++
			if checkError(t, m, ops[0], filepath.Base(file), readSnap(t, file, false)) {
				errsOK++
			}
		}
		fmt.Printf("%-26s requests %d/%d  answers %d/%d  errors %d/%d\n", m.name, requests, len(ops), responsesOK, responses, errsOK, errs)
		if requests < len(ops) || responsesOK < responses || errsOK < errs || len(ops) == 0 {
			t.Errorf("%s: below 100 %%", m.name)
		}
	}
}

// The recorded GetMetricData, member by member, as the reader that makes no
// maps has it.
func TestSnapshotOfGetMetricData(t *testing.T) {
	m := modules()[0]
	s := readSnap(t, filepath.Join(m.dir(t), "request_snapshot", "GetMetricData.request.snap"), true)
	c, err := readCall(s.request(t, m.service))
	if err != nil {
		t.Fatal(err)
	}
	q := &request{call: c}
	got, err := q.dataRequest(&scratch{})
	if err != nil {
		t.Fatal(err)
	}
	x := query{id: "__Id__", label: "__Label__", expr: "__Expression__", account: "__AccountId__", namespace: "__Namespace__", name: "__MetricName__",
		stat: "__Stat__", unit: "Seconds", dims: []dim{{"__Name__", "__Value__"}, {"__Name__", "__Value__"}}, period: 1, metric: true}
	year2000 := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	want := &dataRequest{from: year2000, to: year2000, queries: []query{x, x}, scan: "TimestampDescending", token: "__NextToken__", max: 1}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
	v, err := decodeCBOR(c.body)
	if err != nil {
		t.Fatal(err)
	}
	if got, err = readData(dict(v), &scratch{}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("by way of maps: %+v, %v\nwant %+v", got, err, want)
	}
}

// shape is the kinds of values by path, list members as one.
func shape(path string, v any, out map[string]string) map[string]string {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			shape(path+"."+k, v[k], out)
		}
	case []any:
		for _, x := range v {
			shape(path+"[]", x, out)
		}
	default:
		out[path] = fmt.Sprintf("%T", v)
	}
	return out
}

// element is any XML.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	Inner   []element `xml:",any"`
}

func (e element) tree() any {
	if len(e.Inner) == 0 {
		return e.Text
	}
	m := map[string]any{}
	for _, x := range e.Inner {
		if x.XMLName.Local == "member" || x.XMLName.Local == "item" {
			all, _ := m["[]"].([]any)
			m["[]"] = append(all, x.tree())
			continue
		}
		m[x.XMLName.Local] = x.tree()
	}
	return m
}

// tree reads any answer.
func tree(t *testing.T, p Protocol, body []byte) any {
	t.Helper()
	var v any
	var err error
	switch p {
	case CBOR:
		v, err = decodeCBOR(body)
	case JSON:
		var c call
		c, err = readStructure(call{}, body, decodeJSON)
		v = c.in
	default:
		var e element
		err = xml.Unmarshal(body, &e)
		m, _ := e.tree().(map[string]any)
		delete(m, "ResponseMetadata")
		v = m
	}
	if err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

// The fake's own answers name nothing that the recorded ones do not, and of
// the same kind. ours are the requests that the whole world is asked.
func TestAnswersHaveTheRecordedShape(t *testing.T) {
	c := wholeWorld()
	checked := 0
	for _, m := range modules() {
		dir := m.dir(t)
		for _, op := range m.ops() {
			file := filepath.Join(dir, "response_snapshot", op+".response.snap")
			if _, err := os.Stat(file); err != nil {
				continue
			}
			s := readSnap(t, file, false)
			p := protocolOf(s)
			if len(s.body) == 0 {
				checked++ // an answer without members: nothing that could differ
				continue
			}
			want := shape("", tree(t, p, s.body), map[string]string{})
			in, ok := questions[op]
			if !ok {
				t.Errorf("%s %s is not asked", m.name, op)
				continue
			}
			w := httptest.NewRecorder()
			c.ServeHTTP(w, ask(t, m, op, p, in))
			if w.Code != 200 {
				t.Errorf("%s %s: %d %s", m.name, op, w.Code, w.Body)
				continue
			}
			got := shape("", tree(t, p, w.Body.Bytes()), map[string]string{})
			for _, path := range slices.Sorted(maps.Keys(got)) {
				name := regexp.MustCompile(`(OperationalData|ExtendedStatistics)\.[^.]+`).ReplaceAllString(path, "$1.key0")
				if want[name] != got[path] && !(p == Query) || p == Query && want[name] == "" {
					t.Errorf("%s %s: %s is %s, recorded %q", m.name, op, path, got[path], want[name])
				}
			}
			checked++
		}
	}
	if checked < 20 {
		t.Errorf("%d answers were checked", checked)
	}
}
