package policydocuments

import (
	"fmt"
	"slices"
	"strings"

	"github.com/trailkeep/trailkeep/awspolicy"
)

// Deploy is what the identity policies of the deploying role are computed from.
type Deploy struct {
	// Archive and Delivery hold the accounts and the names of what is
	// deployed; the key ARNs in them may be empty, since no key exists yet.
	Archive  Archive
	Delivery Delivery
	// TrailRole is the name of the role that CloudTrail fills the log group as.
	TrailRole string
	// The aliases begin with alias/; ReplicaKeyAlias is empty without a replica.
	LogKeyAlias, ReplicaKeyAlias, DeliveryKeyAlias string
	// KeyTags are the values of the tag trailkeep:name that each key bears,
	// since a key has no name: the log key, the replica's and the delivery key.
	LogKeyTag, ReplicaKeyTag, DeliveryKeyTag string
	// Split says that archive and trail are stacks of their own, each deployed
	// by the role of its own account.
	Split bool
	// ManageOrganization and DelegatedAdministrator are set where the stack
	// keeps the organization's settings or CloudTrail's administrator.
	ManageOrganization     bool
	DelegatedAdministrator bool
}

// holdings is what the deploying role deals with in one account.
type holdings struct {
	account, region string
	buckets         []string // ARNs, as all lists below
	keys            []string // patterns: ids are not known before the keys exist
	keyTags         []string
	aliases         []string
	roles           []string // made and kept
	principals      []string // made by others, looked at by preflight
	trailRole       string   // passed to CloudTrail
	replicationRole string   // passed to S3
	assumed         []string
	trail           string
	logGroup        string
	topic           string
	organization    *organizationRights
	archive         string // looked for, in another account
	disposable      bool
}

type organizationRights struct {
	id                string
	manage, delegated bool
}

// DeployManagement is the policy of the deploying role in the management
// account: trail, log group, their key, and the roles that it assumes in the
// other accounts.
func DeployManagement(d Deploy) awspolicy.Document {
	h := d.trailHoldings()
	h.organization = &organizationRights{d.Archive.Trail.OrganizationID, d.ManageOrganization, d.DelegatedAdministrator}
	h.principals = []string{d.Delivery.DeployRoleARN} // itself, with its path
	if d.Split {
		h.archive = d.Archive.bucketARN()
	} else {
		h.assumed = append(h.assumed, d.Archive.DeployRoleARN)
		if r := d.Archive.Replica; r != nil && r.DeployRoleARN != d.Archive.DeployRoleARN {
			h.assumed = append(h.assumed, r.DeployRoleARN)
		}
	}
	return h.document()
}

// DeployAudit is the policy of the deploying role in the audit account: buckets,
// log key and roles, and the replica where that account keeps it too.
func DeployAudit(d Deploy) awspolicy.Document {
	h := d.archiveHoldings()
	if d.Split {
		h.organization = &organizationRights{}
		h.principals = append(h.principals, d.Archive.DeployRoleARN)
		if r := d.Archive.Replica; r != nil && r.AccountID != d.Archive.AccountID {
			h.assumed = append(h.assumed, r.DeployRoleARN)
		}
	}
	return h.document()
}

// DeployReplica is the policy of the deploying role in a replica's account of
// its own. It is empty where there is none.
func DeployReplica(d Deploy) awspolicy.Document {
	r := d.Archive.Replica
	if r == nil || r.AccountID == d.Archive.AccountID {
		return awspolicy.Document{}
	}
	h := holdings{account: r.AccountID, region: r.Region, disposable: d.Archive.Disposable, principals: []string{r.BreakGlassRoleARN}}
	h.addReplica(d)
	return h.document()
}

// DeployAccount is the policy of the deploying role where archive and trail
// share one account without an organization.
func DeployAccount(d Deploy) awspolicy.Document {
	h := d.archiveHoldings()
	h.principals = append(h.principals, d.Archive.DeployRoleARN)
	if r := d.Archive.Replica; r != nil && r.AccountID != d.Archive.AccountID {
		h.assumed = append(h.assumed, r.DeployRoleARN)
	}
	t := d.trailHoldings()
	h.trail, h.logGroup, h.topic, h.trailRole = t.trail, t.logGroup, t.topic, t.trailRole
	h.roles = append(h.roles, t.roles...)
	h.aliases = append(h.aliases, t.aliases...)
	h.keyTags = append(h.keyTags, t.keyTags...)
	return h.document()
}

