package policydocuments

import (
	"fmt"

	"github.com/trailkeep/trailkeep/awspolicy"
)

// keyAdministration are the acts of keeping a key, without any of using it:
// who administers the key cannot read the logs.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
var keyAdministration = []string{
	"kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DisableKey", "kms:DisableKeyRotation", "kms:EnableKey",
	"kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource",
	"kms:UpdateAlias", "kms:UpdateKeyDescription",
}

var keyInspection = []string{
	"kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
	"kms:ListKeyRotations", "kms:ListResourceTags",
}

// administrationStatements open a key policy. The account principal means
// everybody in the account whom an identity policy allows, so the condition
// narrows it to the two roles, by name.
func administrationStatements(account, deploy, breakGlass string) []awspolicy.Statement {
	return []awspolicy.Statement{
		{
			Sid: "Admin", Effect: awspolicy.Allow, Principal: principals(account),
			Reason:  "Named roles keep the key and cannot use it. Named by condition and not as principal: a principal turns into a dead id when the role is recreated, and there is no root override for a key policy.",
			Actions: keyAdministration, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("ArnEquals", "aws:PrincipalArn", deploy, breakGlass)},
		},
		{
			Sid: "Inspect", Effect: awspolicy.Allow, Principal: principals(account),
			Reason:  "Whoever in the account an identity policy allows may look at the key's state and policy, but not change or use it: auditors, AWS Config and posture checkers need no more.",
			Actions: keyInspection, Resources: []string{"*"},
		},
	}
}

func keyDenyStatements(deploy, breakGlass string, disposable bool) []awspolicy.Statement {
	var statements []awspolicy.Statement
	if !disposable {
		statements = append(statements, awspolicy.Statement{
			Sid: "DenyKeyLoss", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "Deleting the key shreds every log that it encrypts, locked or not, and disabling it stops delivery: break-glass only, not the deploy role.",
			Actions: []string{"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DeleteImportedKeyMaterial"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("ArnNotEquals", "aws:PrincipalArn", breakGlass)},
		})
	}
	return append(statements, awspolicy.Statement{
		Sid: "DenyPolicyChange", Effect: awspolicy.Deny, Principal: everyone,
		Reason:  "Also a grant cannot widen who uses the key. The deploy role is exempt: KMS refuses a policy whose maker could not change it again.",
		Actions: []string{"kms:PutKeyPolicy", "kms:DisableKeyRotation", "kms:CreateGrant"}, Resources: []string{"*"},
		Conditions: []awspolicy.Condition{condition("ArnNotEquals", "aws:PrincipalArn", deploy, breakGlass)},
	})
}

// LogKey is the policy of the key that encrypts the log files, in the archive's
// account and region.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
func LogKey(a Archive) awspolicy.Document {
	fromTrail := condition("StringEquals", "aws:SourceArn", a.Trail.ARN())
	statements := administrationStatements(AccountARN(a.Region, a.AccountID), a.DeployRoleARN, a.BreakGlassRoleARN)
	statements = append(statements,
		awspolicy.Statement{
			Sid: "Encrypt", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Reason:  "CloudTrail makes a data key for each log file; only for our trail, and only for objects whose encryption context names a trail of the trail's account.",
			Actions: []string{"kms:GenerateDataKey*"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{
				fromTrail,
				condition("StringLike", "kms:EncryptionContext:aws:cloudtrail:arn",
					fmt.Sprintf("arn:%s:cloudtrail:*:%s:trail/*", Partition(a.Trail.Region), a.Trail.AccountID)),
			},
		},
		awspolicy.Statement{
			Sid: "Describe", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Reason:  "CreateTrail and UpdateTrail look at the key before they accept it.",
			Actions: []string{"kms:DescribeKey"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{fromTrail},
		},
		awspolicy.Statement{
			Sid: "DecryptForUpdate", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Reason:  "AWS asks for it to create or update a trail; delivery itself never decrypts.",
			Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{fromTrail},
		},
		awspolicy.Statement{
			Sid: "Readers", Effect: awspolicy.Allow, Principal: principals(a.ReaderRoleARN),
			Reason:  "The reader role decrypts what CloudTrail wrote (the context names a trail) and nothing else under this key.",
			Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("Null", "kms:EncryptionContext:aws:cloudtrail:arn", "false")},
		})
	if a.Replica != nil {
		statements = append(statements, awspolicy.Statement{
			Sid: "Replication", Effect: awspolicy.Allow, Principal: principals(a.Replica.RoleARN),
			Reason:  "S3 decrypts an object to replicate it; the role can do so through S3 alone.",
			Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("StringEquals", "kms:ViaService", s3Endpoint(a.Region))},
		})
	}
	return awspolicy.Document{Statements: append(statements, keyDenyStatements(a.DeployRoleARN, a.BreakGlassRoleARN, a.Disposable)...)}
}

