package policydocuments

import (
	"fmt"
	"strings"

	"github.com/trailkeep/trailkeep/awspolicy"
)

// TrailRoleTrust lets CloudTrail assume the role that writes to the log group.
func TrailRoleTrust(d Delivery) awspolicy.Document {
	return awspolicy.Document{Statements: []awspolicy.Statement{{
		Sid: "CloudTrail", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
		Reason:     "Only our trail may borrow the role: without the source a stranger's trail that knows the role's ARN could write into the log group.",
		Actions:    []string{"sts:AssumeRole"},
		Conditions: []awspolicy.Condition{condition("StringEquals", "aws:SourceArn", d.Trail.ARN())},
	}}}
}

// TrailRole is what that role may do: make and fill CloudTrail's own streams.
// Each account's events of an organization trail arrive in streams that start
// with the organization's id; without the second resource only the management
// account's are delivered, and nothing says so.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html
func TrailRole(d Delivery) awspolicy.Document {
	streams := []string{fmt.Sprintf("%s:log-stream:%s_CloudTrail_%s*", d.logGroupARN(), d.Trail.AccountID, d.Trail.Region)}
	if d.Trail.OrganizationID != "" {
		streams = append(streams, fmt.Sprintf("%s:log-stream:%s_*", d.logGroupARN(), d.Trail.OrganizationID))
	}
	return awspolicy.Document{Statements: []awspolicy.Statement{{
		Sid: "WriteLogStreams", Effect: awspolicy.Allow,
		Reason:  "CloudTrail creates a stream an account and region and puts events into it; it needs no right to the group itself.",
		Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resources: streams,
	}}}
}

// ReaderTrust says who may assume the reader role. A session of an IAM user
// needs MFA; a role, such as one of IAM Identity Center, is named by ARN and
// has had its MFA at the identity provider, which leaves no trace that a
// condition could test.
func ReaderTrust(a Archive) awspolicy.Document {
	var users, roles []string
	for _, reader := range a.Readers {
		if strings.Contains(reader, ":user/") {
			users = append(users, reader)
		} else {
			roles = append(roles, reader)
		}
	}
	var statements []awspolicy.Statement
	if len(users) > 0 {
		statements = append(statements, awspolicy.Statement{
			Sid: "UsersWithMFA", Effect: awspolicy.Allow, Principal: principals(users...),
			Reason:     "A stolen access key alone does not read the archive.",
			Actions:    []string{"sts:AssumeRole"},
			Conditions: []awspolicy.Condition{condition("Bool", "aws:MultiFactorAuthPresent", "true")},
		})
	}
	if len(roles) > 0 {
		statements = append(statements, awspolicy.Statement{
			Sid: "Roles", Effect: awspolicy.Allow, Principal: principals(roles...),
			Reason:  "Roles of single sign-on have their MFA at the identity provider.",
			Actions: []string{"sts:AssumeRole"},
		})
	}
	if len(statements) == 0 {
		statements = append(statements, awspolicy.Statement{
			Sid: "Nobody", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "No reader is named in the configuration; a role needs a trust policy all the same.",
			Actions: []string{"sts:AssumeRole"},
		})
	}
	return awspolicy.Document{Statements: statements}
}

// Reader is what the reader role's own policy grants it: the replica. The
// archive's bucket and key name the role themselves, which suffices within one
// account.
func Reader(a Archive) awspolicy.Document {
	r := *a.Replica
	statements := []awspolicy.Statement{
		{
			Sid: "ReadReplicaObjects", Effect: awspolicy.Allow,
			Reason:  "Responders read the copy when the archive cannot be reached.",
			Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: []string{r.bucketARN() + "/*"},
		},
		{
			Sid: "ReadReplicaBucket", Effect: awspolicy.Allow,
			Reason:  "Listing comes before reading.",
			Actions: []string{"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"}, Resources: []string{r.bucketARN()},
		},
	}
	if r.AccountID != a.AccountID {
		statements = append(statements, awspolicy.Statement{
			Sid: "DecryptReplica", Effect: awspolicy.Allow,
			Reason:  "Across accounts the key's own policy does not suffice.",
			Actions: []string{"kms:Decrypt"}, Resources: []string{r.KeyARN},
		})
	}
	return awspolicy.Document{Statements: statements}
}

// ReplicationTrust lets S3 assume the replication role, for the log bucket.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
func ReplicationTrust(a Archive) awspolicy.Document {
	return awspolicy.Document{Statements: []awspolicy.Statement{{
		Sid: "S3", Effect: awspolicy.Allow, Principal: service(s3Service),
		Reason:  "S3 replicates as this role, on behalf of our log bucket and no other.",
		Actions: []string{"sts:AssumeRole"},
		Conditions: []awspolicy.Condition{
			condition("ArnEquals", "aws:SourceArn", a.bucketARN()),
			condition("StringEquals", "aws:SourceAccount", a.AccountID),
		},
	}}}
}

// Replication is what the replication role may do: read the archive's versions,
// write replicas. It may replicate no delete.
func Replication(a Archive) awspolicy.Document {
	r := *a.Replica
	statements := []awspolicy.Statement{
		{
			Sid: "ReadConfiguration", Effect: awspolicy.Allow,
			Reason:  "S3 reads the rules and lists the archive.",
			Actions: []string{"s3:GetReplicationConfiguration", "s3:ListBucket"}, Resources: []string{a.bucketARN()},
		},
		{
			Sid: "ReadVersions", Effect: awspolicy.Allow,
			Reason:  "S3 reads the version that it copies, with its ACL, tags and, where there are any, its locks.",
			Actions: []string{"s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold"},
			Resources: []string{
				a.bucketARN() + "/*",
			},
		},
		{
			Sid: "WriteReplicas", Effect: awspolicy.Allow,
			Reason:  "Copies and their tags; s3:ReplicateDelete is left out, so that no delete ever travels.",
			Actions: []string{"s3:ReplicateObject", "s3:ReplicateTags"}, Resources: []string{r.bucketARN() + "/*"},
		},
	}
	if r.AccountID != a.AccountID {
		statements = append(statements, awspolicy.Statement{
			Sid: "EncryptReplicas", Effect: awspolicy.Allow,
			Reason:  "Across accounts the key's policy alone does not suffice.",
			Actions: []string{"kms:Encrypt", "kms:GenerateDataKey"}, Resources: []string{r.KeyARN},
			Conditions: []awspolicy.Condition{condition("StringEquals", "kms:ViaService", s3Endpoint(r.Region))},
		})
	}
	return awspolicy.Document{Statements: statements}
}
