package permit

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"
)

func TestPolicies(t *testing.T) {
	if got := Reading(Of(Tags)).Statement[0].Action; !slices.Equal(got, []string{"cloudwatch:ListMetrics", "cloudwatch:GetMetricData", "tag:GetResources"}) {
		t.Errorf("metrics and tags: %v", got)
	}
	var p map[string]any
	if err := json.Unmarshal([]byte(Trust(Principal("999999999999", "cn-north-1"), "x7", true).String()), &p); err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(p); string(text) != `{"Statement":[{"Action":["sts:AssumeRole","sts:TagSession"],"Condition":{"StringEquals":{"sts:ExternalId":"x7"}},`+
		`"Effect":"Allow","Principal":{"AWS":"arn:aws-cn:iam::999999999999:root"}}],"Version":"2012-10-17"}` {
		t.Errorf("trust: %s", text)
	}
	own := Own([]string{"role"}, nil, Tells{Topics: []string{"topic"}}, nil)
	if len(own.Statement) != 2 || own.Statement[0].Action[0] != "sts:AssumeRole" || own.Statement[1].Action[0] != "sns:Publish" {
		t.Errorf("our own: %s", own)
	}
}

// What alerts are told by is a right of our own credentials, and of no role that
// reads.
func TestTells(t *testing.T) {
	own := Own(nil, nil, Tells{Buses: []string{Bus("ops", "ap-northeast-1"), Bus("ops", ""), Bus("arn:aws:events:eu-west-1:1:event-bus/x", "")}, OpsItems: true}, nil)
	if len(own.Statement) != 2 || !slices.Equal(own.Statement[0].Action, []string{"events:PutEvents"}) ||
		!slices.Equal(own.Statement[0].Resource, []string{"arn:aws:events:ap-northeast-1:*:event-bus/ops", "arn:aws:events:*:*:event-bus/ops", "arn:aws:events:eu-west-1:1:event-bus/x"}) ||
		!slices.Equal(own.Statement[1].Action, []string{"ssm:CreateOpsItem", "ssm:UpdateOpsItem", "ssm:DescribeOpsItems"}) {
		t.Errorf("%s", own)
	}
	for _, a := range All() {
		if slices.Contains(slices.Concat(own.Statement[0].Action, own.Statement[1].Action, []string{"sns:Publish"}), a.Name) {
			t.Errorf("a role that reads may %s", a.Name)
		}
	}
}

// The template for the customers' role allows what is read, and nothing else.
func TestTheTemplateAllowsTheSame(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "..", "deploy", "kizashi-read-role.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Parameters map[string]any
		Resources  map[string]struct {
			Type       string
			Properties struct {
				MaxSessionDuration       int
				AssumeRolePolicyDocument struct {
					Statement []struct {
						Effect    string
						Action    []string
						Condition map[string]any
					}
				}
				Policies []json.RawMessage
			}
		}
	}
	var free map[string]any
	if err := yaml.Unmarshal(b, &free); err != nil {
		t.Fatal(err)
	}
	if b, err = json.Marshal(free); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Resources) != 1 {
		t.Fatalf("%d resources, want the role alone", len(doc.Resources))
	}
	for _, p := range []string{"TrustedPrincipal", "ExternalId", "RoleName"} {
		if doc.Parameters[p] == nil {
			t.Errorf("no parameter %s", p)
		}
	}
	role := doc.Resources["KizashiReadRole"]
	if role.Type != "AWS::IAM::Role" || len(role.Properties.Policies) != 2 {
		t.Fatalf("%+v", role)
	}
	trust := role.Properties.AssumeRolePolicyDocument.Statement
	if len(trust) != 1 || trust[0].Condition["StringEquals"] == nil {
		t.Errorf("who may assume it, and only with the external id: %+v", trust)
	}
	allows := func(raw json.RawMessage, as []Action) {
		t.Helper()
		var p struct{ PolicyDocument Policy }
		if err := json.Unmarshal(raw, &p); err != nil {
			t.Fatal(err)
		}
		got, want := p.PolicyDocument.Statement, Reading(as).Statement
		if len(got) != 1 || !slices.Equal(got[0].Action, want[0].Action) || got[0].Effect != "Allow" || !slices.Equal(got[0].Resource, []string{"*"}) {
			t.Errorf("it allows %+v, want %+v", got, want)
		}
	}
	var logs []Action
	rest := slices.DeleteFunc(All(), func(a Action) bool {
		if a.Feature == Logs {
			logs = append(logs, a)
		}
		return a.Feature == Logs
	})
	allows(role.Properties.Policies[0], rest)
	var choice []json.RawMessage // logs only where the customer says so
	if err := json.Unmarshal(role.Properties.Policies[1], &choice); err != nil || len(choice) != 3 || string(choice[0]) != `"ReadsLogs"` || string(choice[2]) != `"AWS::NoValue"` {
		t.Fatalf("%s: %v", role.Properties.Policies[1], err)
	}
	allows(choice[1], logs)
}
