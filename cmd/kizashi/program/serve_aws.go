package program

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/inventory"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/permit"
	"github.com/kizashi-ops/kizashi/yamlstrict"
)

// checkAWS tries each permission that the configuration needs, says what is
// missing and what that costs, and prints the smallest policies. What is
// missing in one account disturbs no other.
func checkAWS(ctx context.Context, w io.Writer, cfg *config.Config, tenant, trusted string) error {
	tenants := cfg.Tenants
	if tenant != "" {
		t, err := oneTenant(cfg, tenant)
		if err != nil {
			return err
		}
		tenants = []config.Tenant{t}
	}
	faults := 0
	for _, t := range tenants {
		for _, a := range t.Accounts {
			n, err := tryAccount(ctx, w, a)
			if err != nil {
				return err
			}
			faults += n
		}
	}
	tellPolicies(w, cfg, tenants, trusted)
	if faults > 0 {
		fmt.Fprintf(w, "\n%s found.\n", explain.Plural(faults, "fault"))
		return errFound
	}
	fmt.Fprintln(w, "\nNothing is missing.")
	return nil
}

// tryAccount tries an account in each of its regions. The error is that of
// ctx, or of a configuration that nothing can be tried with.
func tryAccount(ctx context.Context, w io.Writer, a config.Account) (faults int, err error) {
	s, err := access.Open(ctx, a.Account, access.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	fmt.Fprintf(w, "\nTenant %s, account %s%s\n", a.Tenant, a.ID, asWhom(a))
	for _, region := range a.Regions {
		s.Region(region) // where questions are asked that belong to none
	}
	_, arn, err := s.Identity(ctx)
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err != nil {
		fmt.Fprintf(w, "  FAILED  %-40s %s\n          Nothing else of this account was tried.\n", "sts:GetCallerIdentity", answered(err))
		return 1, nil
	}
	fmt.Fprintf(w, "  ok      %-40s %s\n", "sts:GetCallerIdentity", arn)
	for _, region := range a.Regions {
		n, err := tryRegion(ctx, w, a, s.Region(region))
		if err != nil {
			return faults, err
		}
		faults += n
	}
	return faults, nil
}

func tryRegion(ctx context.Context, w io.Writer, a config.Account, r *access.Region) (faults int, err error) {
	fmt.Fprintf(w, "  in %s\n", r.Name())
	for _, t := range permit.Try(ctx, r, permit.Of(features(a)...), time.Now()) {
		if err := ctx.Err(); err != nil {
			return faults, err
		}
		if t.Err == nil {
			fmt.Fprintf(w, "  ok      %s\n", t.Name)
			continue
		}
		faults++
		fmt.Fprintf(w, "  %-7s %-40s %s\n          Without it: %s.%s\n", verdictOn(t.Err), t.Name, answered(t.Err),
			loss(explain.Style{Lang: explain.English}, t.Feature), switchOff(t.Feature))
		if t.Feature == permit.Metrics && !missing(t.Err) {
			return faults, nil // the region does not answer: the others would only wait as long
		}
	}
	n, err := tryNames(ctx, w, a, r)
	return faults + n, err
}

// missing says that it is the permission that fails.
func missing(err error) bool {
	var f *access.Failure
	return errors.As(err, &f) && f.Cause.Name == f.Action
}

func verdictOn(err error) string {
	if missing(err) {
		return "MISSING"
	}
	return "FAILED"
}

// answered is what AWS says, without what the lines above it say already.
func answered(err error) string {
	var f *access.Failure
	if errors.As(err, &f) {
		return f.Text
	}
	return err.Error()
}

// switchOff says how to do without a feature.
func switchOff(f permit.Feature) string {
	switch f {
	case permit.Metrics:
		return ""
	case permit.Logs:
		return " To do without: take logs: out."
	}
	return fmt.Sprintf(" To do without: discover: {%s: false}.", f)
}

// tryNames compares the namespaces and metrics of the configuration with those
// that exist.
func tryNames(ctx context.Context, w io.Writer, a config.Account, r *access.Region) (faults int, err error) {
	snap, err := inventory.Scan(ctx, inventory.Options{Region: r, Linked: a.Monitoring})
	if err != nil {
		return 0, ctx.Err() // what fails was told above
	}
	exist := map[string]map[string]bool{}
	for _, m := range snap.Metrics {
		if exist[m.Namespace] == nil {
			exist[m.Namespace] = map[string]bool{}
		}
		exist[m.Namespace][m.Name] = true
	}
	fmt.Fprintf(w, "  listed  %s in %s\n", explain.Plural(len(snap.Metrics), "metric"), explain.Plural(len(exist), "namespace"))
	missing := func(what, got string, known []string) {
		faults++
		fmt.Fprintf(w, "  MISSING %s: CloudWatch lists none%s\n", what, yamlstrict.Nearest(got, known))
	}
	for _, n := range a.Namespaces {
		if exist[n.Name] == nil {
			missing("namespace "+n.Name, n.Name, slices.Sorted(maps.Keys(exist)))
			continue
		}
		for _, m := range n.Metrics {
			if !exist[n.Name][m.Name] {
				missing("metric "+n.Name+" "+m.Name, m.Name, slices.Sorted(maps.Keys(exist[n.Name])))
			}
		}
	}
	return faults, nil
}

// tellPolicies prints the smallest policies that the configuration can do
// with: of the roles, and of who assumes them.
func tellPolicies(w io.Writer, cfg *config.Config, tenants []config.Tenant, trusted string) {
	var roles, tagged []string
	var direct []permit.Feature
	reads := map[string][]string{} // policy, to the roles that need it
	own := false
	for _, t := range tenants {
		for _, a := range t.Accounts {
			if a.Role == "" {
				own, direct = true, append(direct, features(a)...)
				continue
			}
			roles = append(roles, a.Role)
			if len(a.Tags) > 0 {
				tagged = append(tagged, a.Role)
			}
			p := permit.Reading(permit.Of(features(a)...)).String()
			reads[p] = append(reads[p], a.Role)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(reads)) {
		fmt.Fprintf(w, "\nThe smallest policy of %s:\n%s\n", strings.Join(reads[p], ", "), p)
	}
	told := tells(cfg)
	var read []permit.Action
	if own {
		read = permit.Of(direct...)
	}
	fmt.Fprintf(w, "\nThe smallest policy of the credentials that Kizashi runs with:\n%s\n", permit.Own(roles, tagged, told, read))
	if trusted != "" {
		tellTrust(w, tenants, trusted)
	}
	if len(told.Topics) > 0 {
		fmt.Fprintln(w, "\nsns:Publish was not tried: SNS knows no dry run, and a message would reach people.")
	}
	if len(told.Buses) > 0 || told.OpsItems {
		fmt.Fprintln(w, "\nWhat tells EventBridge and OpsCenter was not tried: there is no dry run. kizashi notify --test tries it for real.")
	}
}

func tellTrust(w io.Writer, tenants []config.Tenant, trusted string) {
	for _, t := range tenants {
		for _, a := range t.Accounts {
			if a.Role != "" {
				fmt.Fprintf(w, "\nThe trust policy of %s:\n%s\n", a.Role, permit.Trust(permit.Principal(trusted, a.Regions[0]), a.ExternalID, len(a.Tags) > 0))
			}
		}
	}
}

// tells is by what of AWS alerts and heartbeats are told.
func tells(cfg *config.Config) (t permit.Tells) {
	add := func(into *[]string, what string) {
		if !slices.Contains(*into, what) {
			*into = append(*into, what)
		}
	}
	for _, r := range cfg.Receivers {
		for _, k := range r.Sinks {
			switch o := k.Opener.(type) {
			case config.SNSSink:
				add(&t.Topics, o.Topic)
			case config.EventBridgeSink:
				add(&t.Buses, permit.Bus(cmp.Or(o.Bus, "default"), o.Region))
			case config.OpsItemSink:
				t.OpsItems = true
			}
		}
	}
	if h := cfg.Heartbeat.SNS; h != nil {
		add(&t.Topics, h.Topic)
	}
	return t
}
