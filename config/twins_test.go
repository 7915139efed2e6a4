package config_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/kizashi-ops/kizashi/config"
)

// twins are the secrets of a configuration: the field, where it stands (%s is
// the key with its value), its value, and how it is read back.
var twins = []struct {
	field, around, key, value string
	list                      bool
	of                        func(c *config.Config) config.Secret
}{
	{"Heartbeat.HTTP", "heartbeat: {%s}", "http", "https://ping.example/CANARY", false, func(c *config.Config) config.Secret { return c.Heartbeat.HTTP }},
	{"Heartbeat.Alertmanager", "heartbeat: {%s}", "alertmanager", "http://me:CANARY@am:9093", true, func(c *config.Config) config.Secret { return c.Heartbeat.Alertmanager[0] }},
	{"AlertmanagerSink.URL", "sinks: {alertmanager: {%s}}", "urls", "http://me:CANARY@am:9093", true, func(c *config.Config) config.Secret { return first[config.AlertmanagerSink](c).URL }},
	{"MailSink.Password", "sinks: {mail: {server: \"h:587\", from: a@b.example, to: [c@d.example], user: u, %s}}", "password", "CANARY pass", false, func(c *config.Config) config.Secret { return first[config.MailSink](c).Password }},
	{"WebhookSink.URL", "sinks: {webhook: {%s}}", "url", "https://hooks.example/CANARY", false, func(c *config.Config) config.Secret { return first[config.WebhookSink](c).URL }},
	{"WebhookSink.Signing", "sinks: {webhook: {url: \"https://h.example\", %s}}", "secret", "CANARY-0123456789abcdef-0", false, func(c *config.Config) config.Secret { return first[config.WebhookSink](c).Signing }},
	{"WebhookSink.Headers", "sinks: {webhook: {url: \"https://h.example\", headers: {%s}}}", "Authorization", "Bearer CANARY", false, func(c *config.Config) config.Secret { return first[config.WebhookSink](c).Headers["Authorization"] }},
	{"WebhookSink.Proxy", "sinks: {webhook: {url: \"https://h.example\", %s}}", "proxy", "http://u:CANARY@proxy.example:3128", false, func(c *config.Config) config.Secret { return first[config.WebhookSink](c).Proxy }},
	{"SlackSink.URL", "sinks: {slack: {%s}}", "url", "https://hooks.slack.example/CANARY", false, func(c *config.Config) config.Secret { return first[config.SlackSink](c).URL }},
	{"SlackSink.Token", "sinks: {slack: {channel: \"#a\", %s}}", "token", "xoxb-CANARY", false, func(c *config.Config) config.Secret { return first[config.SlackSink](c).Token }},
	{"SlackSink.Proxy", "sinks: {slack: {channel: \"#a\", token: xoxb-1, %s}}", "proxy", "http://u:CANARY@proxy.example:3128", false, func(c *config.Config) config.Secret { return first[config.SlackSink](c).Proxy }},
}

func first[T config.Opener](c *config.Config) (out T) {
	for _, r := range c.Receivers {
		for _, k := range r.Sinks {
			if o, ok := k.Opener.(T); ok {
				return o
			}
		}
	}
	return out
}

// Every secret may stand in a file of its own instead; not in both; and neither
// an error nor what prints a configuration tells it.
func TestEverySecretHasATwin(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	file := filepath.Join(dir, "kizashi.yaml")
	for _, x := range twins {
		t.Run(x.field, func(t *testing.T) {
			if err := os.WriteFile(secret, []byte(x.value+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			inline := fmt.Sprintf("%s: %q", x.key, x.value)
			if x.list {
				inline = fmt.Sprintf("%s: [%q]", x.key, x.value)
			}
			twin := x.key + "_file: secret"
			for how, keys := range map[string]string{"itself": inline, "its twin": twin} {
				c, err := config.Parse(file, yamlWith(x.around, keys))
				if err != nil {
					t.Fatalf("%s: %v", how, err)
				}
				if got := x.of(c).Reveal(); got != x.value {
					t.Errorf("%s: it is %q", how, got)
				}
				for _, print := range []string{"%v", "%+v", "%#v"} {
					if strings.Contains(fmt.Sprintf(print, c.Receivers)+fmt.Sprintf(print, c.Heartbeat), "CANARY") {
						t.Errorf("%s: %s shows it", how, print)
					}
				}
			}
			wrong := map[string]string{"both": inline + ", " + twin}
			if x.field == "SlackSink.Token" || x.list { // each kind of secret once
				wrong["a file that is not there"], wrong["a file that never ends"] = x.key+"_file: nowhere", x.key+"_file: /dev/zero"
			}
			for how, keys := range wrong {
				if _, err := config.Parse(file, yamlWith(x.around, keys)); err == nil || !strings.Contains(err.Error(), x.key) || strings.Contains(err.Error(), "CANARY") {
					t.Errorf("%s: %v", how, err)
				}
			}
			bad := strings.NewReplacer("://", ":// ", "pass", "pass\\n", "0123", "\\0", "Bearer ", "Bearer\\n", "xoxb", "\\n").Replace(x.value)
			if _, err := config.Parse(file, yamlWith(x.around, strings.Replace(inline, fmt.Sprintf("%q", x.value), `"`+bad+`"`, 1))); err == nil || strings.Contains(err.Error(), "CANARY") {
				t.Errorf("a bad one: %v", err)
			}
		})
	}
}

func yamlWith(around, keys string) []byte {
	return []byte("tenants: [{name: a, accounts: [{account: \"012345678901\", region: eu-west-1}]}]\n" + fmt.Sprintf(around, keys) + "\n")
}

// The table above is whole: it has a row for each field that is a secret.
func TestTheTableOfSecretsIsWhole(t *testing.T) {
	var have, want []string
	for _, x := range twins {
		have = append(have, x.field)
	}
	secret := reflect.TypeFor[config.Secret]()
	for _, of := range []reflect.Type{reflect.TypeFor[config.Config](), reflect.TypeFor[config.Heartbeat](), reflect.TypeFor[config.AlertmanagerSink](), reflect.TypeFor[config.SNSSink](),
		reflect.TypeFor[config.EventBridgeSink](), reflect.TypeFor[config.OpsItemSink](), reflect.TypeFor[config.StdoutSink](), reflect.TypeFor[config.FileSink](),
		reflect.TypeFor[config.MailSink](), reflect.TypeFor[config.WebhookSink](), reflect.TypeFor[config.SlackSink](), reflect.TypeFor[config.Tenant](), reflect.TypeFor[config.Account]()} {
		for i := range of.NumField() {
			f := of.Field(i)
			kind := f.Type
			if kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map {
				kind = kind.Elem()
			}
			if kind == secret {
				want = append(want, of.Name()+"."+f.Name)
			}
		}
	}
	if len(have) != len(want) {
		t.Errorf("the table has %d rows, there are %d secrets:\n%q\n%q", len(have), len(want), have, want)
	}
	for _, f := range want {
		if !strings.Contains(" "+strings.Join(have, " ")+" ", " "+f+" ") {
			t.Errorf("%s has no row", f)
		}
	}
}

// While a webhook's secret is being changed it has two lines.
func TestASigningSecretMayHaveTwoLines(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("0123456789abcdef-0123456789\nfedcba9876543210-9876543210\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(filepath.Join(dir, "kizashi.yaml"), yamlWith("sinks: {webhook: {%s}}", "url: \"https://h.example\", secret_file: secret"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first[config.WebhookSink](c).Open(t.Context(), "webhook h.example", config.SinkEnv{}); err != nil {
		t.Error(err)
	}
}
