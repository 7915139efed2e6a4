package arn

import "testing"

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{"ap-northeast-1": "aws", "cn-north-1": "aws-cn", "us-gov-east-1": "aws-us-gov", "": "aws"} {
		if got := Partition(region); got != want {
			t.Errorf("%s lies in %s, want %s", region, got, want)
		}
	}
}
