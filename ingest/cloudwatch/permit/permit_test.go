package permit

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

var now = time.Date(2026, 6, 15, 12, 0, 0, 0, time.UTC)

// customer is an account with a role, on a fake AWS.
func customer(t *testing.T) (*awsfake.Account, *access.Session) {
	t.Helper()
	cloud := awsfake.NewCloud(func() time.Time { return now })
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
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	a := cloud.Account("123456789012")
	s, err := access.Open(t.Context(), access.Account{Tenant: "acme", ID: a.ID(), Role: a.Role("kizashi-read", "x7"), ExternalID: "x7", Endpoint: srv.URL},
		access.Options{Now: func() time.Time { return now }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return a, s
}

// Each action is tried by itself: what is denied is named, and nothing else.
func TestEachPermissionIsTried(t *testing.T) {
	a, s := customer(t)
	r := s.Region("ap-northeast-1")
	for _, denied := range append(All(), Action{}) {
		if denied.Name != "" {
			a.Deny(denied.Name)
		}
		tried := Try(t.Context(), r, All(), now)
		if len(tried) != len(All()) {
			t.Fatalf("%d actions were tried, want %d", len(tried), len(All()))
		}
		for _, x := range tried {
			var f *access.Failure
			if x.Name != denied.Name {
				if x.Err != nil {
					t.Errorf("%s denied: %s: %v", denied.Name, x.Name, x.Err)
				}
				continue
			}
			if !errors.As(x.Err, &f) || f.Cause != (kizashi.Cause{Kind: kizashi.NoPermission, Name: x.Name}) {
				t.Errorf("%s denied: %v", x.Name, x.Err)
				continue
			}
			for _, want := range []string{"acme", "123456789012", "ap-northeast-1", x.Name, "kizashi-read"} {
				if !strings.Contains(f.Error(), want) {
					t.Errorf("%s is not in %q", want, f)
				}
			}
		}
		a.Allow(denied.Name)
	}
}

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
	own := Own([]string{"role"}, nil, []string{"topic"}, nil)
	if len(own.Statement) != 2 || own.Statement[0].Action[0] != "sts:AssumeRole" || own.Statement[1].Action[0] != "sns:Publish" {
		t.Errorf("our own: %s", own)
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
				Policies []struct{ PolicyDocument Policy }
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
	if role.Type != "AWS::IAM::Role" || len(role.Properties.Policies) != 1 {
		t.Fatalf("%+v", role)
	}
	trust := role.Properties.AssumeRolePolicyDocument.Statement
	if len(trust) != 1 || trust[0].Condition["StringEquals"] == nil {
		t.Errorf("who may assume it, and only with the external id: %+v", trust)
	}
	got := role.Properties.Policies[0].PolicyDocument.Statement
	want := Reading(All()).Statement
	if len(got) != 1 || !slices.Equal(got[0].Action, want[0].Action) || got[0].Effect != "Allow" || !slices.Equal(got[0].Resource, []string{"*"}) {
		t.Errorf("it allows %+v, want %+v", got, want)
	}
}
