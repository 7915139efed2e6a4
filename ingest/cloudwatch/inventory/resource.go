package inventory

import (
	"maps"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi/ingest/cloudwatch/access"
)

const (
	groupType    = "autoscaling:autoScalingGroup"
	instanceType = "ec2:instance"
)

// place says which resource the metrics of a namespace are about. Its ARN is
// the form with {P} the partition, {R} the region, {A} the owning account and
// {Dimension} the value of a dimension; a form that is one dimension is an ARN
// itself. Where the ARN holds what no dimension says, byName finds the
// resource among those that are listed, by type and the value of a dimension.
type place struct {
	namespaces string // separated by spaces; "*" = any
	dimensions string // all that must be there, separated by spaces
	form       string
	byName     string // type, and the dimension with its name
}

// places, the more specific first. The forms are those of the service
// authorization reference.
var places = []place{
	{"AWS/ApplicationELB AWS/NetworkELB AWS/GatewayELB", "TargetGroup", "arn:{P}:elasticloadbalancing:{R}:{A}:{TargetGroup}", ""},
	{"AWS/ApplicationELB AWS/NetworkELB AWS/GatewayELB", "LoadBalancer", "arn:{P}:elasticloadbalancing:{R}:{A}:loadbalancer/{LoadBalancer}", ""},
	{"AWS/ELB", "LoadBalancerName", "arn:{P}:elasticloadbalancing:{R}:{A}:loadbalancer/{LoadBalancerName}", ""},
	{"AWS/EBS", "VolumeId", "arn:{P}:ec2:{R}:{A}:volume/{VolumeId}", ""},
	{"AWS/RDS", "DBInstanceIdentifier", "arn:{P}:rds:{R}:{A}:db:{DBInstanceIdentifier}", ""},
	{"AWS/RDS", "DBClusterIdentifier", "arn:{P}:rds:{R}:{A}:cluster:{DBClusterIdentifier}", ""},
	{"AWS/Lambda", "FunctionName", "arn:{P}:lambda:{R}:{A}:function:{FunctionName}", ""},
	{"AWS/SQS", "QueueName", "arn:{P}:sqs:{R}:{A}:{QueueName}", ""},
	{"AWS/SNS", "TopicName", "arn:{P}:sns:{R}:{A}:{TopicName}", ""},
	{"AWS/DynamoDB", "TableName", "arn:{P}:dynamodb:{R}:{A}:table/{TableName}", ""},
	{"AWS/ElastiCache", "CacheClusterId", "arn:{P}:elasticache:{R}:{A}:cluster:{CacheClusterId}", ""},
	{"AWS/ElastiCache", "ReplicationGroupId", "arn:{P}:elasticache:{R}:{A}:replicationgroup:{ReplicationGroupId}", ""},
	{"AWS/ECS ECS/ContainerInsights", "ClusterName ServiceName", "arn:{P}:ecs:{R}:{A}:service/{ClusterName}/{ServiceName}", ""},
	{"AWS/ECS ECS/ContainerInsights", "ClusterName", "arn:{P}:ecs:{R}:{A}:cluster/{ClusterName}", ""},
	{"ContainerInsights AWS/EKS", "ClusterName", "arn:{P}:eks:{R}:{A}:cluster/{ClusterName}", ""},
	{"AWS/EFS", "FileSystemId", "arn:{P}:elasticfilesystem:{R}:{A}:file-system/{FileSystemId}", ""},
	{"AWS/Kinesis", "StreamName", "arn:{P}:kinesis:{R}:{A}:stream/{StreamName}", ""},
	{"AWS/Firehose", "DeliveryStreamName", "arn:{P}:firehose:{R}:{A}:deliverystream/{DeliveryStreamName}", ""},
	{"AWS/States", "StateMachineArn", "{StateMachineArn}", ""},
	{"AWS/States", "ActivityArn", "{ActivityArn}", ""},
	{"AWS/NATGateway", "NatGatewayId", "arn:{P}:ec2:{R}:{A}:natgateway/{NatGatewayId}", ""},
	{"AWS/TransitGateway", "TransitGateway", "arn:{P}:ec2:{R}:{A}:transit-gateway/{TransitGateway}", ""},
	{"AWS/VPN", "VpnId", "arn:{P}:ec2:{R}:{A}:vpn-connection/{VpnId}", ""},
	{"AWS/DX", "ConnectionId", "arn:{P}:directconnect:{R}:{A}:dxcon/{ConnectionId}", ""},
	{"AWS/S3", "BucketName", "arn:{P}:s3:::{BucketName}", ""},
	{"AWS/S3", "SourceBucket", "arn:{P}:s3:::{SourceBucket}", ""},
	{"AWS/CloudFront", "DistributionId", "arn:{P}:cloudfront::{A}:distribution/{DistributionId}", ""},
	{"AWS/Route53", "HealthCheckId", "arn:{P}:route53:::healthcheck/{HealthCheckId}", ""},
	{"AWS/Route53", "HostedZoneId", "arn:{P}:route53:::hostedzone/{HostedZoneId}", ""},
	{"AWS/CertificateManager", "CertificateArn", "{CertificateArn}", ""},
	{"AWS/DDoSProtection", "ResourceArn", "{ResourceArn}", ""},
	{"AWS/Events", "RuleName", "arn:{P}:events:{R}:{A}:rule/{RuleName}", ""},
	{"AWS/ApiGateway", "ApiId", "arn:{P}:apigateway:{R}::/apis/{ApiId}", ""},
	{"AWS/ElasticBeanstalk", "EnvironmentName", "", "elasticbeanstalk:environment EnvironmentName"},
	{"CloudWatchSynthetics", "CanaryName", "arn:{P}:synthetics:{R}:{A}:canary:{CanaryName}", ""},
	{"AWS/RUM", "application_name", "arn:{P}:rum:{R}:{A}:appmonitor/{application_name}", ""},
	{"AWS/Backup", "BackupVaultName", "arn:{P}:backup:{R}:{A}:backup-vault:{BackupVaultName}", ""},
	{"AWS/DLM", "DLMPolicyId", "arn:{P}:dlm:{R}:{A}:policy/{DLMPolicyId}", ""},
	{"AWS/SES", "ses:configuration-set", "arn:{P}:ses:{R}:{A}:configuration-set/{ses:configuration-set}", ""},
	// An agent's metric may name the group beside the instance.
	{"*", "InstanceId", "arn:{P}:ec2:{R}:{A}:instance/{InstanceId}", ""},
	{"*", "AutoScalingGroupName", "", groupType + " AutoScalingGroupName"},
}

