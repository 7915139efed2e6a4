package main

const about = `awsfake answers as AWS does, on loopback only: CloudWatch, CloudWatch Logs
reads, STS, SNS Publish, tagging, EC2 and Auto Scaling reads, SSM instance data
and OpsItems, in the protocols of the SDKs. Point a client at it with its
endpoint URL; the access key names the account, the signature's scope the
region. At the end it says what was asked.

  awsfake --accounts 3 --regions ap-northeast-1,us-east-1 --series 400
  awsfake --world world.yaml --faults faults.yaml --start 2026-11-20T12:00:00Z --speed 60

`

const files = `
A world:

  limits:                                # token buckets of each region of each account
    cloudwatch:GetMetricData: 50         # calls a second
  accounts:
  - id: "111122223333"
    roles: [{name: kizashi, external_id: word}]
    deny: [ec2:DescribeInstances]        # or cloudwatch:*
    disabled: [eu-west-1]                # regions
    linked: ["444455556666"]             # whose metrics it sees: a monitoring account
    regions:
      ap-northeast-1:
        metrics:
        - {namespace: AWS/EC2, name: CPUUtilization, dimensions: {InstanceId: i-1},
           unit: Percent, period: 1m, base: 40, swing: 20, noise: 3, seed: 1,
           from: 2026-01-01T00:00:00Z, to: 2026-12-01T00:00:00Z}
        instances: [{id: i-1, type: m7i.large, state: running, tags: {system: shop}}]
        groups:
        - {name: web, min: 1, max: 4, desired: 2, members: [{id: i-1, lifecycle: InService, health: Healthy}],
           activities: [{id: a-1, status: Failed, message: no capacity, started: 2026-11-20T11:00:00Z}]}
        agents: [{instance: i-1, ping: Online, version: 3.3.0}]
        tagged: [{arn: "arn:aws:sqs:ap-northeast-1:111122223333:q", tags: {system: shop}}]
        logs: [{group: /app, stream: one, at: 2026-11-20T11:00:00Z, message: it broke}]

A value of a metric is base, up and down by swing over a day, and noise.

Faults, a list; each says which calls (account, region, service, op, from,
until, times) and what happens. With times it is an event: one a call, in
order. Without, a condition: all that fit apply.

  deny, throttle, down                 access denied; throttled; 503
  error, status, note                  any error code, its HTTP status, a text
  lapse, skew: 10m                     session credentials lapse; its clock is wrong
  slow: 30s, cut, cut_in, gone, silent the connection: slow, cut before or in the answer, reset, no answer
  empty, points: 100, split: 10        empty pages; pages cut short; metrics spread over pages
  result: InternalError, omit          results without values; left out
  message: MaxMetricsExceeded          a message about the whole call
  late: 5m                             points come later
  revised: 0.5, revised_for: 5m        young points are told at half
  unlisted: 1h                         new metrics are listed later still
  metric: CPUUtilization               result, omit, late and revised for this metric alone
`
