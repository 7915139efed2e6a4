package inventory

import (
	"maps"
	"slices"
	"strings"

	"github.com/kizashi-ops/kizashi/arn"
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
	needs      []string
}

// places, the more specific first. The forms are those of the resources in
// AWS's managed policies; unverified: vpn-connection, appmonitor, dlm.
var places = []place{
	{namespaces: "AWS/ApplicationELB AWS/NetworkELB AWS/GatewayELB", dimensions: "TargetGroup", form: "arn:{P}:elasticloadbalancing:{R}:{A}:{TargetGroup}"},
	{namespaces: "AWS/ApplicationELB AWS/NetworkELB AWS/GatewayELB", dimensions: "LoadBalancer", form: "arn:{P}:elasticloadbalancing:{R}:{A}:loadbalancer/{LoadBalancer}"},
	{namespaces: "AWS/ELB", dimensions: "LoadBalancerName", form: "arn:{P}:elasticloadbalancing:{R}:{A}:loadbalancer/{LoadBalancerName}"},
	{namespaces: "AWS/EBS", dimensions: "VolumeId", form: "arn:{P}:ec2:{R}:{A}:volume/{VolumeId}"},
	{namespaces: "AWS/RDS", dimensions: "DBInstanceIdentifier", form: "arn:{P}:rds:{R}:{A}:db:{DBInstanceIdentifier}"},
	{namespaces: "AWS/RDS", dimensions: "DBClusterIdentifier", form: "arn:{P}:rds:{R}:{A}:cluster:{DBClusterIdentifier}"},
	{namespaces: "AWS/Lambda", dimensions: "FunctionName", form: "arn:{P}:lambda:{R}:{A}:function:{FunctionName}"},
	{namespaces: "AWS/SQS", dimensions: "QueueName", form: "arn:{P}:sqs:{R}:{A}:{QueueName}"},
	{namespaces: "AWS/SNS", dimensions: "TopicName", form: "arn:{P}:sns:{R}:{A}:{TopicName}"},
	{namespaces: "AWS/DynamoDB", dimensions: "TableName", form: "arn:{P}:dynamodb:{R}:{A}:table/{TableName}"},
	{namespaces: "AWS/ElastiCache", dimensions: "CacheClusterId", form: "arn:{P}:elasticache:{R}:{A}:cluster:{CacheClusterId}"},
	{namespaces: "AWS/ElastiCache", dimensions: "ReplicationGroupId", form: "arn:{P}:elasticache:{R}:{A}:replicationgroup:{ReplicationGroupId}"},
	{namespaces: "AWS/ECS ECS/ContainerInsights", dimensions: "ClusterName ServiceName", form: "arn:{P}:ecs:{R}:{A}:service/{ClusterName}/{ServiceName}"},
	{namespaces: "AWS/ECS ECS/ContainerInsights", dimensions: "ClusterName", form: "arn:{P}:ecs:{R}:{A}:cluster/{ClusterName}"},
	{namespaces: "ContainerInsights AWS/EKS", dimensions: "ClusterName", form: "arn:{P}:eks:{R}:{A}:cluster/{ClusterName}"},
	{namespaces: "AWS/EFS", dimensions: "FileSystemId", form: "arn:{P}:elasticfilesystem:{R}:{A}:file-system/{FileSystemId}"},
	{namespaces: "AWS/Kinesis", dimensions: "StreamName", form: "arn:{P}:kinesis:{R}:{A}:stream/{StreamName}"},
	{namespaces: "AWS/Firehose", dimensions: "DeliveryStreamName", form: "arn:{P}:firehose:{R}:{A}:deliverystream/{DeliveryStreamName}"},
	{namespaces: "AWS/States", dimensions: "StateMachineArn", form: "{StateMachineArn}"},
	{namespaces: "AWS/States", dimensions: "ActivityArn", form: "{ActivityArn}"},
	{namespaces: "AWS/NATGateway", dimensions: "NatGatewayId", form: "arn:{P}:ec2:{R}:{A}:natgateway/{NatGatewayId}"},
	{namespaces: "AWS/TransitGateway", dimensions: "TransitGateway", form: "arn:{P}:ec2:{R}:{A}:transit-gateway/{TransitGateway}"},
	{namespaces: "AWS/VPN", dimensions: "VpnId", form: "arn:{P}:ec2:{R}:{A}:vpn-connection/{VpnId}"},
	{namespaces: "AWS/DX", dimensions: "ConnectionId", form: "arn:{P}:directconnect:{R}:{A}:dxcon/{ConnectionId}"},
	{namespaces: "AWS/S3", dimensions: "BucketName", form: "arn:{P}:s3:::{BucketName}"},
	{namespaces: "AWS/S3", dimensions: "SourceBucket", form: "arn:{P}:s3:::{SourceBucket}"},
	{namespaces: "AWS/CloudFront", dimensions: "DistributionId", form: "arn:{P}:cloudfront::{A}:distribution/{DistributionId}"},
	{namespaces: "AWS/Route53", dimensions: "HealthCheckId", form: "arn:{P}:route53:::healthcheck/{HealthCheckId}"},
	{namespaces: "AWS/Route53", dimensions: "HostedZoneId", form: "arn:{P}:route53:::hostedzone/{HostedZoneId}"},
	{namespaces: "AWS/CertificateManager", dimensions: "CertificateArn", form: "{CertificateArn}"},
	{namespaces: "AWS/DDoSProtection", dimensions: "ResourceArn", form: "{ResourceArn}"},
	{namespaces: "AWS/Events", dimensions: "RuleName", form: "arn:{P}:events:{R}:{A}:rule/{RuleName}"},
	{namespaces: "AWS/ApiGateway", dimensions: "ApiId", form: "arn:{P}:apigateway:{R}::/apis/{ApiId}"},
	{namespaces: "AWS/ElasticBeanstalk", dimensions: "EnvironmentName", byName: "elasticbeanstalk:environment EnvironmentName"},
	{namespaces: "CloudWatchSynthetics", dimensions: "CanaryName", form: "arn:{P}:synthetics:{R}:{A}:canary:{CanaryName}"},
	{namespaces: "AWS/RUM", dimensions: "application_name", form: "arn:{P}:rum:{R}:{A}:appmonitor/{application_name}"},
	{namespaces: "AWS/Backup", dimensions: "BackupVaultName", form: "arn:{P}:backup:{R}:{A}:backup-vault:{BackupVaultName}"},
	{namespaces: "AWS/DLM", dimensions: "DLMPolicyId", form: "arn:{P}:dlm:{R}:{A}:policy/{DLMPolicyId}"},
	{namespaces: "AWS/SES", dimensions: "ses:configuration-set", form: "arn:{P}:ses:{R}:{A}:configuration-set/{ses:configuration-set}"},
	// An agent's metric may name the group beside the instance.
	{namespaces: "*", dimensions: "InstanceId", form: "arn:{P}:ec2:{R}:{A}:instance/{InstanceId}"},
	{namespaces: "*", dimensions: "AutoScalingGroupName", byName: groupType + " AutoScalingGroupName"},
}

// rows of the table by namespace, those of any namespace last.
var rows = func() map[string][]place {
	out := map[string][]place{}
	for _, p := range places {
		p.needs = strings.Fields(p.dimensions)
		for _, n := range strings.Fields(p.namespaces) {
			out[n] = append(out[n], p)
		}
	}
	return out
}()

// of says whether the metric has a resource of this kind.
func (p place) of(m Metric) bool {
	for _, d := range p.needs {
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
	pairs := []string{"{P}", arn.Partition(region), "{R}", region, "{A}", m.Account}
	for n, v := range m.Dimensions {
		pairs = append(pairs, "{"+n+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace(form)
}

// placeOf is the first row that fits.
func placeOf(m Metric) (place, bool) {
	for _, n := range []string{m.Namespace, "*"} {
		for _, p := range rows[n] {
			if p.of(m) {
				return p, true
			}
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
