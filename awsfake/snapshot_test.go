package awsfake

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
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
