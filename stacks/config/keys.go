package config

import "fmt"

// Namespace is the prefix of every key of the project in a stack file.
const Namespace = "trailkeep"

// Type is what a key holds, by the name that errors and the reference use.
type Type string

// The types of configuration keys.
const (
	Text        Type = "text"
	Integer     Type = "integer"
	Boolean     Type = "boolean"
	TextList    Type = "list of text"
	TextMap     Type = "map of text"    // keys that the user chooses, such as tags
	Group       Type = "group"          // keys of its own below it
	ListOfGroup Type = "list of groups" // each element with keys of its own
)

// Key declares one configuration key. The decoder, the JSON Schema and the
// reference are all made from these declarations, so that they cannot differ.
type Key struct {
	// Path is the key without its namespace, such as archive.objectLock.mode;
	// "[]" stands for the elements of a list.
	Path string
	Type Type
	// Meaning is what the key decides.
	Meaning string
	// Default is what holds when the key is left out, as a reader would write
	// it; empty when there is none.
	Default string
	// Reason says why the default is what it is, or why the key is required.
	Reason string
	// Allowed says which values are accepted.
	Allowed string
	// Required keys must be set in the stack kinds that Stacks lists.
	Required bool
	// Stacks lists the stack kinds whose file may hold the key; nil means all.
	Stacks []Stack

	// field returns a pointer to the Go field. A group that is a pointer in
	// Config allocates it and returns nil.
	field func(*Config) any
	// fallback computes the default from the values already known; nil means
	// that the zero value is the default.
	fallback func(*Config) any
	// check judges one value: the text itself, or each text of a list.
	check func(string) *fault

	// pattern, values, least, most and longest express the check in JSON
	// Schema, as far as it can; values also drives the decoder.
	pattern     string
	values      []string
	least, most int // of an integer; of the number of elements in a list
	longest     int // characters
	unique      bool
	optional    bool // a group that is nil in Config when it is left out
}

// fault is what a check finds wrong with a value, without the place.
type fault struct {
	message, allowed, nearest, hint string
}

// archiveStacks keep the log bucket, trailStacks the trail; organizationStacks
// work for an organization.
var (
	archiveStacks      = []Stack{StackOrganization, StackArchive, StackAccount}
	trailStacks        = []Stack{StackOrganization, StackTrail, StackAccount}
	organizationStacks = []Stack{StackOrganization, StackArchive, StackTrail}
	managementStacks   = []Stack{StackOrganization, StackTrail}
)

// daysOf returns the days of as many years, counting each as a leap year, so
// that a period in days is never shorter than the same period in years.
func daysOf(years int) int { return 366 * years }

// Keys returns the declaration of every key, groups before their members, in
// the order in which a stack file reads well.
func Keys() []Key { return append([]Key(nil), keys...) }

