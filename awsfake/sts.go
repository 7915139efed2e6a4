package awsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
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

// What STS's model allows in what a client may choose.
var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:/-]+$`)
	tagKey      = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$`)
	tagValue    = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$`)
)

const maxSessionTags = 50

// assumeRole gives session credentials. A role that is not there, was revoked
// or wants another ExternalId is one and the same AccessDenied, as AWS does
// not tell which.
func assumeRole(q *request) (object, error) {
	arn, name, external := text(q.in["RoleArn"]), text(q.in["RoleSessionName"]), text(q.in["ExternalId"])
	life := time.Hour
	if s, err := number(q.in["DurationSeconds"]); err != nil {
		return nil, fmt.Errorf("DurationSeconds: %w", err)
	} else if s != 0 {
		life = time.Duration(min(max(s, 0), 1e6)) * time.Second
	}
	parts := strings.Split(arn, ":")
	switch {
	case len(parts) != 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/"):
		return nil, fmt.Errorf("%s is invalid", cmp.Or(arn, "RoleArn"))
	case len(name) < 2 || len(name) > 64:
		return nil, unlike("roleSessionName", name, "have length between 2 and 64")
	case !sessionName.MatchString(name):
		return nil, unlike("roleSessionName", name, `satisfy regular expression pattern: [\w+=,.@-]*`)
	case external != "" && (len(external) < 2 || len(external) > 1224):
		return nil, unlike("externalId", external, "have length between 2 and 1224")
	case external != "" && !externalID.MatchString(external):
		return nil, unlike("externalId", external, `satisfy regular expression pattern: [\w+=,.@:\/-]*`)
	case life < minSession:
		return nil, unlike("durationSeconds", fmt.Sprint(life/time.Second), "have value greater than or equal to 900")
	case life > maxSession:
		return nil, fmt.Errorf("the requested DurationSeconds exceeds the MaxSessionDuration set for this role")
	}
	tags := map[string]string{}
	for i, t := range list(q.in["Tags"]) {
		key, value := text(dict(t)["Key"]), text(dict(t)["Value"])
		if !tagKey.MatchString(key) || !tagValue.MatchString(value) || i == maxSessionTags {
			return nil, unlike(fmt.Sprintf("tags.%d.member", i+1), key+"="+value, "be one of at most 50, of letters, digits, spaces and _.:/=+-@")
		}
		tags[key] = value
	}
	return q.cloud.assume(q, arn, name, life, tags)
}

// unlike says how a value is not as the model wants it.
func unlike(name, value, must string) error {
	return fmt.Errorf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must %s", value, name, must)
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
	p := &principal{account: a, role: r, epoch: r.epoch, until: until, token: "token-" + serial,
		arn: "arn:" + a.partition + ":sts::" + a.id + ":assumed-role/" + name + "/" + session, id: "AROA" + a.id + ":" + session}
	c.keys[key] = p
	r.sessions = append(r.sessions, Session{Role: name, Name: session, Tags: tags, At: q.now, Until: until})
	return object{
		{"Credentials", object{{"AccessKeyId", key}, {"SecretAccessKey", "secret-" + serial}, {"SessionToken", p.token}, {"Expiration", until}}},
		{"AssumedRoleUser", object{{"AssumedRoleId", p.id}, {"Arn", p.arn}}},
		{"PackedPolicySize", 6},
	}, nil
}
