package config_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kizashi-ops/kizashi/config"
)

// Whatever prints a configuration, in whatever way, shows no secret of it.
func TestSecretsAreNotPrinted(t *testing.T) {
	c, err := config.Load(filepath.Join(examples, "full.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, r := range c.Receivers {
		for _, k := range r.Sinks {
			if h, ok := k.Opener.(config.WebhookSink); ok {
				found++
				if h.URL.Reveal() != "https://hooks.example.com/CANARY-path" || h.Signing.Reveal() != "CANARY-hmac-0123456789abcdef-0123456789" || h.Headers["Authorization"].Reveal() != "CANARY-hmac-0123456789abcdef-0123456789" {
					t.Errorf("the secrets' files were not read: %q %q", h.URL.Reveal(), h.Signing.Reveal())
				}
			}
		}
	}
	js, err := json.Marshal(c.Receivers)
	if err != nil {
		t.Fatal(err)
	}
	y, err := yaml.Marshal(c.Receivers)
	if err != nil {
		t.Fatal(err)
	}
	for how, text := range map[string]string{
		"%v": fmt.Sprintf("%v", c.Receivers), "%+v": fmt.Sprintf("%+v", c.Receivers), "%#v": fmt.Sprintf("%#v", c.Receivers),
		"JSON": string(js), "YAML": string(y),
	} {
		if strings.Contains(text, "CANARY") {
			t.Errorf("%s shows a secret", how)
		}
	}
	if found != 1 {
		t.Errorf("%d webhooks in the example: the test shows nothing", found)
	}
}
