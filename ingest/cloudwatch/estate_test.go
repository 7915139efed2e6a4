package cloudwatch_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/awsfake"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

// estate is an account of an emulated cloud, and a source over one region.
type estate struct {
	*clock
	t       testing.TB
	cloud   *awsfake.Cloud
	account *awsfake.Account
	region  *awsfake.Region
	cfg     cloudwatch.Config
	src     *cloudwatch.Source
	last    map[kizashi.Partition]uint64 // of what is durable
	calls   []access.Call                // of GetMetricData
	all     []kizashi.Batch              // that are durable
}

const acme = "111122223333"

func newEstate(t testing.TB, edit func(*cloudwatch.Config)) *estate {
	t.Helper()
	e := &estate{t: t, clock: &clock{at: noon}, last: map[kizashi.Partition]uint64{}}
	e.cloud = awsfake.NewCloud(e.Now)
	e.account = e.cloud.Account(acme)
	e.region = e.account.Region("ap-northeast-1")
	server := httptest.NewServer(e.cloud)
	t.Cleanup(server.Close)
	id, secret := e.account.Keys()
	for k, v := range map[string]string{"AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent"} {
		t.Setenv(k, v)
	}
	session, err := access.Open(context.Background(), access.Account{Tenant: "acme", ID: acme, Endpoint: server.URL, Share: 1},
		access.Options{Now: e.Now, Sleep: e.Sleep, OnCall: func(c access.Call) {
			if c.Action == "cloudwatch:GetMetricData" {
				e.calls = append(e.calls, c)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := session.Close(); err != nil {
			t.Error(err)
		}
	})
	e.cfg = cloudwatch.Config{Session: session, Region: "ap-northeast-1", Backfill: -1, Tags: true, Instances: true, Groups: true, Now: e.Now, Sleep: e.Sleep}
	if edit != nil {
		edit(&e.cfg)
	}
	return e
}

// open starts a source from what is durable.
func (e *estate) open() {
	e.t.Helper()
	src, err := cloudwatch.New(context.Background(), e.cfg)
	if err != nil {
		e.t.Fatal(err)
	}
	if err := src.Open(e.last); err != nil {
		e.t.Fatal(err)
	}
	e.src = src
}

// take reads one batch without making it durable.
func (e *estate) take() kizashi.Batch {
	e.t.Helper()
	b, err := e.src.Next(context.Background())
	if err != nil {
		e.t.Fatal(err)
	}
	if b.Pos <= e.last[b.Partition] {
		e.t.Fatalf("%s: Pos %d after %d", b.Partition, b.Pos, e.last[b.Partition])
	}
	return b
}

// next reads one batch and makes it durable.
func (e *estate) next() kizashi.Batch {
	e.t.Helper()
	b := e.take()
	e.last[b.Partition] = b.Pos
	e.all = append(e.all, b)
	if err := e.src.Ack(b.Partition, b.Pos); err != nil {
		e.t.Fatal(err)
	}
	return b
}

// run goes on to an instant of the clock.
func (e *estate) run(to time.Time) (bs []kizashi.Batch) {
	e.t.Helper()
	for e.Now().Before(to) {
		bs = append(bs, e.next())
	}
	return bs
}

func (e *estate) minutely(m awsfake.Metric, from, to time.Time) {
	k := float64(len(m.Dimensions)) + float64(len(m.Name))
	e.region.Generate(m, time.Minute, from, to, func(at time.Time) (float64, bool) { return k + float64(at.Unix()/60%97), true })
}

func metric(namespace, name string, dims ...string) awsfake.Metric {
	m := awsfake.Metric{Namespace: namespace, Name: name, Dimensions: map[string]string{}}
	for i := 0; i < len(dims); i += 2 {
		m.Dimensions[dims[i]] = dims[i+1]
	}
	return m
}

// declared finds the declarations of series whose name has a part.
func declared(bs []kizashi.Batch, part string) (out []kizashi.Declaration) {
	for _, b := range bs {
		for _, d := range b.Declare {
			if strings.Contains(d.Meta.Name(), part) {
				out = append(out, d)
			}
		}
	}
	return out
}

func none(c *cloudwatch.Config) {}
