package program

import (
	_ "embed"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/template"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/arn"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/cost"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/permit"
)

//go:embed request_en.md
var requestEn string

//go:embed request_ja.md
var requestJa string

// request is the page that a customer approves.
type request struct {
	Tenant        string
	Accounts      []requested
	Actions       []asked
	AndMore       string // what is read beside metrics, to follow that word
	Instances     bool   // EC2's are asked for
	Logs          bool   // events of log groups are
	Share         string
	Trust, Policy permit.Policy
	Hundred       string // what 100 series cost
	Cap           string
	Unverified    string // why the price is uncertain
}

// requested is an account that a role is asked for in.
type requested struct {
	ID         string
	Regions    []string
	Role       string
	Proposed   bool // the configuration names none yet
	Principal  string
	ExternalID string
	Sees       string // other accounts' metrics, of a monitoring account
}

// asked is an action, what it is for, and what is lost without it.
type asked struct{ Name, For, Lost string }

// writeRequest writes one tenant's page: a customer's page names no other.
func writeRequest(w io.Writer, cfg *config.Config, tenant, trusted string, l explain.Lang) error {
	t, err := oneTenant(cfg, tenant)
	if err != nil {
		return err
	}
	s := explain.Style{Lang: l}
	features := featuresOf(t.Accounts)
	r := request{Tenant: t.Name, Policy: permit.Reading(permit.Of(features...)),
		AndMore: andMore(s, features)}
	for _, a := range permit.Of(features...) {
		r.Actions = append(r.Actions, asked{a.Name, purpose(s, a.Name), loss(s, a.Feature)})
	}
	r.Instances, r.Logs = slices.Contains(features, permit.Instances), slices.Contains(features, permit.Logs)
	share, tagged := 0.0, false
	for _, a := range t.Accounts {
		r.Accounts = append(r.Accounts, ask(s, a, trusted))
		share, tagged = max(share, shareOf(a)), tagged || len(a.Tags) > 0
	}
	first := r.Accounts[0]
	r.Share = fmt.Sprintf(pick(s, "%v %%", "%v%%"), 100*share)
	r.Trust = permit.Trust(first.Principal, first.ExternalID, tagged)
	r.Hundred, r.Unverified = hundred(s, cfg.Prices, first.Regions[0])
	if t.Cap > 0 {
		r.Cap = pick(s, fmt.Sprintf("USD %.2f a day", t.Cap), fmt.Sprintf("1日あたり%.2f米ドル", t.Cap))
	}
	text := pick(s, requestEn, requestJa)
	page, err := template.New("request").Funcs(template.FuncMap{"plural": explain.Plural, "join": func(ss []string) string {
		return strings.Join(ss, pick(s, ", ", "、"))
	}}).Parse(text)
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	return page.Execute(w, r)
}

// oneTenant finds the tenant; where there is one only, it need not be named.
func oneTenant(cfg *config.Config, name string) (config.Tenant, error) {
	var names []string
	for _, t := range cfg.Tenants {
		if t.Name == name || name == "" && len(cfg.Tenants) == 1 {
			return t, nil
		}
		names = append(names, t.Name)
	}
	if name == "" {
		return config.Tenant{}, errUsage{fmt.Errorf("--tenant is needed: a customer's page names no other (there are %s)", strings.Join(names, ", "))}
	}
	return config.Tenant{}, errUsage{fmt.Errorf("tenant %q: there is no such tenant (there are %s)", name, strings.Join(names, ", "))}
}

func ask(s explain.Style, a config.Account, trusted string) requested {
	r := requested{ID: a.ID, Regions: a.Regions, Role: a.Role, ExternalID: a.ExternalID}
	partition := arn.Partition(a.Regions[0])
	if r.Role == "" {
		r.Role, r.Proposed = "arn:"+partition+":iam::"+a.ID+":role/kizashi-read", true
	}
	if trusted == "" {
		trusted = "OUR-ACCOUNT"
	}
	r.Principal = permit.Principal(trusted, a.Regions[0])
	switch {
	case len(a.Linked) > 0:
		r.Sees = pick(s, "the accounts ", "アカウント ") + strings.Join(a.Linked, pick(s, ", ", "、"))
	case a.Monitoring:
		r.Sees = pick(s, "every account that is linked to it", "リンクされたすべてのアカウント")
	}
	return r
}

func shareOf(a config.Account) float64 {
	if a.Share == 0 {
		return access.DefaultShare
	}
	return a.Share
}

// featuresOf are what any of the accounts has switched on.
func featuresOf(as []config.Account) []permit.Feature {
	var out []permit.Feature
	for _, a := range as {
		for _, f := range features(a) {
			if !slices.Contains(out, f) {
				out = append(out, f)
			}
		}
	}
	return out
}