func (d Deploy) trailHoldings() holdings {
	t := d.Delivery.Trail
	h := holdings{
		account: t.AccountID, region: t.Region,
		keys:       []string{keysARN(t.Region, t.AccountID)},
		keyTags:    []string{d.DeliveryKeyTag},
		aliases:    []string{aliasARN(t.Region, t.AccountID, d.DeliveryKeyAlias)},
		trailRole:  RoleARN(t.Region, t.AccountID, d.TrailRole),
		trail:      t.ARN(),
		logGroup:   d.Delivery.logGroupARN(),
		disposable: d.Delivery.Disposable,
	}
	h.roles = []string{h.trailRole}
	if d.Delivery.Topic != "" {
		h.topic = TopicARN(t.Region, t.AccountID, d.Delivery.Topic)
	}
	return h
}

func (d Deploy) archiveHoldings() holdings {
	a := d.Archive
	h := holdings{
		account: a.AccountID, region: a.Region,
		buckets:    []string{a.bucketARN(), BucketARN(a.Region, a.AccessLogBucket)},
		keys:       []string{keysARN(a.Region, a.AccountID)},
		keyTags:    []string{d.LogKeyTag},
		aliases:    []string{aliasARN(a.Region, a.AccountID, d.LogKeyAlias)},
		roles:      []string{a.ReaderRoleARN},
		principals: []string{a.BreakGlassRoleARN},
		disposable: a.Disposable,
	}
	for _, reader := range a.Readers {
		// A role or user of another account cannot be looked at from here.
		if strings.Contains(reader, "::"+a.AccountID+":") {
			h.principals = append(h.principals, reader)
		}
	}
	if r := a.Replica; r != nil {
		h.replicationRole = r.RoleARN
		h.roles = append(h.roles, r.RoleARN)
		if r.AccountID == a.AccountID {
			h.addReplica(d)
		}
	}
	return h
}

func (h *holdings) addReplica(d Deploy) {
	r := d.Archive.Replica
	h.buckets = append(h.buckets, r.bucketARN(), BucketARN(r.Region, r.AccessLogBucket))
	h.keys = append(h.keys, keysARN(r.Region, r.AccountID))
	h.keyTags = append(h.keyTags, d.ReplicaKeyTag)
	h.aliases = append(h.aliases, aliasARN(r.Region, r.AccountID, d.ReplicaKeyAlias))
}

func keysARN(region, account string) string {
	return fmt.Sprintf("arn:%s:kms:%s:%s:key/*", Partition(region), region, account)
}

func aliasARN(region, account, alias string) string {
	return fmt.Sprintf("arn:%s:kms:%s:%s:%s", Partition(region), region, account, alias)
}

// KeyNameTag is the tag that marks a key with its name in the program. A key has
// no name of its own: by this tag the deploy role's policy tells ours from
// others, and a cut-off run finds one that it made and did not record.
const KeyNameTag = "trailkeep:name"

// ServiceLinkedRole is the name, with its path, of the role that CloudTrail
// needs in the management account for an organization trail.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/using-service-linked-roles.html
const ServiceLinkedRole = "aws-service-role/cloudtrail.amazonaws.com/AWSServiceRoleForCloudTrail"