// ReplicaKey is the policy of the key that encrypts the replica, in the
// replica's account and region.
func ReplicaKey(a Archive) awspolicy.Document {
	r := *a.Replica
	statements := administrationStatements(AccountARN(r.Region, r.AccountID), r.DeployRoleARN, r.BreakGlassRoleARN)
	statements = append(statements,
		awspolicy.Statement{
			Sid: "Replication", Effect: awspolicy.Allow, Principal: principals(r.RoleARN),
			Reason:  "S3 encrypts each copy under the replica's key; the role can do so through S3 alone.",
			Actions: []string{"kms:Encrypt", "kms:GenerateDataKey"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("StringEquals", "kms:ViaService", s3Endpoint(r.Region))},
		},
		awspolicy.Statement{
			Sid: "Readers", Effect: awspolicy.Allow, Principal: principals(a.ReaderRoleARN),
			Reason:  "The reader role reads the copy when the archive cannot be reached, through S3 alone.",
			Actions: []string{"kms:Decrypt"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("StringEquals", "kms:ViaService", s3Endpoint(r.Region))},
		})
	return awspolicy.Document{Statements: append(statements, keyDenyStatements(r.DeployRoleARN, r.BreakGlassRoleARN, a.Disposable)...)}
}

func s3Endpoint(region string) string {
	return "s3." + region + "." + dnsSuffix(region)
}

// dnsSuffix is the suffix of service endpoints in a region's partition.
func dnsSuffix(region string) string {
	switch Partition(region) {
	case "aws-cn":
		return "amazonaws.com.cn"
	case "aws-eusc":
		return "amazonaws.eu"
	case "aws-iso":
		return "c2s.ic.gov"
	case "aws-iso-b":
		return "sc2s.sgov.gov"
	default:
		return "amazonaws.com"
	}
}

// Delivery is what the documents of the trail's own account are computed from.
type Delivery struct {
	Trail    Trail
	LogGroup string // name
	// Topic is the name of the delivery topic; empty without one.
	Topic             string
	DeployRoleARN     string // in the trail's account
	BreakGlassRoleARN string
	Disposable        bool
}

func (d Delivery) logGroupARN() string {
	return LogGroupARN(d.Trail.Region, d.Trail.AccountID, d.LogGroup)
}

// DeliveryKey is the policy of the key in the trail's account that encrypts the
// log group and, where there is one, the delivery topic.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func DeliveryKey(d Delivery) awspolicy.Document {
	statements := administrationStatements(AccountARN(d.Trail.Region, d.Trail.AccountID), d.DeployRoleARN, d.BreakGlassRoleARN)
	statements = append(statements, awspolicy.Statement{
		Sid: "LogGroup", Effect: awspolicy.Allow,
		Principal:  service("logs." + d.Trail.Region + "." + dnsSuffix(d.Trail.Region)),
		Reason:     "CloudWatch Logs encrypts and reads the events of this log group; the context names the group, so that no other group can use the key.",
		Actions:    []string{"kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"},
		Resources:  []string{"*"},
		Conditions: []awspolicy.Condition{condition("ArnEquals", "kms:EncryptionContext:aws:logs:arn", d.logGroupARN())},
	})
	if d.Topic != "" {
		statements = append(statements, awspolicy.Statement{
			Sid: "Topic", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Reason:  "CloudTrail publishes to an encrypted topic only if it may use the topic's key; with the AWS managed key it could not.",
			Actions: []string{"kms:GenerateDataKey*", "kms:Decrypt"}, Resources: []string{"*"},
			Conditions: []awspolicy.Condition{condition("StringEquals", "aws:SourceArn", d.Trail.ARN())},
		})
	}
	return awspolicy.Document{Statements: append(statements, keyDenyStatements(d.DeployRoleARN, d.BreakGlassRoleARN, d.Disposable)...)}
}

// DeliveryTopic is the policy of the SNS topic that is told of each delivered
// log file.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-permissions-for-sns-notifications.html
func DeliveryTopic(d Delivery) awspolicy.Document {
	topic := TopicARN(d.Trail.Region, d.Trail.AccountID, d.Topic)
	return awspolicy.Document{Statements: []awspolicy.Statement{
		{
			Sid: "Publish", Effect: awspolicy.Allow, Principal: service(cloudTrailService),
			Reason:  "CloudTrail announces each delivered file; only for our trail, so that no stranger's trail can feed whoever listens.",
			Actions: []string{"sns:Publish"}, Resources: []string{topic},
			Conditions: []awspolicy.Condition{condition("StringEquals", "aws:SourceArn", d.Trail.ARN())},
		},
		{
			Sid: "DenyPlainHTTP", Effect: awspolicy.Deny, Principal: everyone,
			Reason:  "Messages name accounts, regions and objects; they do not travel in the clear.",
			Actions: []string{"sns:Publish"}, Resources: []string{topic},
			Conditions: []awspolicy.Condition{condition("Bool", "aws:SecureTransport", "false")},
		},
	}}
}
