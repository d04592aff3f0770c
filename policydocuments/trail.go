// Package policydocuments holds every IAM policy document that Trailkeep
// writes, as values with a reason for each statement.
//
// It is content: it knows what the audit trail needs and which mistake each
// statement prevents, and it builds on awspolicy, which knows the language. It
// knows nothing of Pulumi, so that plan, review, preflight and tests read the
// same documents that an `up` writes. Everything here is computed from values
// that are known before anything exists (account ids, names, regions), with
// one exception, the ARN of a KMS key.
package policydocuments

import (
	"fmt"
	"strings"
)

// Trail identifies a trail, also one that does not exist yet.
type Trail struct {
	// AccountID is the account that owns the trail: the management account of
	// an organization, also when a delegated administrator creates it.
	AccountID string
	Region    string // home region
	Name      string
	// OrganizationID (o-exampleorgid) makes it an organization trail; empty
	// for the trail of a single account.
	OrganizationID string
}

// ARN is the trail's ARN. The name is fixed by configuration, so that policies
// can name the ARN before the trail is made (aws/aws-cdk#31400).
func (t Trail) ARN() string {
	return fmt.Sprintf("arn:%s:cloudtrail:%s:%s:trail/%s", Partition(t.Region), t.Region, t.AccountID, t.Name)
}

// Partition is the AWS partition of a region. It follows from the region's
// name, so that no provider has to be asked.
// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	case strings.HasPrefix(region, "eusc-"):
		return "aws-eusc"
	case strings.HasPrefix(region, "us-iso-"):
		return "aws-iso"
	case strings.HasPrefix(region, "us-isob-"):
		return "aws-iso-b"
	default:
		return "aws"
	}
}

// BucketARN is the ARN of an S3 bucket in the partition of a region.
func BucketARN(region, bucket string) string {
	return fmt.Sprintf("arn:%s:s3:::%s", Partition(region), bucket)
}

// RoleARN is the ARN of an IAM role. The name may carry a path, such as
// infra/TrailkeepDeploy.
func RoleARN(region, accountID, name string) string {
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", Partition(region), accountID, strings.TrimPrefix(name, "/"))
}

// AccountARN is the principal that stands for a whole account.
func AccountARN(region, accountID string) string {
	return fmt.Sprintf("arn:%s:iam::%s:root", Partition(region), accountID)
}

// LogGroupARN is the ARN of a CloudWatch Logs group, without the trailing :*
// that CloudTrail wants.
func LogGroupARN(region, accountID, name string) string {
	return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", Partition(region), region, accountID, name)
}

// TopicARN is the ARN of an SNS topic.
func TopicARN(region, accountID, name string) string {
	return fmt.Sprintf("arn:%s:sns:%s:%s:%s", Partition(region), region, accountID, name)
}
