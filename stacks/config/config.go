// Package config is the typed, validated configuration of a Trailkeep stack.
//
// It reads a stack file (Pulumi.NAME.yaml) strictly, names every mistake with
// its line before anything is created, and documents every key it knows. It
// knows YAML and AWS's naming rules; it knows nothing of Pulumi's SDK, so that
// plan, review and preflight can use it without an engine.
package config

import "github.com/trailkeep/trailkeep/policydocuments"

// Stack says which half of the audit trail a stack file deploys.
type Stack string

const (
	// StackOrganization deploys the archive and the trail from one stack; the
	// audit account's provider assumes the deploy role there.
	StackOrganization Stack = "organization"
	// StackArchive deploys the audit account's half alone.
	StackArchive Stack = "archive"
	// StackTrail deploys the management account's half alone.
	StackTrail Stack = "trail"
	// StackAccount deploys archive and trail into one account that belongs to
	// no organization.
	StackAccount Stack = "account"
)

// Protection says what keeps log objects from being deleted. The two are never
// mixed on one bucket: S3 refuses a lifecycle rule beside MFA delete.
type Protection string

const (
	// ProtectionMFADelete keeps every version for ever; deleting one takes the
	// audit account's root user and its MFA device.
	ProtectionMFADelete Protection = "mfa-delete"
	// ProtectionWORM locks every version for the retention period with S3
	// Object Lock and lets it expire afterwards.
	ProtectionWORM Protection = "worm"
)

// Config is one stack file, checked. Fields that the stack's kind has no use for,
// such as the protection in a [StackTrail], are zero; [Key.Stacks] says which.
type Config struct {
	Stack        Stack
	Region       string        // home region of trail and archive, such as eu-central-1
	Organization *Organization // nil in a StackAccount
	Account      string        // twelve digits; StackAccount only
	Access       Access
	Archive      Archive
	Trail        Trail
	// Disposable leaves out locks, protection, DenyDestroy and DenyKeyLoss, so
	// that a trial on AWS can be taken down the same day.
	Disposable bool
	Tags       map[string]string
}

// Organization names the AWS organization whose accounts are recorded.
type Organization struct {
	ID                string // o-exampleorgid
	ManagementAccount string
	AuditAccount      string
	// Manage, when set, imports the organization and keeps its trusted access
	// and policy types; both lists are authoritative. Nil means: only read it.
	Manage *ManagedOrganization
	// DelegatedAdministrator makes the audit account CloudTrail's delegated
	// administrator.
	DelegatedAdministrator bool
}

// ManagedOrganization is what the stack keeps of an organization it manages.
type ManagedOrganization struct {
	ServiceAccess []string // service principals with trusted access; contains cloudtrail.amazonaws.com
	PolicyTypes   []string // such as SERVICE_CONTROL_POLICY
}

// Access names who may do what, by name, so that a recreated role keeps it.
type Access struct {
	DeployRole     string   // role name (with path), present in every account the stack touches
	BreakGlassRole string   // role name (with path), present in the audit account
	Readers        []string // ARNs of IAM users and roles that may assume the reader role; none in a StackTrail
}

// Archive is the audit account's half: key, log bucket, access logs, replica.
type Archive struct {
	BucketName            string
	Prefix                string // key prefix before AWSLogs/, without slashes at its ends; may be empty
	Protection            Protection
	CompliancePeriodYears int // the law's or the auditor's; retention may not be shorter
	// ObjectLock applies to the bucket in worm protection, and to the replica.
	ObjectLock ObjectLock
	Replica    *Replica
	AccessLogs AccessLogs
	ReaderRole string // name of the role that responders assume
}

// ObjectLock is the default retention that S3 puts on every new log file.
type ObjectLock struct {
	Mode                  string // GOVERNANCE or COMPLIANCE
	RetentionYears        int
	ExpirationDays        int // days after which a locked bucket lets an object expire; longer than the retention
	AcknowledgeCompliance bool
}

// Replica is a second copy of the archive in another region or account (or
// both), locked by Object Lock whatever the protection of the first one.
type Replica struct {
	Region     string
	Account    string
	BucketName string
}

// AccessLogs is the bucket that receives the log bucket's server access logs.
type AccessLogs struct {
	BucketName    string
	RetentionDays int
}

// Trail is the management account's half: trail, log group, selectors.
type Trail struct {
	Name          string
	LogGroup      LogGroup
	Insights      []string // ApiCallRateInsight, ApiErrorRateInsight
	DataEvents    []DataEvent
	DeliveryTopic bool // an SNS topic told of each delivered file
	// LogKeyARN and ArchiveStack join a StackTrail to its archive: exactly one.
	LogKeyARN    string // ARN of the archive's KMS key (an alias is refused)
	ArchiveStack string // stack reference, ORGANIZATION/PROJECT/STACK
}

// LogGroup is the CloudWatch Logs group that receives the trail's events.
type LogGroup struct {
	Name          string
	RetentionDays int
}

// DataEvent asks for the data events of one resource type.
type DataEvent struct {
	Name      string
	Type      string // resources.type, such as AWS::S3::Object
	ReadWrite string // read, write or all
	// ARNPrefixes names what is recorded; empty only with AcknowledgeCost.
	ARNPrefixes     []string
	AcknowledgeCost bool // everything of this type, in every account: paid per event
}

// LogAccount returns the account that keeps the logs: the audit account, or the
// one account of a stack without an organization.
func (c *Config) LogAccount() string {
	if c.Organization != nil {
		return c.Organization.AuditAccount
	}
	return c.Account
}

// TrailAccount returns the account that owns the trail: the management account,
// or the one account of a stack without an organization. It is the management
// account also where the audit account is CloudTrail's delegated administrator.
func (c *Config) TrailAccount() string {
	if c.Organization != nil {
		return c.Organization.ManagementAccount
	}
	return c.Account
}

// Partition returns the partition of the home region, such as aws. It follows
// from the region's name, so that it is known without asking AWS.
func (c *Config) Partition() string { return PartitionOf(c.Region) }

// TrailARN returns the trail's ARN, which every policy of the archive names. It
// is known before the trail exists.
func (c *Config) TrailARN() string {
	return policydocuments.Trail{AccountID: c.TrailAccount(), Region: c.Region, Name: c.Trail.Name}.ARN()
}

// LogBuckets returns the names of the buckets that hold logs: the archive, its
// access logs and, where there is one, its replica with its own. Data events on them are
// never recorded, since each delivered file would be an event of its own.
func (c *Config) LogBuckets() []string {
	names := []string{c.Archive.BucketName, c.Archive.AccessLogs.BucketName}
	if c.Archive.Replica != nil {
		names = append(names, c.Archive.Replica.BucketName, c.Archive.Replica.AccessLogBucketName())
	}
	return names
}

// AccessLogBucketName returns the name of the bucket that receives the
// replica's server access logs, which have to stay in its region and account.
func (r *Replica) AccessLogBucketName() string { return r.BucketName + replicaAccessLogSuffix }

const replicaAccessLogSuffix = "-access"
