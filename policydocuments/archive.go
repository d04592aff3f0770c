package policydocuments

import (
	"strings"

	"github.com/trailkeep/trailkeep/awspolicy"
)

// Archive is what the documents of the log archive are computed from.
type Archive struct {
	Trail     Trail
	AccountID string // the account that owns bucket and key
	Region    string
	Bucket    string
	Prefix    string // key prefix before AWSLogs/, without slashes at its ends
	KeyARN    string // the log key
	// AccessLogBucket receives the server access logs of Bucket.
	AccessLogBucket string
	// DeployRoleARN and BreakGlassRoleARN may change what DenyReconfigure and
	// its like keep from everybody else. ARNs, not ids: they survive a
	// recreated role.
	DeployRoleARN     string
	BreakGlassRoleARN string
	ReaderRoleARN     string
	// Readers are the IAM users and roles that may assume the reader role.
	Readers []string
	// Replica, when set, is the second copy.
	Replica *Replica
	// Disposable leaves out DenyDestroy and DenyKeyLoss.
	Disposable bool
}

// Replica is the second copy of the archive.
type Replica struct {
	AccountID       string
	Region          string
	Bucket          string
	AccessLogBucket string
	KeyARN          string
	RoleARN         string // the replication role, in the archive's account
	// DeployRoleARN and BreakGlassRoleARN in the replica's account.
	DeployRoleARN     string
	BreakGlassRoleARN string
}

func (a Archive) bucketARN() string { return BucketARN(a.Region, a.Bucket) }

// logPrefix is the ARN under which CloudTrail writes the objects of one
// account or of the organization.
func (a Archive) logPrefix(owner string) string {
	prefix := ""
	if a.Prefix != "" {
		prefix = strings.Trim(a.Prefix, "/") + "/"
	}
	return a.bucketARN() + "/" + prefix + "AWSLogs/" + owner + "/*"
}

func (r Replica) bucketARN() string { return BucketARN(r.Region, r.Bucket) }

// The service principals that the archive trusts.
const (
	cloudTrailService = "cloudtrail.amazonaws.com"
	s3LoggingService  = "logging.s3.amazonaws.com"
	s3Service         = "s3.amazonaws.com"
)

var everyone = &awspolicy.Principal{Everyone: true}

func service(name string) *awspolicy.Principal {
	return &awspolicy.Principal{Service: []string{name}}
}

func principals(arns ...string) *awspolicy.Principal {
	return &awspolicy.Principal{AWS: arns}
}

func condition(operator, key string, values ...string) awspolicy.Condition {
	return awspolicy.Condition{Operator: operator, Key: key, Values: values}
}

// LogBucket is the policy of the log bucket.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func LogBucket(a Archive) awspolicy.Document {
	bucket, objects := a.bucketARN(), a.bucketARN()+"/*"
	fromTrail := condition("StringEquals", "aws:SourceArn", a.Trail.ARN())
	write := func(sid, reason, owner string) awspolicy.Statement {
		return awspolicy.Statement{
			Sid: sid, Reason: reason, Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Actions: []string{"s3:PutObject"}, Resources: []string{a.logPrefix(owner)},
			Conditions: []awspolicy.Condition{fromTrail, condition("StringEquals", "s3:x-amz-acl", "bucket-owner-full-control")},
		}
	}

	statements := []awspolicy.Statement{
		{
			Sid: "AclCheck", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Reason:  "CloudTrail reads the bucket's ACL before it delivers; only our trail may, so that nobody else's trail learns of the bucket.",
			Actions: []string{"s3:GetBucketAcl"}, Resources: []string{bucket},
			Conditions: []awspolicy.Condition{fromTrail},
		},
		write("WriteMgmt", "CreateTrail tries a write under the trail's own account before anything else, also for an organization trail (aws/aws-cdk#22267).", a.Trail.AccountID),
	}
	if a.Trail.OrganizationID != "" {
		statements = append(statements,
			write("WriteOrg", "Log files of the whole organization lie under the organization's id.", a.Trail.OrganizationID))
	}
	statements = append(statements, readStatements(a.ReaderRoleARN, bucket)...)
	statements = append(statements, transportStatements(bucket)...)
	statements = append(statements, a.outsiderStatement(bucket))
	statements = append(statements, a.foreignServiceStatement(objects),
		awspolicy.Statement{
			Sid: "OnlyCloudTrailWrites", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "A forged log file is as bad as a deleted one: no principal but CloudTrail writes, not the account's administrators either.",
			Actions: []string{"s3:PutObject"}, Resources: []string{objects},
			Conditions: []awspolicy.Condition{condition("StringNotEquals", "aws:PrincipalServiceName", cloudTrailService)},
		},
		wrongKeyStatement("s3:PutObject", objects, a.KeyARN))
	return awspolicy.Document{Statements: append(statements, lockStatements(bucket, a.DeployRoleARN, a.BreakGlassRoleARN, AccountARN(a.Region, a.AccountID), a.Disposable)...)}
}