func features(a config.Account) []permit.Feature {
	var out []permit.Feature
	for _, f := range []struct {
		on      bool
		feature permit.Feature
	}{{a.Discover.Tags, permit.Tags}, {a.Discover.Instances, permit.Instances}, {a.Discover.Groups, permit.Groups}, {a.Discover.Agents, permit.Agents}, {a.Logs != nil, permit.Logs},
		{a.Logs != nil && a.Logs.ByTags(), permit.Tags}} {
		if f.on && !slices.Contains(out, f.feature) {
			out = append(out, f.feature)
		}
	}
	return out
}

// andMore lists what is read beside metrics.
func andMore(s explain.Style, fs []permit.Feature) string {
	names := map[permit.Feature][2]string{
		permit.Tags: {"tags", "タグ"}, permit.Instances: {"the state of instances", "EC2インスタンスの状態"},
		permit.Groups: {"the membership of Auto Scaling groups", "Auto Scalingグループの構成"}, permit.Agents: {"the state of Systems Manager's agents", "Systems Managerエージェントの状態"},
		permit.Logs: {"the events of log groups", "ロググループのイベント"},
	}
	var out []string
	for _, f := range fs {
		out = append(out, pick(s, names[f][0], names[f][1]))
	}
	switch n := len(out); {
	case n == 0:
		return ""
	case s.Lang == explain.Japanese:
		return "、" + strings.Join(out[:n-1], "、") + map[bool]string{true: "および", false: ""}[n > 1] + out[n-1]
	case n == 1:
		return " and " + out[0]
	default:
		return ", " + strings.Join(out[:n-1], ", ") + " and " + out[n-1]
	}
}

// purpose says what an action is for.
func purpose(s explain.Style, action string) string {
	texts := map[string][2]string{
		"cloudwatch:ListMetrics":                {"to find out which metrics there are", "存在するメトリクスの把握"},
		"cloudwatch:GetMetricData":              {"to read their values", "メトリクスの値の取得"},
		"tag:GetResources":                      {"to select and group by tags", "タグによる監視対象の選択とグループ化"},
		"ec2:DescribeInstances":                 {"to know whether an instance runs, was stopped or was terminated", "インスタンスの稼働・停止・終了の把握"},
		"autoscaling:DescribeAutoScalingGroups": {"to know which instances belong together", "Auto Scalingグループに属するインスタンスの把握"},
		"autoscaling:DescribeScalingActivities": {"to know why instances came and went", "インスタンスの増減とその理由の把握"},
		"logs:DescribeLogGroups":                {"to find out which log groups there are", "存在するロググループの把握"},
		"logs:FilterLogEvents":                  {"to read their events", "ログイベントの取得"},
		"ssm:DescribeInstanceInformation":       {"to tell an agent that does not answer from a host that is down", "エージェントの応答停止とホスト停止の区別"},
	}
	return pick(s, texts[action][0], texts[action][1])
}

// loss says what is lost without a feature.
func loss(s explain.Style, f permit.Feature) string {
	texts := map[permit.Feature][2]string{
		permit.Metrics:   {"nothing is watched", "監視できません"},
		permit.Tags:      {"no selection or grouping by tag; resources without tags are not named", "タグによる選択・グループ化ができません。タグのないリソースも報告できません"},
		permit.Instances: {"an instance that was stopped on purpose looks like one that fell silent", "意図した停止と異常による途絶を区別できません"},
		permit.Groups:    {"instances that Auto Scaling replaces look like ones that fell silent; failed launches are not explained", "Auto Scalingによる入れ替えと途絶を区別できません。起動失敗の理由も分かりません"},
		permit.Logs:      {"no log is watched", "ログを監視できません"},
		permit.Agents:    {"an agent that does not answer looks like a host that is down", "エージェントの応答停止とホストの停止を区別できません"},
	}
	return pick(s, texts[f][0], texts[f][1])
}

// hundred is what 100 series read every 5 minutes cost in 30 days.
func hundred(s explain.Style, p *cost.Prices, region string) (text, unverified string) {
	const polls = 30 * 24 * 12
	m := p.Of(cost.Use{Region: region, Action: cost.GetMetricData, Calls: polls, Metrics: 100 * polls})
	price := p.Price(cost.MetricsRequested, region)
	if m.Unverified {
		unverified = pick(s, fmt.Sprintf("as of %s, source: %s", price.AsOf, price.Source), fmt.Sprintf("%s時点、出典:%s", price.AsOf, origin(s, price.Source)))
	}
	return pick(s, fmt.Sprintf("about USD %.2f a month of 30 days", m.USD), fmt.Sprintf("30日あたり約%.2f米ドル", m.USD)), unverified
}