// document grants what the holdings need, and no statement for what the account
// does not hold.
func (h holdings) document() awspolicy.Document {
	var statements []awspolicy.Statement
	allow := func(sid, reason string, resources, actions []string, conditions ...awspolicy.Condition) {
		if len(resources) > 0 {
			statements = append(statements, awspolicy.Statement{
				Sid: sid, Reason: reason, Effect: awspolicy.Allow,
				Actions: actions, Resources: resources, Conditions: conditions,
			})
		}
	}
	all := []string{"*"}

	allow("AssumeDeployRoles", "The other accounts are reached through their own deploy roles, and no other role.", h.assumed, []string{"sts:AssumeRole"})
	h.organizationStatements(allow)
	if h.trail != "" || len(h.roles) > 0 { // wherever trail or archive are
		allow("FindTrails", "Neither call can be narrowed: preflight looks for trails that record the same events twice.",
			all, []string{"cloudtrail:DescribeTrails", "cloudtrail:ListTrails"})
		allow("CompareTrails", "Whether another trail is a paid second copy shows in its selectors.",
			[]string{fmt.Sprintf("arn:%s:cloudtrail:*:*:trail/*", Partition(h.region))}, []string{"cloudtrail:GetEventSelectors"})
	}
	if h.archive != "" {
		allow("FindArchive", "Preflight sees whether the archive's bucket exists; its own policy lets nobody of this account list it.",
			[]string{h.archive}, []string{"s3:ListBucket"})
	}
	if h.trail != "" {
		allow("Trail", "This one trail; neither StopLogging nor DeleteTrail, which no up of a protected trail calls.", []string{h.trail}, []string{
			"cloudtrail:AddTags", "cloudtrail:CreateTrail", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrailStatus",
			"cloudtrail:ListTags", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors", "cloudtrail:RemoveTags",
			"cloudtrail:StartLogging", "cloudtrail:UpdateTrail",
		})
		allow("FindLogGroups", "The list of log groups cannot be narrowed to one of them.",
			[]string{LogGroupARN(h.region, h.account, "*")}, []string{"logs:DescribeLogGroups"})
		allow("LogGroup", "This one log group, with the key that encrypts it.", []string{h.logGroup, h.logGroup + ":*"}, []string{
			"logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:ListTagsForResource", "logs:PutRetentionPolicy",
			"logs:TagResource", "logs:UntagResource",
		})
		allow("PassTrailRole", "CloudTrail alone may be handed the role that fills the log group.", []string{h.trailRole}, []string{"iam:PassRole"},
			condition("StringEquals", "iam:PassedToService", cloudTrailService))
	}
	if h.topic != "" {
		allow("DeliveryTopic", "The topic that is told of each delivered file.", []string{h.topic}, []string{
			"sns:CreateTopic", "sns:GetTopicAttributes", "sns:ListTagsForResource", "sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource",
		})
	}
	allow("Buckets", "The buckets of logs and of access logs, their settings and nothing in them: no object is read, written or deleted.", h.buckets, bucketActions(h))
	if h.replicationRole != "" {
		allow("PassReplicationRole", "S3 alone may be handed the role that replicates.", []string{h.replicationRole}, []string{"iam:PassRole"},
			condition("StringEquals", "iam:PassedToService", s3Service))
	}
	h.keyStatements(allow)
	roleActions := []string{
		"iam:CreateRole", "iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies",
		"iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
	}
	if h.trailRole != "" || h.replicationRole != "" {
		roleActions = append(roleActions, "iam:GetRolePolicy", "iam:PutRolePolicy")
		slices.Sort(roleActions)
	}
	allow("Roles", "The roles that the stack makes. Whoever deploys decides who may assume the reader role; a guardrail can watch it, not this policy.", h.roles, roleActions)
	var users, others []string
	for _, p := range h.principals {
		if strings.Contains(p, ":user/") {
			users = append(users, p)
		} else {
			others = append(others, p)
		}
	}
	allow("FindNamedRoles", "Preflight sees whether the roles that the policies name exist: AWS refuses a policy that names a missing one.", others, []string{"iam:GetRole"})
	allow("FindNamedUsers", "The same for readers that are IAM users.", users, []string{"iam:GetUser"})
	if h.disposable {
		h.destroyStatements(allow)
	}
	return awspolicy.Document{Statements: statements}
}

type allowFunc func(sid, reason string, resources, actions []string, conditions ...awspolicy.Condition)

// organizationStatements leave out organizations:DisableAWSServiceAccess, which
// AWS's example has: it turns an organization trail into one of a single
// account, and nothing says so.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/creating-an-organizational-trail-prepare.html
func (h holdings) organizationStatements(allow allowFunc) {
	o := h.organization
	if o == nil {
		return
	}
	all := []string{"*"}
	if o.id == "" { // a member account, which may ask for no more
		allow("ReadOrganization", "The stack compares the organization's id with the configured one before it touches anything.", all, []string{"organizations:DescribeOrganization"})
		return
	}
	read := []string{
		"organizations:DescribeOrganization", "organizations:ListAccounts", "organizations:ListAWSServiceAccessForOrganization",
		"organizations:ListDelegatedAdministrators", "organizations:ListRoots",
	}
	allow("ReadOrganization", "The stack compares id, accounts, trusted access and policy types with the configured ones; none of these calls can be narrowed.", all, read)
	role := RoleARN(h.region, h.account, ServiceLinkedRole)
	allow("FindServiceLinkedRole", "CloudTrail looks for its role with the caller's rights when an organization trail is made.", []string{role}, []string{"iam:GetRole"})
	allow("MakeServiceLinkedRole", "CloudTrail makes the role, with the caller's rights, where it is missing.", []string{role}, []string{"iam:CreateServiceLinkedRole"},
		condition("StringEquals", "iam:AWSServiceName", cloudTrailService))
	if !o.manage {
		allow("TrustCloudTrail", "AWS asks this of whoever makes an organization trail.", all, []string{"organizations:EnableAWSServiceAccess"},
			condition("StringEquals", "organizations:ServicePrincipal", cloudTrailService))
	} else {
		allow("TrustServices", "The stack keeps the list of trusted services, so it switches on and off what the list says.",
			all, []string{"organizations:DisableAWSServiceAccess", "organizations:EnableAWSServiceAccess"})
		allow("PolicyTypes", "The stack keeps the list of policy types of the organization's root.",
			[]string{fmt.Sprintf("arn:%s:organizations::%s:root/%s/r-*", Partition(h.region), h.account, o.id)},
			[]string{"organizations:DisablePolicyType", "organizations:EnablePolicyType"})
	}
	if o.delegated {
		allow("DelegateCloudTrail", "The audit account becomes CloudTrail's administrator.", all, []string{"cloudtrail:RegisterOrganizationDelegatedAdmin"})
		allow("DelegateAdministrator", "CloudTrail registers it at Organizations with the caller's rights.", all, []string{"organizations:RegisterDelegatedAdministrator"},
			condition("StringEquals", "organizations:ServicePrincipal", cloudTrailService))
	}
}