func readStatements(reader, bucket string) []awspolicy.Statement {
	return []awspolicy.Statement{
		{
			Sid: "ReadObjects", Effect: awspolicy.Allow, Principal: principals(reader),
			Reason:  "Responders and auditors read log files through one named role; nobody else can.",
			Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: []string{bucket + "/*"},
		},
		{
			Sid: "ReadBucket", Effect: awspolicy.Allow, Principal: principals(reader),
			Reason:  "Validation lists digests and asks for the region; with ListBucket a missing object is a 404, not a 403 that looks like a lost permission.",
			Actions: []string{"s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"}, Resources: []string{bucket},
		},
	}
}

// transportStatements are two, since the keys of one statement are ANDed:
// plain HTTP has no TLS version and would pass a combined one.
func transportStatements(bucket string) []awspolicy.Statement {
	both := []string{bucket, bucket + "/*"}
	return []awspolicy.Statement{
		{
			Sid: "DenyPlainHTTP", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "Log files name people and addresses; they do not travel in the clear (CIS 2.1.1, in v6.0 and v7.0 3.1.1).",
			Actions: []string{"s3:*"}, Resources: both,
			Conditions: []awspolicy.Condition{condition("Bool", "aws:SecureTransport", "false")},
		},
		{
			Sid: "DenyOldTLS", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "TLS 1.0 and 1.1 are broken; a statement of its own, since a plain HTTP request has no TLS version to compare.",
			Actions: []string{"s3:*"}, Resources: both,
			Conditions: []awspolicy.Condition{condition("NumericLessThan", "s3:TlsVersion", "1.2")},
		},
	}
}

func (a Archive) outsiderStatement(bucket string) awspolicy.Statement {
	s := awspolicy.Statement{
		Sid: "DenyOutsideOrg", Effect: awspolicy.Deny, Principal: everyone,
		Reason:  "A careless Allow added later still opens the archive to nobody outside the organization. AWS services have no organization and are bound by the next statements; an anonymous request lacks the key, hence IfExists.",
		Actions: []string{"s3:*"}, Resources: []string{bucket, bucket + "/*"},
		Conditions: []awspolicy.Condition{
			condition("StringNotEquals", "aws:PrincipalOrgID", a.Trail.OrganizationID),
			condition("BoolIfExists", "aws:PrincipalIsAWSService", "false"),
		},
	}
	if a.Trail.OrganizationID == "" {
		s.Sid = "DenyOutsideAccount"
		s.Reason = "A careless Allow added later still opens the archive to nobody outside the account. AWS services are bound by the next statements; an anonymous request lacks the key, hence IfExists."
		s.Conditions[0] = condition("StringNotEquals", "aws:PrincipalAccount", a.AccountID)
	}
	return s
}

// foreignServiceStatement closes the confused deputy: a service that acts for
// somebody else's resource. The Null guard lets a request without the key
// pass, since CreateTrail's own check may lack it.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
func (a Archive) foreignServiceStatement(objects string) awspolicy.Statement {
	key, value := "aws:SourceOrgID", a.Trail.OrganizationID
	if value == "" {
		key, value = "aws:SourceAccount", a.AccountID
	}
	return awspolicy.Statement{
		Sid: "DenyForeignService", Effect: awspolicy.Deny, Principal: everyone,
		Reason:  "An AWS service that acts for a stranger (their trail, their inventory) must not write here, even if an Allow added later forgets to name the source.",
		Actions: []string{"s3:PutObject"}, Resources: []string{objects},
		Conditions: []awspolicy.Condition{
			condition("Bool", "aws:PrincipalIsAWSService", "true"),
			condition("StringNotEquals", key, value),
			condition("Null", key, "false"),
		},
	}
}

// wrongKeyStatement never requires the header: CreateTrail's check and, in
// older regions, digest files come without it, and the bucket's default
// encryption then applies. It only refuses a key that is not ours.
func wrongKeyStatement(action, objects, keyARN string) awspolicy.Statement {
	const header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
	return awspolicy.Statement{
		Sid: "DenyWrongKey", Effect: awspolicy.Deny, Principal: everyone,
		Reason:  "An object under somebody else's key is one that they can make unreadable. A request without the header gets the bucket's key and passes.",
		Actions: []string{action}, Resources: []string{objects},
		Conditions: []awspolicy.Condition{
			condition("Null", header, "false"),
			condition("StringNotEquals", header, keyARN),
		},
	}
}

