package access_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

const tokyo, osaka = "ap-northeast-1", "ap-northeast-3"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// failure of err, of which the text is want.
func failure(t *testing.T, err error, cause kizashi.Cause, texts ...string) *access.Failure {
	t.Helper()
	var f *access.Failure
	if !errors.As(err, &f) {
		t.Fatalf("%v is no Failure", err)
	}
	if f.Cause != cause {
		t.Errorf("cause %+v, want %+v (%v)", f.Cause, cause, f)
	}
	for _, s := range append(texts, "tenant acme, account 111122223333, region ") {
		if !strings.Contains(f.Error(), s) {
			t.Errorf("%q does not say %q", f, s)
		}
	}
	return f
}

// A role is assumed with external id and tags, once for all regions, and again
// well before its credentials lapse.
func TestRoleIsRenewedBeforeItLapses(t *testing.T) {
	d := newDesk(t)
	s := d.open(func(a *access.Account, _ *access.Options) { a.Tags = map[string]string{"team": "ops"} })
	must(t, list(t.Context(), s.Region(tokyo)))
	must(t, list(t.Context(), s.Region(osaka)))
	if n := d.count(assumed); n != 1 {
		t.Fatalf("%d AssumeRole for two regions, want 1", n)
	}
	f := d.got[0].form
	for k, want := range map[string]string{"RoleArn": role, "ExternalId": "shared-with-acme", "RoleSessionName": "kizashi-acme", "Tags.member.1.Key": "team", "Tags.member.1.Value": "ops"} {
		if f.Get(k) != want {
			t.Errorf("%s is %q, want %q", k, f.Get(k), want)
		}
	}
	for range 24 * 60 { // a day, a call a minute
		must(t, d.clock.Sleep(t.Context(), time.Minute))
		must(t, list(t.Context(), s.Region(tokyo)))
	}
	if n := d.count(assumed); n < 24 || n > 37 {
		t.Errorf("%d AssumeRole in a day, want between one an hour and one each 40 minutes", n)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	given := map[string]time.Time{}
	for _, q := range d.got {
		if listed(q) && !strings.HasPrefix(q.key, "ASIA") {
			t.Fatalf("signed by %s, not by the role", q.key)
		}
		given[q.key] = q.at
	}
}

// Eight goroutines find no credentials: one asks for them.
func TestRenewalIsShared(t *testing.T) {
	d := newDesk(t)
	s := d.open(nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if err := list(t.Context(), s.Region([]string{tokyo, osaka}[i%2])); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := d.count(assumed); n != 1 {
		t.Errorf("%d AssumeRole, want 1", n)
	}
}

// The role is revoked at noon: its credentials are good until one o'clock, and
// so long the failure is only logged. When the role is back, all goes on.
func TestRevokedRole(t *testing.T) {
	d := newDesk(t)
	var log bytes.Buffer
	s := d.open(func(_ *access.Account, o *access.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	must(t, list(t.Context(), s.Region(tokyo)))
	d.say = func(q request) answer {
		if assumed(q) {
			return answer{403, "AccessDenied", "User: arn:aws:iam::999988887777:user/kizashi is not authorized to perform: sts:AssumeRole on resource: " + role, time.Time{}}
		}
		return answer{}
	}
	for range 57 {
		must(t, d.clock.Sleep(t.Context(), time.Minute))
		must(t, list(t.Context(), s.Region(tokyo)))
	}
	if !strings.Contains(log.String(), "the old ones are good until they lapse") || !strings.Contains(log.String(), "account=111122223333") {
		t.Errorf("the failed renewal is not logged with its account: %s", log.String())
	}
	must(t, d.clock.Sleep(t.Context(), 10*time.Minute))
	f := failure(t, list(t.Context(), s.Region(tokyo)), kizashi.Cause{Kind: kizashi.NoCredentials, Name: role},
		"sts:AssumeRole", role, "the role does not exist, does not trust who asks, or wants another external id")
	if f.Code != "AccessDenied" || f.Role != role {
		t.Errorf("failure %+v", f)
	}
	if text := f.Error() + log.String(); strings.Contains(text, "shared-with-acme") || strings.Contains(text, "secret") {
		t.Errorf("a secret in %s", text)
	}
	d.say = nil
	must(t, list(t.Context(), s.Region(tokyo)))
}

// AWS takes the credentials no more although their time is not over: others
// are asked for, once, and the call goes through.
func TestCredentialsLapseEarly(t *testing.T) {
	d := newDesk(t)
	s := d.open(nil)
	must(t, list(t.Context(), s.Region(tokyo)))
	d.say = func(q request) answer {
		if q.key == "ASIA0001" {
			return answer{400, "ExpiredTokenException", "The security token included in the request is expired", time.Time{}}
		}
		return answer{}
	}
	must(t, list(t.Context(), s.Region(tokyo)))
	if n := d.count(assumed); n != 2 {
		t.Errorf("%d AssumeRole, want 2", n)
	}
	d.say = func(q request) answer {
		if listed(q) {
			return answer{400, "ExpiredTokenException", "The security token included in the request is expired", time.Time{}}
		}
		return answer{}
	}
	failure(t, list(t.Context(), s.Region(tokyo)), kizashi.Cause{Kind: kizashi.NoCredentials, Name: role}, "cloudwatch:ListMetrics", role, "expired")
}

// STS of one region is gone: the one that every account has is asked.
func TestSTSOfARegionIsGone(t *testing.T) {
	d := newDesk(t)
	s := d.open(nil)
	d.say = func(q request) answer {
		if assumed(q) && q.region == tokyo {
			return answer{503, "ServiceUnavailable", "", time.Time{}}
		}
		return answer{}
	}
	must(t, list(t.Context(), s.Region(tokyo)))
}

// The default chain's credentials lapse: others are fetched before, on the
// session's clock, which here runs a day in the moment that the test takes.
// The chain's own clock would see no need.
func TestChainIsRenewed(t *testing.T) {
	d := newDesk(t)
	d.clock.at = time.Now()
	dir := t.TempDir()
	script, config := filepath.Join(dir, "keys"), filepath.Join(dir, "config")
	text := fmt.Sprintf(`#!/bin/sh
echo x >> %s/asked
echo '{"Version": 1, "AccessKeyId": "AKIDCHAIN", "SecretAccessKey": "chain-secret", "SessionToken": "t", "Expiration": "%s"}'
`, dir, d.clock.at.Add(6*time.Hour).UTC().Format(time.RFC3339))
	must(t, os.WriteFile(script, []byte(text), 0o755))
	must(t, os.WriteFile(config, []byte("[default]\ncredential_process = "+script+"\n"), 0o644))
	r := d.open(func(a *access.Account, _ *access.Options) {
		a.Role, a.ExternalID = "", ""
		for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONFIG_FILE": config} {
			t.Setenv(k, v)
		}
	}).Region(tokyo)
	asked := func() int {
		b, err := os.ReadFile(filepath.Join(dir, "asked"))
		must(t, err)
		return len(b) / 2
	}
	for range 8 { // to four o'clock
		must(t, list(t.Context(), r))
		must(t, d.clock.Sleep(t.Context(), 30*time.Minute))
	}
	if n := asked(); n != 1 {
		t.Errorf("asked %d times in four of six hours, want once", n)
	}
	must(t, d.clock.Sleep(t.Context(), time.Hour))
	must(t, list(t.Context(), r))
	if n := asked(); n != 2 {
		t.Errorf("asked %d times an hour before they lapse, want twice", n)
	}
	// A clock that is ahead of them all the same asks no faster than it must.
	must(t, d.clock.Sleep(t.Context(), 24*time.Hour))
	for range 10 {
		must(t, list(t.Context(), r))
	}
	if n := asked(); n > 4 {
		t.Errorf("asked %d times", n)
	}
}

// A caller who gives up does not take the renewal of others with it.
func TestCallerGivesUp(t *testing.T) {
	d := newDesk(t)
	s := d.open(nil)
	entered, leave := make(chan bool), make(chan bool)
	var once sync.Once
	d.say = func(q request) answer {
		if assumed(q) {
			once.Do(func() { close(entered); <-leave })
		}
		return answer{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { first <- list(ctx, s.Region(tokyo)) }()
	<-entered
	go func() { second <- list(t.Context(), s.Region(tokyo)) }()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	close(leave)
	must(t, <-second)
}

// A clock that is an hour ahead makes new credentials look old; they are used.
func TestClockAheadOfTheCredentials(t *testing.T) {
	d := newDesk(t)
	d.life = -30 * time.Minute
	s := d.open(nil)
	for range 10 {
		must(t, list(t.Context(), s.Region(tokyo)))
	}
	if n := d.count(assumed); n != 1 {
		t.Errorf("%d AssumeRole, want 1", n)
	}
}

func TestNoCredentialsAtAll(t *testing.T) {
	d := newDesk(t)
	s := d.open(func(a *access.Account, _ *access.Options) {
		a.Role, a.ExternalID = "", ""
		t.Setenv("AWS_ACCESS_KEY_ID", "")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	})
	failure(t, list(t.Context(), s.Region(tokyo)), kizashi.Cause{Kind: kizashi.NoCredentials}, "cloudwatch:ListMetrics", "the default chain")
	if len(d.got) > 0 {
		t.Errorf("%d requests without credentials", len(d.got))
	}
}

func TestIdentity(t *testing.T) {
	d := newDesk(t)
	id, arn, err := d.open(nil).Identity(t.Context())
	if must(t, err); id != "111122223333" || arn != "arn:aws:sts::111122223333:assumed-role/r/s" {
		t.Errorf("identity %s, %s", id, arn)
	}
	s := d.open(func(a *access.Account, _ *access.Options) { a.Role, a.ExternalID, a.ID = "", "", "222233334444" })
	_, _, err = s.Identity(t.Context())
	if err == nil || !strings.Contains(err.Error(), "account 222233334444") || !strings.Contains(err.Error(), "belong to account 111122223333") {
		t.Errorf("another account's credentials: %v", err)
	}
}

func TestBadAccount(t *testing.T) {
	for want, edit := range map[string]func(*access.Account){
		"twelve digits":             func(a *access.Account) { a.ID = "12345" },
		"belongs to account 999988": func(a *access.Account) { a.Role = "arn:aws:iam::999988887777:role/x" },
		`role "kizashi"`:            func(a *access.Account) { a.Role = "kizashi" },
		"role is missing":           func(a *access.Account) { a.Role = "" },
		"share 1.5":                 func(a *access.Account) { a.Share = 1.5 },
		`protocol "soap"`:           func(a *access.Account) { a.Protocol = "soap" },
	} {
		a := access.Account{Tenant: "acme", ID: "111122223333", Role: role, ExternalID: "x"}
		edit(&a)
		if _, err := access.Open(t.Context(), a, access.Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "tenant acme") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
