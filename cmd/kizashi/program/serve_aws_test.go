package program

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/awsfake"
)

// fakeAWS is a cloud with two customers, whose accounts a role reads.
func fakeAWS(t *testing.T) (cloud *awsfake.Cloud, config string) {
	t.Helper()
	now := time.Now().Truncate(time.Minute)
	cloud = awsfake.NewCloud(time.Now)
	srv, err := awsfake.New("127.0.0.1:0", cloud)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	id, secret := cloud.Account("999999999999").Keys()
	t.Setenv("AWS_ACCESS_KEY_ID", id)
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret)
	r := cloud.Account("123456789012").Region("ap-northeast-1")
	for _, m := range []string{"CPUUtilization", "StatusCheckFailed"} {
		r.Put(awsfake.Metric{Namespace: "AWS/EC2", Name: m, Dimensions: map[string]string{"InstanceId": "i-1"}}, now.Add(-time.Hour), 1)
	}
	file := filepath.Join(t.TempDir(), "kizashi.yaml")
	text := fmt.Sprintf(`
tenants:
  - name: acme
    accounts:
      - account: "123456789012"
        region: ap-northeast-1
        role: %s
        external_id: x7
        endpoint: %s
        namespaces: [{name: AWS/EC2, metrics: [CPUUtilization, StatusCheckFaild]}, {name: Acme/Shop, metrics: [Orders]}]
  - name: globex
    accounts:
      - {account: "210987654321", region: us-east-1, role: "arn:aws:iam::210987654321:role/gone", external_id: g1, endpoint: %s}
sinks:
  sns: {topic: "arn:aws:sns:ap-northeast-1:999999999999:alerts"}
  eventbridge: {bus: ops, region: ap-northeast-1}
  opsitem: {region: ap-northeast-1}
`, cloud.Account("123456789012").Role("kizashi-read", "x7"), srv.URL, srv.URL)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return cloud, file
}

// What is missing is named with the role, what is lost without it, and how to
// do without; a role that is not there ends one account's trials only.
func TestCheckAWS(t *testing.T) {
	cloud, file := fakeAWS(t)
	acme := cloud.Account("123456789012")
	acme.Deny("tag:GetResources")
	code, out, errs := call(t, "check", "--config", file, "--aws", "--trusted", "999999999999")
	if code != exitFault || errs != "" {
		t.Errorf("exit code %d, %s", code, errs)
	}
	for _, want := range []string{
		"Tenant acme, account 123456789012, as arn:aws:iam::123456789012:role/kizashi-read",
		"ok      sts:GetCallerIdentity", "ok      cloudwatch:GetMetricData",
		"MISSING tag:GetResources", "discover: {tags: false}",
		`MISSING metric AWS/EC2 StatusCheckFaild: CloudWatch lists none; did you mean "StatusCheckFailed"?`,
		"MISSING namespace Acme/Shop: CloudWatch lists none (known: AWS/EC2)",
		"Tenant globex, account 210987654321", "FAILED  sts:GetCallerIdentity", "the role does not exist, does not trust who asks, or wants another external id",
		"Nothing else of this account was tried", "4 faults found",
		"The smallest policy of arn:aws:iam::123456789012:role/kizashi-read, arn:aws:iam::210987654321:role/gone:", `"sts:AssumeRole"`, `"sns:Publish"`, `"sts:ExternalId": "g1"`,
		`"events:PutEvents"`, `"arn:aws:events:ap-northeast-1:*:event-bus/ops"`, `"ssm:CreateOpsItem"`, `"ssm:UpdateOpsItem"`, `"ssm:DescribeOpsItems"`,
		"What tells EventBridge and OpsCenter was not tried",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Logf("it says\n%s", out)
	}
	// They are no rights of a customer's role, and not on its page.
	of, own, _ := strings.Cut(out, "The smallest policy of the credentials that Kizashi runs with")
	_, page, _ := call(t, "check", "--config", file, "--request", "en", "--tenant", "acme")
	for _, action := range []string{"events:PutEvents", "ssm:CreateOpsItem", "sns:Publish"} {
		if !strings.Contains(page, "cloudwatch:GetMetricData") || strings.Contains(of, action) || strings.Contains(page, action) || !strings.Contains(own, action) {
			t.Errorf("%s stands among what a customer's role may", action)
		}
	}
	// One tenant at a time, and with all in place.
	cloud.Account("210987654321").Role("gone", "g1")
	if code, out, _ := call(t, "check", "--config", file, "--aws", "--tenant", "globex"); code != exitOK || !strings.Contains(out, "Nothing is missing") || strings.Contains(out, "acme") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// A wrong external id and a region that is not enabled name what is wrong.
func TestCheckAWSNamesWhatIsWrong(t *testing.T) {
	cloud, file := fakeAWS(t)
	cloud.Account("123456789012").Role("kizashi-read", "another")
	_, out, _ := call(t, "check", "--config", file, "--aws", "--tenant", "acme")
	if !strings.Contains(out, "wants another external id") {
		t.Errorf("a wrong external id:\n%s", out)
	}
	cloud.Account("123456789012").Role("kizashi-read", "x7")
	cloud.Account("123456789012").DisableRegion("ap-northeast-1")
	code, out, _ := call(t, "check", "--config", file, "--aws", "--tenant", "acme")
	if code != exitFault || !strings.Contains(out, "region ap-northeast-1 is not enabled") {
		t.Errorf("a region that is off:\n%s", out)
	}
}
