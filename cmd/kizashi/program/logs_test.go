package program

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
)

// withLogs has the first customer's log groups read, of which there are four.
func withLogs(t *testing.T) (cloud *awsfake.Cloud, file string) {
	t.Helper()
	cloud, clock, file := customers(t, "of-globex")
	r := cloud.Account("111122223333").Region("ap-northeast-1")
	now := clock.now()
	r.LogGroup(awsfake.LogGroup{Name: "/aws/lambda/shop", Created: now.AddDate(0, 0, -60), Retention: 30 * 24 * time.Hour, Tags: map[string]string{"system": "orders"}})
	r.LogGroup(awsfake.LogGroup{Name: "/aws/lambda/shop-dev", Created: now.AddDate(0, 0, -20)})
	r.LogGroup(awsfake.LogGroup{Name: "/batch/night", Created: now.AddDate(0, 0, -20)})
	r.LogGroup(awsfake.LogGroup{Name: "/ecs/old", Class: "INFREQUENT_ACCESS", Created: now.AddDate(0, 0, -20)})
	for i := range 5000 {
		r.Log("/aws/lambda/shop", "one", now.Add(-time.Duration(i)*5*time.Minute), strings.Repeat("x", 974))
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "group_by: tag_system}", `group_by: tag_system,
         logs: {budget: 1MB, groups: [{prefix: /aws/lambda/shop-, skip: true}, {prefix: /batch/, hold_back: 10m, group: batch}, {log_class: INFREQUENT_ACCESS}, {}]}}`, 1)
	return cloud, write(t, "kizashi.yaml", text)
}

func TestLogsAreDiscovered(t *testing.T) {
	_, file := withLogs(t)
	code, out := try(t, "discover", "--config", file, "--tenant", "acme")
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out, "Log groups: 3 of 4 are read.", fmt.Sprintf("  %-50s group orders, held back 2m0s\n", "/aws/lambda/shop"),
		fmt.Sprintf("  %-50s not read\n", "/aws/lambda/shop-dev"), fmt.Sprintf("  %-50s group batch, held back 10m0s\n", "/batch/night"), "(INFREQUENT_ACCESS)")
}

// check says what becomes of the lines: metric filters, and what is masked beside
// what always is.
func TestLogRulesAreTold(t *testing.T) {
	_, file := withLogs(t)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), "{prefix: /batch/, hold_back: 10m, group: batch}", `{prefix: /batch/, hold_back: 10m, group: batch,
         metric_filters: [{namespace: Acme, name: Failed, filter: '{ $.ok = false }', dimensions: {Job: $.job, Host: $.host}}, {namespace: Acme, name: Slowest, filter: '[ms > 100]', value: $ms, statistic: Maximum}]}`, 1)
	text = strings.Replace(text, "logs: {budget: 1MB,", "logs: {budget: 1MB, mask: {off: [phone], own: [{name: order-number, pattern: 'order=([0-9]{8})'}]},", 1)
	code, out := try(t, "check", "--config", write(t, "kizashi.yaml", text))
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out, "    log groups           /batch/...: held back 10 minutes\n      metric filter      Acme Failed, Sum of 1 by Host, Job: { $.ok = false }\n      metric filter      Acme Slowest, Maximum of $ms: [ms > 100]\n",
		"    masked too           <order-number>: order=([0-9]{8})\n    NOT masked           [phone]\n")
}

// The plan says how much is read, how long that takes, and that the budget cuts
// the history.
func TestLogsAreInThePlan(t *testing.T) {
	_, file := withLogs(t)
	code, out := try(t, "plan", "--config", file)
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out, "no price a call is known here", "acme 111122223333 ap-northeast-1: 3 of 4 log groups read, about 166.7 kB a day", "at 1.5 a second at the most",
		"History, once: 6 days of it, about 1.0 MB", "export of the log groups to S3", "1 of them are not of the log class STANDARD")
	code, out = try(t, "plan", "--config", file, "--json")
	var p struct{ Logs []logPlan }
	if err := json.Unmarshal([]byte(out), &p); err != nil || code != exitOK || len(p.Logs) != 1 || p.Logs[0].Read != 3 || p.Logs[0].CallsADay < 3*1440 {
		t.Errorf("exit code %d, %v: %+v", code, err, p.Logs)
	}
}

// What is missing to read logs is named, with what that costs.
func TestCheckTriesLogs(t *testing.T) {
	cloud, file := withLogs(t)
	code, out := try(t, "check", "--config", file, "--aws", "--tenant", "acme")
	if code != exitOK {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out, "  ok      logs:DescribeLogGroups\n  ok      logs:FilterLogEvents\n", `"logs:FilterLogEvents"`)
	cloud.Account("111122223333").Deny("logs:FilterLogEvents")
	code, out = try(t, "check", "--config", file, "--aws", "--tenant", "acme")
	if code != exitFault {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	wantTexts(t, out, "MISSING logs:FilterLogEvents", "Without it: no log is watched. To do without: take logs: out.")
}

// A customer who is asked for logs is told so; another one is not.
func TestTheRequestNamesLogs(t *testing.T) {
	_, file := withLogs(t)
	for tenant, want := range map[string]bool{"acme": true, "globex": false} {
		for _, lang := range []string{"en", "ja"} {
			_, out := try(t, "check", "--config", file, "--request", lang, "--tenant", tenant, "--trusted", "999988887777")
			if strings.Contains(out, "logs:FilterLogEvents") != want {
				t.Errorf("%s, %s:\n%s", tenant, lang, out)
			}
		}
	}
}