// lockStatements keep objects and settings as they are.
func lockStatements(bucket, deploy, breakGlass, accountRoot string, disposable bool) []awspolicy.Statement {
	var statements []awspolicy.Statement
	if !disposable {
		statements = append(statements, awspolicy.Statement{
			Sid: "DenyDestroy", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "Nobody deletes evidence, the deploy and break-glass roles included; a plain delete would hide a log behind a marker. Lifecycle rules are not requests and still expire what its retention has outlived.",
			Actions: []string{"s3:DeleteObject", "s3:DeleteObjectVersion", "s3:DeleteBucket", "s3:BypassGovernanceRetention", "s3:PutObjectRetention", "s3:PutObjectLegalHold", "s3:ReplicateDelete"},
			Resources: []string{
				bucket, bucket + "/*",
			},
		})
	}
	return append(statements,
		awspolicy.Statement{
			Sid: "DenyReconfigure", Effect: awspolicy.Deny, Principal: everyone,
			Reason: "An administrator of this account must not be able to expire, unlock, re-encrypt, publish or stop logging the archive. The deploy role is exempt, or the next up would be locked out; the account's root user can always replace a bucket policy, only a guardrail stops that.",
			Actions: []string{
				"s3:PutLifecycleConfiguration", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutEncryptionConfiguration",
				"s3:PutBucketLogging", "s3:PutBucketPublicAccessBlock", "s3:PutBucketOwnershipControls", "s3:PutReplicationConfiguration",
				"s3:PutBucketObjectLockConfiguration", "s3:PutBucketAcl", "s3:PutBucketRequestPayment",
			},
			Resources:  []string{bucket},
			Conditions: []awspolicy.Condition{condition("ArnNotEquals", "aws:PrincipalArn", deploy, breakGlass)},
		},
		awspolicy.Statement{
			Sid: "DenyVersioning", Effect: awspolicy.Deny, Principal: everyone,
			Reason:     "Suspended versioning makes an overwrite final. The account's root user is exempt besides the roles, since only it can switch MFA delete on.",
			Actions:    []string{"s3:PutBucketVersioning"},
			Resources:  []string{bucket},
			Conditions: []awspolicy.Condition{condition("ArnNotEquals", "aws:PrincipalArn", deploy, breakGlass, accountRoot)},
		})
}

// AccessLogBucket is the policy of the bucket that receives the server access
// logs of source. Log delivery is a service principal; ACL grants to the log
// delivery group no longer work on a bucket with ACLs disabled.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func AccessLogBucket(a Archive) awspolicy.Document {
	return accessLogBucket(a, a.Region, a.AccountID, a.AccessLogBucket, a.Bucket, a.DeployRoleARN, a.BreakGlassRoleARN)
}

// ReplicaAccessLogBucket is the same for the replica, whose access logs have to
// stay in its own region and account.
func ReplicaAccessLogBucket(a Archive) awspolicy.Document {
	r := *a.Replica
	return accessLogBucket(a, r.Region, r.AccountID, r.AccessLogBucket, r.Bucket, r.DeployRoleARN, r.BreakGlassRoleARN)
}

func accessLogBucket(a Archive, region, accountID, bucketName, source, deploy, breakGlass string) awspolicy.Document {
	bucket := BucketARN(region, bucketName)
	statements := []awspolicy.Statement{{
		Sid: "WriteAccessLogs", Effect: awspolicy.Allow, Principal: service(s3LoggingService),
		Reason:  "S3 delivers access logs as a service principal; only those of the log bucket, and only for this account.",
		Actions: []string{"s3:PutObject"}, Resources: []string{bucket + "/*"},
		Conditions: []awspolicy.Condition{
			condition("ArnEquals", "aws:SourceArn", BucketARN(region, source)),
			condition("StringEquals", "aws:SourceAccount", accountID),
		},
	}}
	statements = append(statements, transportStatements(bucket)...)
	statements = append(statements, a.outsiderStatement(bucket))
	return awspolicy.Document{Statements: append(statements, lockStatements(bucket, deploy, breakGlass, AccountARN(region, accountID), a.Disposable)...)}
}

// ReplicaBucket is the policy of the replica. Replication writes with
// s3:ReplicateObject, not s3:PutObject.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-walkthrough-2.html
func ReplicaBucket(a Archive) awspolicy.Document {
	r := *a.Replica
	bucket, objects := r.bucketARN(), r.bucketARN()+"/*"
	var statements []awspolicy.Statement
	if r.AccountID != a.AccountID {
		statements = append(statements, awspolicy.Statement{
			Sid: "Replicate", Effect: awspolicy.Allow, Principal: principals(r.RoleARN),
			Reason:  "Across accounts the bucket has to grant what the replication role's own policy grants.",
			Actions: []string{"s3:ReplicateObject", "s3:ReplicateTags"}, Resources: []string{objects},
		})
		statements = append(statements, readStatements(a.ReaderRoleARN, bucket)...)
	}
	statements = append(statements, transportStatements(bucket)...)
	statements = append(statements, a.outsiderStatement(bucket),
		awspolicy.Statement{
			Sid: "OnlyReplicationWrites", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "A forged log file in the copy is as bad as one in the archive: only the replication role writes, and only as a replica.",
			Actions: []string{"s3:PutObject", "s3:ReplicateObject", "s3:ReplicateTags"}, Resources: []string{objects},
			Conditions: []awspolicy.Condition{condition("ArnNotEquals", "aws:PrincipalArn", r.RoleARN)},
		},
		wrongKeyStatement("s3:ReplicateObject", objects, r.KeyARN))
	return awspolicy.Document{Statements: append(statements, lockStatements(bucket, r.DeployRoleARN, r.BreakGlassRoleARN, AccountARN(r.Region, r.AccountID), a.Disposable)...)}
}
