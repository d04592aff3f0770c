package config

import (
	"slices"
	"strings"
)

// partitions lists the regions of the partitions in which AWS Organizations
// and organization trails exist. Source: partitions.json of the AWS SDK for Go
// (internal/endpoints/awsrulesfn, core v1.48.0); botocore carries the same
// file. The partition decides every ARN, so a region that is not listed here
// cannot be guessed: add it when AWS opens one.
var partitions = []struct {
	name    string
	regions []string
}{
	{"aws", []string{
		"af-south-1",
		"ap-east-1", "ap-east-2",
		"ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
		"ap-south-1", "ap-south-2",
		"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4",
		"ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
		"ca-central-1", "ca-west-1",
		"eu-central-1", "eu-central-2",
		"eu-north-1",
		"eu-south-1", "eu-south-2",
		"eu-west-1", "eu-west-2", "eu-west-3",
		"il-central-1",
		"me-central-1", "me-south-1", "me-west-1",
		"mx-central-1",
		"sa-east-1", "sa-west-1",
		"us-east-1", "us-east-2", "us-west-1", "us-west-2",
	}},
	{"aws-cn", []string{"cn-north-1", "cn-northwest-1"}},
	{"aws-us-gov", []string{"us-gov-east-1", "us-gov-west-1"}},
}

// PartitionOf returns the partition of a region, such as aws for eu-central-1,
// or "" for a region that is not known.
func PartitionOf(region string) string {
	for _, partition := range partitions {
		if slices.Contains(partition.regions, region) {
			return partition.name
		}
	}
	return ""
}

// Regions returns the names of all known regions, in order of the alphabet
// within their partition.
func Regions() []string {
	var names []string
	for _, partition := range partitions {
		names = append(names, partition.regions...)
	}
	return names
}

func checkRegion(found string) *fault {
	if PartitionOf(found) != "" {
		return nil
	}
	f := &fault{
		message: "is no region that Trailkeep knows",
		allowed: "a region of the partitions aws, aws-cn and aws-us-gov, such as eu-central-1",
		nearest: nearest(found, Regions()),
	}
	if zone := strings.TrimRight(found, "abcdef"); zone != found && PartitionOf(zone) != "" {
		f.message, f.nearest = "is an availability zone, not a region", zone
	}
	return f
}
