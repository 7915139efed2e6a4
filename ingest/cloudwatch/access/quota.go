package access

// Quota is how many calls a second AWS serves an account in a region.
type Quota struct {
	Action    string // as IAM names it
	PerSecond float64
	Source    string // "unverified: ..." = from memory: nothing at hand says so
}

// unknown is the quota of an action that the table does not have.
const unknown = 10

// quotas are AWS's defaults, which a customer may have had raised. GetMetricData
// has a second one, of points a second, that is not counted here: what runs into
// it is throttled, and the bucket gives way.
var quotas = []Quota{
	{"cloudwatch:GetMetricData", 50, "aws: CloudWatch user guide, service quotas"},
	{"cloudwatch:ListMetrics", 25, "unverified: CloudWatch user guide, service quotas"},
	{"logs:FilterLogEvents", 5, "aws: CloudWatch Logs user guide, quotas"},
	{"logs:DescribeLogGroups", 10, "unverified: CloudWatch Logs user guide, quotas"},
	{"sts:AssumeRole", 600, "unverified: IAM and STS quotas, all of STS together"},
	{"sts:GetCallerIdentity", 600, "unverified: IAM and STS quotas, all of STS together"},
	{"ec2:DescribeInstances", 10, "unverified: EC2 API throttling, refill of unfiltered describes"},
	{"autoscaling:DescribeAutoScalingGroups", 10, "unverified: no figure is published; a cautious one"},
	{"autoscaling:DescribeScalingActivities", 10, "unverified: no figure is published; a cautious one"},
	{"ssm:DescribeInstanceInformation", 10, "unverified: Systems Manager quotas"},
	{"tag:GetResources", 15, "unverified: Resource Groups Tagging API quotas"},
}

// Quotas returns the table.
func Quotas() []Quota { return append([]Quota(nil), quotas...) }

// Rate is how many calls of an action a second the session makes at the most.
func (r *Region) Rate(action string) float64 { return quota(action).PerSecond * r.s.account.Share }

func quota(action string) Quota {
	for _, q := range quotas {
		if q.Action == action {
			return q
		}
	}
	return Quota{Action: action, PerSecond: unknown, Source: "unverified: not in the table"}
}
