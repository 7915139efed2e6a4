package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// start runs the command until the test ends it; it returns its address and
// what ends it and gives what it said.
func start(t *testing.T, args ...string) (url string, stop func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	var errs bytes.Buffer
	done := make(chan int, 1)
	go func() { done <- run(ctx, w, &errs, args); _ = w.Close() }()
	said := make([]byte, 0, 4096)
	buf := make([]byte, 4096)
	for url == "" {
		n, err := r.Read(buf)
		said = append(said, buf[:n]...)
		if m := regexp.MustCompile(`http://\S+[0-9]`).Find(said); m != nil {
			url = string(m)
		}
		if err != nil {
			t.Fatalf("%v: %s%s", err, said, &errs)
		}
	}
	rest := make(chan []byte, 1)
	go func() { b, _ := io.ReadAll(r); rest <- b }()
	return url, func() string {
		cancel()
		if code := <-done; code != exitOK {
			t.Errorf("exit %d: %s", code, &errs)
		}
		return string(append(said, <-rest...))
	}
}

func post(t *testing.T, url, account, region, service, form string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA"+account+"/20261120/"+region+"/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// The example of the help is a world: it is read, and answers.
func TestTheHelpsWorld(t *testing.T) {
	dir := t.TempDir()
	_, world, _ := strings.Cut(files, "A world:\n")
	world, _, _ = strings.Cut(world, "\nA value of")
	write := func(name, s string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := write("world.yaml", strings.ReplaceAll(world, "\n  ", "\n"))
	faults := write("faults.json", `[{"op": "DescribeAutoScalingGroups", "throttle": true, "times": 1}]`)
	url, stop := start(t, "--listen", "127.0.0.1:0", "--world", file, "--faults", faults, "--start", "2026-11-20T12:00:00Z")
	for _, x := range []struct{ service, form, want string }{
		{"monitoring", "Action=ListMetrics", "<Value>i-1</Value>"},
		{"ec2", "Action=DescribeInstances", "UnauthorizedOperation"},
		{"autoscaling", "Action=DescribeAutoScalingGroups", "Rate exceeded"},
		{"autoscaling", "Action=DescribeAutoScalingGroups", "<AutoScalingGroupName>web<"},
		{"autoscaling", "Action=DescribeScalingActivities", "no capacity"},
		{"sts", "Action=AssumeRole&RoleSessionName=me&ExternalId=word&RoleArn=arn:aws:iam::111122223333:role/kizashi", "assumed-role/kizashi/me"},
	} {
		if _, body := post(t, url, "111122223333", "ap-northeast-1", x.service, x.form); !strings.Contains(body, x.want) {
			t.Errorf("%s: %s, want %s", x.form, body, x.want)
		}
	}
	if said := stop(); !strings.Contains(said, "AWS_ACCESS_KEY_ID=AKIA111122223333") || !strings.Contains(said, "autoscaling:DescribeAutoScalingGroups    calls 2") {
		t.Errorf("said %s", said)
	}
}

func TestGeneratedFleetInVirtualTime(t *testing.T) {
	url, stop := start(t, "--listen", "127.0.0.1:0", "--accounts", "2", "--regions", "ap-northeast-1,us-east-1", "--series", "8", "--start", "2030-01-01T00:00:00Z", "--speed", "3600")
	_, body := post(t, url, "100000000002", "us-east-1", "monitoring", "Action=ListMetrics")
	if n := strings.Count(body, "<MetricName>"); n != 8 {
		t.Errorf("%d metrics: %s", n, body)
	}
	form := "Action=GetMetricData&StartTime=2030-01-01T00:00:00Z&EndTime=2030-01-02T00:00:00Z&MetricDataQueries.member.1.Id=q&MetricDataQueries.member.1.MetricStat.Period=60" +
		"&MetricDataQueries.member.1.MetricStat.Stat=Sum&MetricDataQueries.member.1.MetricStat.Metric.Namespace=AWS/EC2&MetricDataQueries.member.1.MetricStat.Metric.MetricName=CPUUtilization" +
		"&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Name=InstanceId&MetricDataQueries.member.1.MetricStat.Metric.Dimensions.member.1.Value=i-00000000020000000"
	for deadline := time.Now().Add(30 * time.Second); ; {
		_, body = post(t, url, "100000000002", "us-east-1", "monitoring", form)
		if strings.Contains(body, "<Timestamps><member>2030-01-01T00:") { // a virtual minute is a sixtieth of a second
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no point: %s", body)
		}
	}
	stop()
}

func TestBadCommandLines(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "w.yaml")
	if err := os.WriteFile(file, []byte("accounts:\n- id: 12\n  rols: []\n  regions:\n    x:\n      metrics:\n      - {name: M, perod: 1m, base: big}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		args []string
		code int
		want []string
	}{
		{[]string{"--listen", "0.0.0.0:0", "--accounts", "1"}, exitFault, []string{"is not a loopback address"}},
		{nil, exitFault, []string{"no accounts: say --world FILE or --accounts N"}},
		{[]string{"--accounts", "1", "--speed", "0"}, exitFault, []string{"--speed 0"}},
		{[]string{"--accounts", "1", "--start", "noon"}, exitFault, []string{`--start "noon"`}},
		{[]string{"--acounts", "1"}, exitUsage, []string{"-acounts"}},
		{[]string{"world.yaml"}, exitUsage, []string{`"world.yaml" is not a flag`}},
		{[]string{"--world", file}, exitFault, []string{"w.yaml:3", `"rols"`, "w.yaml:7", `"perod"`, "base", "twelve digits"}},
		{[]string{"--accounts", "1", "--faults", file}, exitFault, []string{"w.yaml:1", "want a list"}},
		{[]string{"--help"}, exitOK, []string{"revised_for: 5m", "-speed", "on loopback only"}},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		var out, errs bytes.Buffer
		code := run(ctx, &out, &errs, x.args)
		cancel()
		for _, w := range x.want {
			if code != x.code || !strings.Contains(out.String()+errs.String(), w) {
				t.Errorf("%v: exit %d, %s%s; want %d and %q", x.args, code, &out, &errs, x.code, w)
			}
		}
	}
}
