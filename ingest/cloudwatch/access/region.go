package access

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/schemas"
	"github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi"
	tagging "github.com/aws/aws-sdk-go-v2/service/resourcegroupstaggingapi/schemas"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/transport/http/protocol/awsjson"
	"github.com/aws/smithy-go/transport/http/protocol/awsquery"
	"github.com/aws/smithy-go/transport/http/protocol/rpcv2"
)

// Region is an account in a region. It is safe for several goroutines.
type Region struct {
	s    *Session
	name string
	cfg  aws.Config
	cw   *cloudwatch.Client
	sts  *sts.Client // as who asks, not as the role

	mu      sync.Mutex
	buckets map[string]*bucket // by action
}

// Region returns the account in a region, always the same for a name. That
// the region exists and is enabled shows at the first call.
func (s *Session) Region(name string) *Region {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.regions[name]; r != nil {
		return r
	}
	if s.home == "" {
		s.home = name
	}
	r := &Region{s: s, name: name, buckets: map[string]*bucket{}}
	r.cfg = s.aws.Copy()
	r.cfg.Region, r.cfg.Credentials = name, current{s.keys, r}
	set, _ := protocol(s.account.Protocol) // Open checked the name
	r.cw = cloudwatch.NewFromConfig(r.cfg, set)
	asking := r.cfg.Copy()
	asking.Credentials = current{s.base, r}
	r.sts = sts.NewFromConfig(asking)
	s.regions[name] = r
	return r
}

// Name of the region, as in ap-northeast-1.
func (r *Region) Name() string { return r.name }

// Session is what the region is of.
func (r *Region) Session() *Session { return r.s }

// Account is whose region it is.
func (r *Region) Account() Account { return r.s.account }

// Config makes a client of any service: its requests must go through Do.
func (r *Region) Config() aws.Config { return r.cfg.Copy() }

// CloudWatch returns the region's client of CloudWatch, in the account's
// protocol. Its requests must go through Do.
func (r *Region) CloudWatch() *cloudwatch.Client { return r.cw }

// Tagging returns the region's client of the Resource Groups Tagging API, of
// which the SDK speaks CBOR as well; an emulator that does not gets JSON. Its
// requests must go through Do.
func (r *Region) Tagging() *resourcegroupstaggingapi.Client {
	return resourcegroupstaggingapi.NewFromConfig(r.cfg, func(o *resourcegroupstaggingapi.Options) {
		if p := r.s.account.Protocol; p != "" && p != "cbor" {
			o.Protocol = awsjson.New11(tagging.ResourceGroupsTaggingAPI_20170126)
		}
	})
}

// protocol sets CloudWatch's wire form.
func protocol(name string) (func(*cloudwatch.Options), error) {
	service := schemas.GraniteServiceVersion20100801
	switch name {
	case "", "cbor":
		return func(o *cloudwatch.Options) { o.Protocol = rpcv2.NewCBOR(service) }, nil
	case "json":
		return func(o *cloudwatch.Options) { o.Protocol = awsjson.New10(service) }, nil
	case "query":
		return func(o *cloudwatch.Options) { o.Protocol = awsquery.New(service) }, nil
	}
	return nil, fmt.Errorf("protocol %q: want cbor, json or query", name)
}

// current gives the SDK the credentials that are in force.
type current struct {
	*keys
	r *Region
}

// Retrieve is called by the SDK before it signs.
func (c current) Retrieve(ctx context.Context) (aws.Credentials, error) { return c.get(ctx, c.r) }