func bucketActions(h holdings) []string {
	actions := []string{
		"s3:CreateBucket", "s3:GetAccelerateConfiguration", "s3:GetBucketAcl", "s3:GetBucketCORS", "s3:GetBucketLogging",
		"s3:GetBucketObjectLockConfiguration", "s3:GetBucketOwnershipControls", "s3:GetBucketPolicy", "s3:GetBucketPublicAccessBlock",
		"s3:GetBucketRequestPayment", "s3:GetBucketTagging", "s3:GetBucketVersioning", "s3:GetBucketWebsite",
		"s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration", "s3:ListBucket",
		"s3:PutBucketLogging", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy",
		"s3:PutBucketPublicAccessBlock", "s3:PutBucketTagging", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
		"s3:PutLifecycleConfiguration",
	}
	if h.replicationRole != "" {
		actions = append(actions, "s3:PutReplicationConfiguration")
	}
	return actions
}

// keyStatements narrow what changes a key to the keys that bear our tag. A tag
// takes up to five minutes to count, so what a new key needs at once cannot ask
// for it.
// https://docs.aws.amazon.com/kms/latest/developerguide/tag-authorization.html
func (h holdings) keyStatements(allow allowFunc) {
	made := condition("StringEquals", "aws:RequestTag/"+KeyNameTag, h.keyTags...)
	allow("MakeKeys", "No resource can be named for a key that does not exist; its tag has to be there from the start.", []string{"*"}, []string{"kms:CreateKey"}, made)
	allow("TagNewKeys", "A key is made with its tag.", h.keys, []string{"kms:TagResource"}, made)
	allow("NewKeys", "What a new key gets and every refresh reads; key ids are not known beforehand.", h.keys, []string{
		"kms:DescribeKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags",
	})
	allow("Keys", "Later changes reach only the keys that bear our tag: a guard against mistakes. Neither deletion nor use of a key is among them.", h.keys,
		[]string{"kms:PutKeyPolicy", "kms:TagResource", "kms:UntagResource", "kms:UpdateKeyDescription"},
		condition("StringEquals", "aws:ResourceTag/"+KeyNameTag, h.keyTags...))
	if len(h.aliases) > 0 {
		allow("Aliases", "KMS asks for it on the alias and on the key.", slices.Concat(h.aliases, h.keys), []string{"kms:CreateAlias", "kms:UpdateAlias"})
		allow("FindAliases", "The list of aliases cannot be narrowed.", []string{"*"}, []string{"kms:ListAliases"})
	}
}

// destroyStatements let a disposable stack be taken down. Emptying its buckets
// stays a person's work.
func (h holdings) destroyStatements(allow allowFunc) {
	if len(h.buckets) > 0 {
		allow("DestroyBuckets", "A disposable stack's buckets are removed once a person has emptied them.", h.buckets, []string{"s3:DeleteBucket", "s3:DeleteBucketPolicy"})
	}
	allow("DestroyKeys", "A disposable stack's keys are scheduled for deletion.", h.keys, []string{"kms:ScheduleKeyDeletion"},
		condition("StringEquals", "aws:ResourceTag/"+KeyNameTag, h.keyTags...))
	allow("DestroyAliases", "KMS asks for it on the alias and on the key.", slices.Concat(h.aliases, h.keys), []string{"kms:DeleteAlias"})
	allow("DestroyRoles", "A disposable stack's roles go with it.", h.roles, []string{"iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListInstanceProfilesForRole"})
	if h.trail != "" {
		allow("DestroyTrail", "A disposable stack's trail goes with it.", []string{h.trail}, []string{"cloudtrail:DeleteTrail"})
		allow("DestroyLogGroup", "A disposable stack's log group goes with it.", []string{h.logGroup, h.logGroup + ":*"}, []string{"logs:DeleteLogGroup"})
	}
	if h.topic != "" {
		allow("DestroyTopic", "A disposable stack's topic goes with it.", []string{h.topic}, []string{"sns:DeleteTopic"})
	}
	if h.organization != nil && h.organization.delegated {
		allow("DestroyDelegation", "A disposable stack takes the administration back.", []string{"*"}, []string{"cloudtrail:DeregisterOrganizationDelegatedAdmin", "organizations:DeregisterDelegatedAdministrator"})
	}
}