var keys = []Key{
	{
		Path: "stack", Type: Text,
		Meaning: "which part of the audit trail this stack file deploys",
		Default: string(StackOrganization),
		Reason:  "one stack for both accounts needs the least coordination; archive and trail split it for teams that give nobody both accounts, account serves a single account without an organization",
		values:  []string{string(StackOrganization), string(StackArchive), string(StackTrail), string(StackAccount)},
		field:   func(c *Config) any { return &c.Stack },
		fallback: func(*Config) any {
			return StackOrganization
		},
	},
	{
		Path: "region", Type: Text, Required: true,
		Meaning: "home region of the trail and the archive; the trail records every region",
		Reason:  "the trail's ARN, which every policy names, holds it, so it can't be changed later without a new trail",
		Allowed: "a region of the partitions aws, aws-cn and aws-us-gov, such as eu-central-1",
		check:   checkRegion, values: Regions(),
		field: func(c *Config) any { return &c.Region },
	},
	{
		Path: "organization", Type: Group, Required: true, Stacks: organizationStacks, optional: true,
		Meaning: "the AWS organization whose accounts are recorded",
		Reason:  "its ids stand in every policy and are checked against AWS, so that a stack never lands in another organization",
		field:   func(c *Config) any { c.Organization = &Organization{}; return nil },
	},
	{
		Path: "organization.id", Type: Text, Required: true, Stacks: organizationStacks,
		Meaning: "the organization's id",
		Reason:  "bucket and key policies let in this organization alone",
		Allowed: "o- and 10 to 32 lower-case letters or digits, such as o-exampleorg1",
		pattern: organizationIDPattern,
		field:   func(c *Config) any { return &c.Organization.ID },
	},
	{
		Path: "organization.managementAccount", Type: Text, Required: true, Stacks: organizationStacks,
		Meaning: "the account that owns the organization and the trail",
		Reason:  "the trail's ARN holds it, and providers refuse any other account",
		Allowed: allowedAccount, pattern: accountPattern, check: checkAccount,
		field: func(c *Config) any { return &c.Organization.ManagementAccount },
	},
	{
		Path: "organization.auditAccount", Type: Text, Required: true, Stacks: organizationStacks,
		Meaning: "the account that keeps the logs, and nothing else",
		Reason:  "whoever takes over the management account must not reach the evidence",
		Allowed: allowedAccount + ", another than managementAccount", pattern: accountPattern, check: checkAccount,
		field: func(c *Config) any { return &c.Organization.AuditAccount },
	},
	{
		Path: "organization.manage", Type: Group, Stacks: managementStacks, optional: true,
		Meaning: "lets the stack import the organization and keep its trusted access and policy types",
		Default: "left out: the organization is only read",
		Reason:  "both lists are authoritative: what they leave out is switched off in the whole organization",
		field:   func(c *Config) any { c.Organization.Manage = &ManagedOrganization{}; return nil },
	},
	{
		Path: "organization.manage.serviceAccess", Type: TextList, Required: true, Stacks: managementStacks,
		Meaning: "every service principal with trusted access to the organization",
		Reason:  "a service that is left out loses its access; without cloudtrail.amazonaws.com the trail silently shrinks to one account",
		Allowed: "service principals such as config.amazonaws.com; cloudtrail.amazonaws.com is among them",
		pattern: servicePrincipalPattern, check: checkServicePrincipal, least: 1, unique: true,
		field: func(c *Config) any { return &c.Organization.Manage.ServiceAccess },
	},
	{
		Path: "organization.manage.policyTypes", Type: TextList, Required: true, Stacks: managementStacks,
		Meaning: "every policy type that is enabled at the organization's root",
		Reason:  "a type that is left out is disabled, and its policies stop to apply; [] says that none is in use",
		values:  policyTypes, unique: true,
		field: func(c *Config) any { return &c.Organization.Manage.PolicyTypes },
	},
	{
		Path: "organization.delegatedAdministrator", Type: Boolean, Stacks: managementStacks,
		Meaning: "makes the audit account CloudTrail's delegated administrator",
		Default: "false",
		Reason:  "a delegated administrator may change the trail, so that the audit account is no longer only a keeper",
		field:   func(c *Config) any { return &c.Organization.DelegatedAdministrator },
	},
	{
		Path: "account", Type: Text, Required: true, Stacks: []Stack{StackAccount},
		Meaning: "the one account that is recorded and keeps its own logs",
		Reason:  "the provider refuses any other account",
		Allowed: allowedAccount, pattern: accountPattern, check: checkAccount,
		field: func(c *Config) any { return &c.Account },
	},
	{
		Path: "access", Type: Group,
		Meaning: "who may deploy, repair and read",
		Reason:  "the policies deny everybody else, so these names must exist beforehand",
	},
	{
		Path: "access.deployRole", Type: Text,
		Meaning: "name of the role that runs pulumi, present in every account the stack touches",
		Default: "TrailkeepDeploy",
		Reason:  "policies name it instead of its id, so that a recreated role keeps its rights",
		Allowed: allowedRole, pattern: rolePattern, longest: 512 + 64, check: checkRole,
		field:    func(c *Config) any { return &c.Access.DeployRole },
		fallback: func(*Config) any { return "TrailkeepDeploy" },
	},
	{
		Path: "access.breakGlassRole", Type: Text,
		Meaning: "name of the role that may undo a lock-out, present in the audit account",
		Default: "TrailkeepBreakGlass",
		Reason:  "a key policy that locks everybody out can be mended by AWS Support alone",
		Allowed: allowedRole + ", another than deployRole", pattern: rolePattern, longest: 512 + 64, check: checkRole,
		field:    func(c *Config) any { return &c.Access.BreakGlassRole },
		fallback: func(*Config) any { return "TrailkeepBreakGlass" },
	},
	{
		Path: "access.readers", Type: TextList, Required: true, Stacks: archiveStacks,
		Meaning: "ARNs of the IAM users and roles that may assume the reader role",
		Reason:  "nobody else, administrators included, can decrypt the logs; an archive without readers answers no question",
		Allowed: "ARNs of IAM users and roles, such as arn:aws:iam::222222222222:role/Responder, without wildcards",
		pattern: principalPattern, check: checkPrincipal, least: 1, unique: true,
		field: func(c *Config) any { return &c.Access.Readers },
	},
	{
		Path: "archive", Type: Group,
		Meaning: "the log bucket, its key, its access logs and its replica",
		Reason:  "a trail stack sets the names alone, and the same ones as its archive stack: they join the two",
	},
	{
		Path: "archive.bucketName", Type: Text,
		Meaning: "name of the log bucket",
		Default: "trailkeep-log-archive-ACCOUNT-REGION",
		Reason:  "bucket names are global; account and region make this one unique, and the trail stack can compute it",
		Allowed: allowedBucket, pattern: bucketPattern, longest: 63, check: checkBucket,
		field: func(c *Config) any { return &c.Archive.BucketName },
		fallback: func(c *Config) any {
			return fmt.Sprintf("trailkeep-log-archive-%s-%s", c.LogAccount(), c.Region)
		},
	},
	{
		Path: "archive.prefix", Type: Text,
		Meaning: "what every object key begins with, before AWSLogs/",
		Default: "\"\": no prefix",
		Reason:  "a bucket that holds nothing but this trail needs none",
		Allowed: allowedPrefix, pattern: prefixPattern, longest: 200, check: checkPrefix,
		field: func(c *Config) any { return &c.Archive.Prefix },
	},
	{
		Path: "archive.protection", Type: Text, Stacks: archiveStacks,
		Meaning: "what keeps log files from being deleted: mfa-delete keeps every version for ever, worm locks each for the retention and then lets it expire",
		Default: string(ProtectionMFADelete),
		Reason:  "nothing expires by mistake; S3 allows no lifecycle rule beside MFA delete, so the two never mix on one bucket",
		values:  []string{string(ProtectionMFADelete), string(ProtectionWORM)},
		field:   func(c *Config) any { return &c.Archive.Protection },
		fallback: func(*Config) any {
			return ProtectionMFADelete
		},
	},
	{
		Path: "archive.compliancePeriodYears", Type: Integer, Stacks: archiveStacks,
		Meaning: "years that law or auditor want the logs kept; no retention may be shorter",
		Default: "3",
		Reason:  "three years is what compliance commonly asks for",
		least:   1, most: 100,
		field:    func(c *Config) any { return &c.Archive.CompliancePeriodYears },
		fallback: func(*Config) any { return 3 },
	},
	{
		Path: "archive.objectLock", Type: Group, Stacks: archiveStacks,
		Meaning: "the retention that S3 puts on each new log file: of the log bucket in worm protection, and of the replica",
	},
	{
		Path: "archive.objectLock.mode", Type: Text, Stacks: archiveStacks,
		Meaning: "who may shorten the retention: under GOVERNANCE nobody while the bucket policy stands, under COMPLIANCE nobody at all, AWS and root included",
		Default: "GOVERNANCE",
		Reason:  "COMPLIANCE can't be undone: a mistake is paid for until the retention ends",
		values:  []string{"GOVERNANCE", "COMPLIANCE"},
		field:   func(c *Config) any { return &c.Archive.ObjectLock.Mode },
		fallback: func(*Config) any {
			return "GOVERNANCE"
		},
	},
	{
		Path: "archive.objectLock.retentionYears", Type: Integer, Stacks: archiveStacks,
		Meaning: "years for which each log file is locked",
		Default: "archive.compliancePeriodYears",
		Reason:  "longer than asked for costs storage, shorter breaks the rule",
		least:   1, most: 100,
		field:    func(c *Config) any { return &c.Archive.ObjectLock.RetentionYears },
		fallback: func(c *Config) any { return c.Archive.CompliancePeriodYears },
	},
	{
		Path: "archive.objectLock.expirationDays", Type: Integer, Stacks: archiveStacks,
		Meaning: "days after which a locked bucket lets a log file expire",
		Default: "366 x retentionYears + 30",
		Reason:  "a month after the lock has ended leaves time to extend it",
		Allowed: "more days than the retention has, up to 40000",
		least:   1, most: 40000,
		field:    func(c *Config) any { return &c.Archive.ObjectLock.ExpirationDays },
		fallback: func(c *Config) any { return daysOf(c.Archive.ObjectLock.RetentionYears) + 30 },
	},
	{
		Path: "archive.objectLock.acknowledgeCompliance", Type: Boolean, Stacks: archiveStacks,
		Meaning: "says that COMPLIANCE is meant: nobody can delete a log file or shorten its retention, and the account can't be emptied until it ends",
		Default: "false",
		Reason:  "COMPLIANCE is refused without it, so that a reviewer stumbles on it",
		field:   func(c *Config) any { return &c.Archive.ObjectLock.AcknowledgeCompliance },
	},
	{
		Path: "archive.replica", Type: Group, optional: true,
		Meaning: "a second copy of the archive in another region or account, locked by Object Lock whatever the protection of the first",
		Default: "left out: one copy",
		Reason:  "it doubles the storage; it survives the loss of the region or the account",
		field:   func(c *Config) any { c.Archive.Replica = &Replica{}; return nil },
	},
	{
		Path: "archive.replica.region", Type: Text, Required: true,
		Meaning: "region of the replica",
		Reason:  "there is no good guess: data may have to stay in a country",
		Allowed: "a region in the partition of trailkeep:region; another one, unless the replica has an account of its own",
		check:   checkRegion, values: Regions(),
		field: func(c *Config) any { return &c.Archive.Replica.Region },
	},
	{
		Path: "archive.replica.account", Type: Text,
		Meaning: "account that keeps the replica",
		Default: "the account of the archive",
		Reason:  "an account of its own also survives the loss of the audit account, but must exist and hold the deploy role",
		Allowed: allowedAccount, pattern: accountPattern, check: checkAccount,
		field:    func(c *Config) any { return &c.Archive.Replica.Account },
		fallback: func(c *Config) any { return c.LogAccount() },
	},
	{
		Path: "archive.replica.bucketName", Type: Text,
		Meaning: "name of the replica's bucket",
		Default: "trailkeep-log-replica-ACCOUNT-REGION",
		Reason:  "account and region of the replica make the name unique; its access logs go to a bucket of the same name with " + replicaAccessLogSuffix + " behind it",
		Allowed: allowedBucket + ", and room for " + replicaAccessLogSuffix + " behind it", pattern: bucketPattern, longest: 63 - len(replicaAccessLogSuffix), check: checkReplicaBucket,
		field: func(c *Config) any { return &c.Archive.Replica.BucketName },
		fallback: func(c *Config) any {
			return fmt.Sprintf("trailkeep-log-replica-%s-%s", c.Archive.Replica.Account, c.Archive.Replica.Region)
		},
	},
	{
		Path: "archive.accessLogs", Type: Group,
		Meaning: "the bucket that receives the log bucket's server access logs",
	},
	{
		Path: "archive.accessLogs.bucketName", Type: Text,
		Meaning: "name of the bucket for access logs",
		Default: "trailkeep-access-logs-ACCOUNT-REGION",
		Reason:  "S3 delivers access logs only into a bucket without Object Lock and with SSE-S3, which the log bucket is not",
		Allowed: allowedBucket, pattern: bucketPattern, longest: 63, check: checkBucket,
		field: func(c *Config) any { return &c.Archive.AccessLogs.BucketName },
		fallback: func(c *Config) any {
			return fmt.Sprintf("trailkeep-access-logs-%s-%s", c.LogAccount(), c.Region)
		},
	},
	{
		Path: "archive.accessLogs.retentionDays", Type: Integer, Stacks: archiveStacks,
		Meaning: "days after which access logs expire",
		Default: "366 x archive.compliancePeriodYears",
		Reason:  "who read or tried to delete a log must be known as long as the log has to be",
		least:   1, most: 40000,
		field:    func(c *Config) any { return &c.Archive.AccessLogs.RetentionDays },
		fallback: func(c *Config) any { return daysOf(c.Archive.CompliancePeriodYears) },
	},
	{
		Path: "archive.readerRole", Type: Text, Stacks: archiveStacks,
		Meaning: "name of the role in the account of the archive that responders assume to read and decrypt logs",
		Default: "TrailkeepReader",
		Reason:  "a role of its own keeps reading apart from deploying",
		Allowed: "a role name: up to 64 letters, digits and + = , . @ _ -", pattern: roleNamePattern, longest: 64, check: checkRoleName,
		field:    func(c *Config) any { return &c.Archive.ReaderRole },
		fallback: func(*Config) any { return "TrailkeepReader" },
	},
	{
		Path: "trail", Type: Group,
		Meaning: "the trail, its log group and what it records beyond management events",
		Reason:  "an archive stack sets the name alone, and the same one as its trail stack: its policies name the trail's ARN",
	},
	{
		Path: "trail.name", Type: Text,
		Meaning: "name of the trail",
		Default: "organization-trail; account-trail in an account stack",
		Reason:  "a fixed name makes the ARN known before the trail exists",
		Allowed: allowedTrailName, pattern: trailNamePattern, longest: 128, check: checkTrailName,
		field: func(c *Config) any { return &c.Trail.Name },
		fallback: func(c *Config) any {
			if c.Stack == StackAccount {
				return "account-trail"
			}
			return "organization-trail"
		},
	},
	{
		Path: "trail.logGroup", Type: Group, Stacks: trailStacks,
		Meaning: "the CloudWatch Logs group that receives the trail's events, for alarms and queries",
	},
	{
		Path: "trail.logGroup.name", Type: Text, Stacks: trailStacks,
		Meaning: "name of the log group",
		Default: "/aws/cloudtrail/ and the trail's name",
		Reason:  "the path that AWS's own console proposes keeps log groups sorted by service",
		Allowed: allowedLogGroup, pattern: logGroupPattern, longest: 512, check: checkLogGroup,
		field:    func(c *Config) any { return &c.Trail.LogGroup.Name },
		fallback: func(c *Config) any { return "/aws/cloudtrail/" + c.Trail.Name },
	},
	{
		Path: "trail.logGroup.retentionDays", Type: Integer, Stacks: trailStacks,
		Meaning: "days for which CloudWatch Logs keeps the events",
		Default: "365",
		Reason:  "the log group is a working copy for alarms and questions; the archive alone carries the compliance period",
		values:  logRetentionDays,
		field:   func(c *Config) any { return &c.Trail.LogGroup.RetentionDays },
		fallback: func(*Config) any {
			return 365
		},
	},
	{
		Path: "trail.insights", Type: TextList, Stacks: trailStacks,
		Meaning: "unusual activity that CloudTrail Insights reports: call rate, error rate",
		Default: "[]",
		Reason:  "Insights is paid for by the event that it analyzes",
		values:  []string{"ApiCallRateInsight", "ApiErrorRateInsight"}, unique: true,
		field: func(c *Config) any { return &c.Trail.Insights },
	},
	{
		Path: "trail.dataEvents", Type: ListOfGroup, Stacks: trailStacks,
		Meaning: "data events to record: who read or wrote an object, invoked a function, read an item",
		Default: "[]",
		Reason:  "they are many and each is paid for; name what is worth it. The log buckets are never recorded",
		field: func(c *Config) any {
			c.Trail.DataEvents = append(c.Trail.DataEvents, DataEvent{})
			return nil
		},
	},
	{
		Path: "trail.dataEvents[].name", Type: Text, Required: true, Stacks: trailStacks,
		Meaning: "name of the selector, shown in CloudTrail's console",
		Reason:  "whoever sees it in CloudTrail finds it in the stack file",
		Allowed: "1 to 1000 printable characters, each name once", pattern: selectorNamePattern, longest: 1000, check: checkSelectorName,
		field: func(c *Config) any { return &c.lastDataEvent().Name },
	},
	{
		Path: "trail.dataEvents[].type", Type: Text, Required: true, Stacks: trailStacks,
		Meaning: "the resource type whose events are recorded",
		Reason:  "a selector has exactly one type",
		Allowed: "a resources.type of CloudTrail, such as AWS::S3::Object, AWS::Lambda::Function, AWS::DynamoDB::Table or AWS::Kinesis::Stream", pattern: resourceTypePattern, check: checkResourceType,
		field: func(c *Config) any { return &c.lastDataEvent().Type },
	},
	{
		Path: "trail.dataEvents[].readWrite", Type: Text, Stacks: trailStacks,
		Meaning: "whether reads, writes or both are recorded",
		Default: "all",
		Reason:  "an investigation wants both: who took the data, who changed it",
		values:  []string{"read", "write", "all"},
		field:   func(c *Config) any { return &c.lastDataEvent().ReadWrite },
		fallback: func(*Config) any {
			return "all"
		},
	},
	{
		Path: "trail.dataEvents[].arnPrefixes", Type: TextList, Stacks: trailStacks,
		Meaning: "beginnings of the ARNs whose events are recorded",
		Default: "[]: everything of this type, which takes acknowledgeCost",
		Reason:  "a selector for everything records every account of the organization",
		Allowed: "beginnings of ARNs that fit the type, such as arn:aws:s3:::BUCKET/, without wildcards", longest: longestSelectorValue,
		pattern: "^arn:", check: checkARNPrefix, unique: true,
		field: func(c *Config) any { return &c.lastDataEvent().ARNPrefixes },
	},
	{
		Path: "trail.dataEvents[].acknowledgeCost", Type: Boolean, Stacks: trailStacks,
		Meaning: "says that every event of this type, in every account, is meant and paid for",
		Default: "false",
		Reason:  "an empty arnPrefixes is refused without it",
		field:   func(c *Config) any { return &c.lastDataEvent().AcknowledgeCost },
	},
	{
		Path: "trail.deliveryTopic", Type: Boolean, Stacks: trailStacks,
		Meaning: "adds an SNS topic that is told of each delivered log file",
		Default: "false",
		Reason:  "only a program that reads files as they arrive needs it",
		field:   func(c *Config) any { return &c.Trail.DeliveryTopic },
	},
	{
		Path: "trail.logKeyArn", Type: Text, Stacks: []Stack{StackTrail},
		Meaning: "ARN of the archive's KMS key, an output of the archive stack",
		Reason:  "joins a trail stack to its archive without access to the archive's state; either this or archiveStack",
		Allowed: allowedKeyARN, pattern: keyARNPattern, check: checkKeyARN,
		field: func(c *Config) any { return &c.Trail.LogKeyARN },
	},
	{
		Path: "trail.archiveStack", Type: Text, Stacks: []Stack{StackTrail},
		Meaning: "stack from whose outputs the archive's KMS key is read",
		Reason:  "follows a replaced key by itself, but whoever deploys the trail must be able to read the archive's state; either this or logKeyArn",
		Allowed: "a stack reference, ORGANIZATION/PROJECT/STACK", pattern: stackReferencePattern,
		field: func(c *Config) any { return &c.Trail.ArchiveStack },
	},
	{
		Path: "disposable", Type: Boolean,
		Meaning: "leaves out locks, protection and the statements against destruction, so that a trial on AWS can be taken down the same day",
		Default: "false",
		Reason:  "whoever can deploy a disposable stack can delete its logs: never for an audit",
		field:   func(c *Config) any { return &c.Disposable },
	},
	{
		Path: "tags", Type: TextMap,
		Meaning: "tags of every resource that takes tags",
		Default: "{}",
		Reason:  "names are the organization's own",
		Allowed: allowedTags, most: 50,
		field: func(c *Config) any { return &c.Tags },
	},
}

// lastDataEvent returns the element that is being decoded.
func (c *Config) lastDataEvent() *DataEvent {
	return &c.Trail.DataEvents[len(c.Trail.DataEvents)-1]
}