// of says whether the metric has a resource of this kind.
func (p place) of(m Metric) bool {
	if p.namespaces != "*" && !slices.Contains(strings.Fields(p.namespaces), m.Namespace) {
		return false
	}
	for _, d := range strings.Fields(p.dimensions) {
		if m.Dimensions[d] == "" {
			return false
		}
	}
	return p.dimensions != "InstanceId" || strings.HasPrefix(m.Dimensions["InstanceId"], "i-") || strings.HasPrefix(m.Dimensions["InstanceId"], "mi-")
}

// arn of the metric's resource; "" = no dimension says it.
func (p place) arn(m Metric, region string) string {
	form := p.form
	if strings.HasPrefix(m.Dimensions["InstanceId"], "mi-") && p.dimensions == "InstanceId" {
		form = "arn:{P}:ssm:{R}:{A}:managed-instance/{InstanceId}"
	}
	pairs := []string{"{P}", access.Partition(region), "{R}", region, "{A}", m.Account}
	for n, v := range m.Dimensions {
		pairs = append(pairs, "{"+n+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(form)
}

// placeOf is the first row that fits.
func placeOf(m Metric) (place, bool) {
	for _, p := range places {
		if p.of(m) {
			return p, true
		}
	}
	return place{}, false
}

// ResourceOf the metric, by its dimensions; nil = it has none, or none is
// known.
func (s *Snapshot) ResourceOf(m Metric) *Resource {
	s.once.Do(s.index)
	p, ok := placeOf(m)
	if !ok {
		return nil
	}
	if p.byName != "" {
		typ, dimension, _ := strings.Cut(p.byName, " ")
		if i, ok := s.byName[[3]string{m.Account, typ, m.Dimensions[dimension]}]; ok {
			return &s.Resources[i]
		}
		return nil
	}
	if i, ok := s.byARN[p.arn(m, s.Region)]; ok {
		return &s.Resources[i]
	}
	return nil
}

// Find returns the resource of an ARN, or nil.
func (s *Snapshot) Find(arn string) *Resource {
	s.once.Do(s.index)
	if i, ok := s.byARN[arn]; ok {
		return &s.Resources[i]
	}
	return nil
}

func (s *Snapshot) index() {
	s.byARN, s.byName, s.isListed = map[string]int{}, map[[3]string]int{}, map[string]bool{}
	for i, r := range s.Resources {
		s.byARN[r.ARN] = i
		s.byName[[3]string{r.Account, r.Type, r.ID}] = i
	}
	for _, m := range s.Metrics {
		s.isListed[m.Key()] = true
	}
}

// splitARN says what an ARN names: arn:partition:service:region:account:rest.
// Of a rest with several parts the last is the id, but for those whose id has
// parts itself.
func splitARN(arn string) (typ, id, account string) {
	f := strings.SplitN(arn, ":", 6)
	if len(f) < 6 {
		return "", arn, ""
	}
	service, rest := f[2], f[5]
	if name, ok := strings.CutPrefix(rest, "autoScalingGroup:"); ok {
		return groupType, name[strings.LastIndexByte(name, '/')+1:], f[4]
	}
	cut := strings.IndexAny(rest, "/:")
	switch {
	case service == "s3":
		return "s3:bucket", rest, f[4]
	case cut < 0:
		return service, rest, f[4]
	}
	typ, id = service+":"+rest[:cut], rest[cut+1:]
	if typ == "elasticbeanstalk:environment" { // application/environment
		id = id[strings.LastIndexByte(id, '/')+1:]
	}
	return typ, id, f[4]
}

// derive adds the resources that only metrics tell of: the tagging API leaves
// untagged ones out.
func (sc *scan) derive() {
	for _, m := range sc.s.Metrics {
		p, ok := placeOf(m)
		if !ok || p.byName != "" {
			continue
		}
		if arn := p.arn(m, sc.s.Region); strings.HasPrefix(arn, "arn:") {
			r := sc.see(arn, "metrics")
			r.Account = m.Account
		}
	}
}

// sorted resources of the scan.
func (sc *scan) sorted() []Resource {
	var out []Resource
	for _, arn := range slices.Sorted(maps.Keys(sc.found)) {
		slices.Sort(sc.found[arn].Seen)
		out = append(out, *sc.found[arn])
	}
	return out
}
