package preflight

import (
	"strings"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// Names that the components give where the configuration has no key for them.
// A test compares them with what the program registers.
const (
	trailRoleName         = "TrailkeepCloudTrail"
	trailRoleDescription  = "CloudTrail writes to its log group as this role."
	readerRoleDescription = "Reads and decrypts the log archive; assumed by the responders that the stack file names."
	replicationRoleText   = "S3 replicates the log archive as this role."
	logKeyTag             = "log-archive-key"
	replicaKeyTag         = "log-archive-replica-key"
	deliveryKeyTag        = "trail-key"
)

// Deploy returns what the policies of the deploying role are computed from.
func Deploy(cfg *config.Config) policydocuments.Deploy {
	role := func(account, name string) string { return policydocuments.RoleARN(cfg.Region, account, name) }
	log := cfg.LogAccount()
	trail := policydocuments.Trail{AccountID: cfg.TrailAccount(), Region: cfg.Region, Name: cfg.Trail.Name}
	if cfg.Organization != nil {
		trail.OrganizationID = cfg.Organization.ID
	}
	logGroup := cfg.Trail.LogGroup.Name
	if logGroup == "" { // the file of an archive stack does not have it
		logGroup = "/aws/cloudtrail/" + cfg.Trail.Name
	}
	d := policydocuments.Deploy{
		Archive: policydocuments.Archive{
			Trail: trail, AccountID: log, Region: cfg.Region,
			Bucket: cfg.Archive.BucketName, Prefix: cfg.Archive.Prefix, AccessLogBucket: cfg.Archive.AccessLogs.BucketName,
			DeployRoleARN: role(log, cfg.Access.DeployRole), BreakGlassRoleARN: role(log, cfg.Access.BreakGlassRole),
			ReaderRoleARN: role(log, cfg.Archive.ReaderRole), Readers: cfg.Access.Readers, Disposable: cfg.Disposable,
		},
		Delivery: policydocuments.Delivery{
			Trail: trail, LogGroup: logGroup, Disposable: cfg.Disposable,
			DeployRoleARN: role(trail.AccountID, cfg.Access.DeployRole), BreakGlassRoleARN: role(trail.AccountID, cfg.Access.BreakGlassRole),
		},
		TrailRole: trailRoleName, LogKeyAlias: "alias/" + cfg.Archive.BucketName, DeliveryKeyAlias: "alias/trailkeep-" + cfg.Trail.Name,
		LogKeyTag: logKeyTag, ReplicaKeyTag: replicaKeyTag, DeliveryKeyTag: deliveryKeyTag,
		Split: cfg.Stack == config.StackArchive || cfg.Stack == config.StackTrail,
	}
	if cfg.Trail.DeliveryTopic {
		d.Delivery.Topic = cfg.Trail.Name + "-delivery"
	}
	if o := cfg.Organization; o != nil {
		d.ManageOrganization, d.DelegatedAdministrator = o.Manage != nil, o.DelegatedAdministrator
	}
	if r := cfg.Archive.Replica; r != nil {
		d.ReplicaKeyAlias = "alias/" + r.BucketName
		d.Archive.Replica = &policydocuments.Replica{
			AccountID: r.Account, Region: r.Region, Bucket: r.BucketName, AccessLogBucket: r.AccessLogBucketName(),
			RoleARN:       role(log, "TrailkeepReplication-"+cfg.Region),
			DeployRoleARN: role(r.Account, cfg.Access.DeployRole), BreakGlassRoleARN: role(r.Account, cfg.Access.BreakGlassRole),
		}
	}
	return d
}

// DeployPolicy is the policy of the deploying role in one account.
type DeployPolicy struct {
	Account string
	// Name says what the account is to the stack: management, audit, replica or
	// account.
	Name     string
	Document awspolicy.Document
}

// DeployPolicies returns one policy for each account that the stack, as its
// file has it, deploys to.
func DeployPolicies(cfg *config.Config) []DeployPolicy {
	d := Deploy(cfg)
	var policies []DeployPolicy
	add := func(account, name string, document awspolicy.Document) {
		policies = append(policies, DeployPolicy{account, name, document})
	}
	switch cfg.Stack {
	case config.StackAccount:
		add(cfg.Account, "account", policydocuments.DeployAccount(d))
	case config.StackTrail:
		add(d.Delivery.Trail.AccountID, "management", policydocuments.DeployManagement(d))
	case config.StackArchive:
		add(d.Archive.AccountID, "audit", policydocuments.DeployAudit(d))
	default:
		add(d.Delivery.Trail.AccountID, "management", policydocuments.DeployManagement(d))
		add(d.Archive.AccountID, "audit", policydocuments.DeployAudit(d))
	}
	if r := d.Archive.Replica; r != nil && cfg.Stack != config.StackTrail && r.AccountID != d.Archive.AccountID {
		add(r.AccountID, "replica", policydocuments.DeployReplica(d))
	}
	return policies
}

// roleName splits a role's name from its path, which IAM's calls do without.
func roleName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
