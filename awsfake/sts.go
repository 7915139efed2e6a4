package awsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var _ = register("sts", map[string]handler{"GetCallerIdentity": callerIdentity, "AssumeRole": assumeRole})

func callerIdentity(q *request) (object, error) {
	return object{{"Arn", q.who.arn}, {"UserId", q.who.id}, {"Account", q.who.account.id}}, nil
}

// Bounds of an AssumeRole session, of STS's documentation.
const (
	minSession = 15 * time.Minute
	maxSession = time.Hour // MaxSessionDuration of a role unless it is raised
)

// assumeRole gives session credentials. A role that is not there, was revoked
// or wants another ExternalId is one and the same AccessDenied, as AWS does
// not tell which.
func assumeRole(q *request) (object, error) {
	arn, name := text(q.in["RoleArn"]), text(q.in["RoleSessionName"])
	life := time.Hour
	if s, err := number(q.in["DurationSeconds"]); err != nil {
		return nil, fmt.Errorf("DurationSeconds: %w", err)
	} else if s != 0 {
		life = time.Duration(s) * time.Second
	}
	parts := strings.Split(arn, ":")
	switch {
	case len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/"):
		return nil, fmt.Errorf("%s is invalid", cmp.Or(arn, "RoleArn"))
	case len(name) < 2 || len(name) > 64:
		return nil, fmt.Errorf("1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must have length between 2 and 64", name)
	case life < minSession:
		return nil, fmt.Errorf("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900", life/time.Second)
	case life > maxSession:
		return nil, fmt.Errorf("the requested DurationSeconds exceeds the MaxSessionDuration set for this role")
	}
	tags := map[string]string{}
	for _, t := range list(q.in["Tags"]) {
		tags[text(dict(t)["Key"])] = text(dict(t)["Value"])
	}
	return q.cloud.assume(q, arn, name, life, tags)
}

func (c *Cloud) assume(q *request, arn, session string, life time.Duration, tags map[string]string) (object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	parts := strings.Split(arn, ":")
	a := c.accounts[parts[4]]
	path := strings.Split(parts[5], "/")
	name := path[len(path)-1]
	denied := &failure{http.StatusForbidden, q.code(codeDenied),
		fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", q.who.arn, arn)}
	if a == nil {
		return nil, denied
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.roles[name]
	if r == nil || r.gone || r.external != "" && r.external != text(q.in["ExternalId"]) || parts[1] != a.partition {
		return nil, denied
	}
	c.issued++
	until := q.now.Add(life).UTC().Truncate(time.Second)
	key, serial := fmt.Sprintf("ASIA%016d", c.issued), fmt.Sprintf("%d-%s", c.issued, a.id)
	p := &principal{account: a, role: r, epoch: r.epoch, until: until, token: "token-" + serial, secret: "secret-" + serial, sessionTags: tags,
		arn: "arn:" + a.partition + ":sts::" + a.id + ":assumed-role/" + name + "/" + session, id: "AROA" + a.id + ":" + session}
	c.keys[key] = p
	r.sessions = append(r.sessions, Session{Role: name, Name: session, Tags: tags, At: q.now, Until: until})
	return object{
		{"Credentials", object{{"AccessKeyId", key}, {"SecretAccessKey", p.secret}, {"SessionToken", p.token}, {"Expiration", until}}},
		{"AssumedRoleUser", object{{"AssumedRoleId", p.id}, {"Arn", p.arn}}},
		{"PackedPolicySize", 6},
	}, nil
}
