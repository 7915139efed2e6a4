// Package arn knows the names that AWS gives its parts, for those who may not
// know the SDK.
package arn

import "strings"

// Partition is the part of AWS that a region belongs to, as ARNs name it: aws,
// aws-cn or aws-us-gov.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
