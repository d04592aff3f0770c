package policydocuments

import (
	"slices"
	"strings"
	"testing"

	"github.com/trailkeep/trailkeep/awspolicy"
)

func exampleDeploy() Deploy {
	trail := Trail{AccountID: "123456789012", Region: "eu-central-1", Name: "organization-trail", OrganizationID: "o-exampleorg1"}
	role := func(account, name string) string { return RoleARN("eu-central-1", account, name) }
	return Deploy{
		Archive: Archive{
			Trail: trail, AccountID: "222222222222", Region: "eu-central-1",
			Bucket: "logs", AccessLogBucket: "access", ReaderRoleARN: role("222222222222", "TrailkeepReader"),
			DeployRoleARN: role("222222222222", "TrailkeepDeploy"), BreakGlassRoleARN: role("222222222222", "TrailkeepBreakGlass"),
			Readers: []string{"arn:aws:iam::222222222222:user/responder", "arn:aws:iam::222222222222:role/responder", "arn:aws:iam::444444444444:role/elsewhere"},
			Replica: &Replica{
				AccountID: "333333333333", Region: "eu-west-1", Bucket: "replica", AccessLogBucket: "replica-access",
				RoleARN: role("222222222222", "TrailkeepReplication-eu-central-1"), DeployRoleARN: role("333333333333", "TrailkeepDeploy"),
				BreakGlassRoleARN: role("333333333333", "TrailkeepBreakGlass"),
			},
		},
		Delivery:  Delivery{Trail: trail, LogGroup: "/aws/cloudtrail/organization-trail", Topic: "organization-trail-delivery", DeployRoleARN: role("123456789012", "TrailkeepDeploy")},
		TrailRole: "TrailkeepCloudTrail", LogKeyAlias: "alias/logs", ReplicaKeyAlias: "alias/log-replica", DeliveryKeyAlias: "alias/trailkeep-organization-trail",
		LogKeyTag: "log-archive-key", ReplicaKeyTag: "log-archive-replica-key", DeliveryKeyTag: "trail-key",
	}
}

// shapes are all documents of the shapes that a stack can have.
func shapes() map[string]awspolicy.Document {
	whole := exampleDeploy()
	split := exampleDeploy()
	split.Split = true
	full := exampleDeploy()
	full.ManageOrganization, full.DelegatedAdministrator = true, true
	full.Archive.Disposable, full.Delivery.Disposable = true, true
	plain := exampleDeploy()
	plain.Archive.Replica, plain.Delivery.Topic = nil, ""
	near := exampleDeploy()
	near.Archive.Replica.AccountID = near.Archive.AccountID
	near.Archive.Replica.DeployRoleARN = near.Archive.DeployRoleARN
	alone := exampleDeploy()
	alone.Archive.AccountID = alone.Archive.Trail.AccountID
	alone.Archive.Trail.OrganizationID, alone.Delivery.Trail.OrganizationID = "", ""
	return map[string]awspolicy.Document{
		"management": DeployManagement(whole), "audit": DeployAudit(whole), "replica": DeployReplica(whole),
		"management, split": DeployManagement(split), "audit, split": DeployAudit(split),
		"management, everything": DeployManagement(full), "audit, everything": DeployAudit(full), "replica, everything": DeployReplica(full),
		"management, plain": DeployManagement(plain), "audit, plain": DeployAudit(plain),
		"audit with replica": DeployAudit(near), "account": DeployAccount(alone),
	}
}

func TestDeployDocumentsAreWhatIAMAccepts(t *testing.T) {
	for name, d := range shapes() {
		if err := d.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// A role's inline policies have 10,240 characters in all.
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
		if n := len(d.JSON()); n > 10240 {
			t.Errorf("%s: %d characters", name, n)
		}
		for _, s := range d.Statements {
			if s.Reason == "" || s.Principal != nil || s.Effect != awspolicy.Allow {
				t.Errorf("%s: statement %s has no reason, a principal or denies", name, s.Sid)
			}
			if strings.Trim(s.Sid, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") != "" {
				t.Errorf("%s: Sid %q has other characters than IAM accepts", name, s.Sid)
			}
			for _, a := range s.Actions {
				if strings.ContainsAny(a, "*?") {
					t.Errorf("%s: statement %s: action %s has a wildcard", name, s.Sid, a)
				}
			}
		}
	}
}

// unscoped are the actions that the Service Authorization Reference lists
// without a resource type, or of which no resource can be known.
var unscoped = []string{
	"cloudtrail:DescribeTrails", "cloudtrail:ListTrails", "cloudtrail:RegisterOrganizationDelegatedAdmin", "cloudtrail:DeregisterOrganizationDelegatedAdmin",
	"kms:CreateKey", "kms:ListAliases",
	"organizations:DescribeOrganization", "organizations:ListAccounts", "organizations:ListAWSServiceAccessForOrganization",
	"organizations:ListDelegatedAdministrators", "organizations:ListRoots",
	"organizations:EnableAWSServiceAccess", "organizations:DisableAWSServiceAccess",
	"organizations:RegisterDelegatedAdministrator", "organizations:DeregisterDelegatedAdministrator",
}

func TestDeployDocumentsNameResources(t *testing.T) {
	for name, d := range shapes() {
		for _, s := range d.Statements {
			for _, a := range s.Actions {
				if slices.Contains(s.Resources, "*") && !slices.Contains(unscoped, a) {
					t.Errorf("%s: %s allows %s on everything", name, s.Sid, a)
				}
			}
		}
	}
}

func TestEveryAllowedActionHasACall(t *testing.T) {
	for name, d := range shapes() {
		for _, s := range d.Statements {
			for _, a := range s.Actions {
				_, extra := DeployExtra[a]
				if len(CallsForAction(a)) == 0 && !extra {
					t.Errorf("%s: %s allows %s, which no call of the table needs and DeployExtra does not explain", name, s.Sid, a)
				}
			}
		}
	}
}

func TestDeployExtraNamesAllowedActionsOnly(t *testing.T) {
	allowed := map[string]bool{}
	for _, d := range shapes() {
		for _, s := range d.Statements {
			for _, a := range s.Actions {
				allowed[a] = true
			}
		}
	}
	for action, reason := range DeployExtra {
		if !allowed[action] || reason == "" {
			t.Errorf("%s (%q) is allowed nowhere, or has no reason", action, reason)
		}
	}
}

// TestDeployVerdicts asks the evaluator what the role may and may not do. A
// request that is refused differs from an allowed one in one respect.
func TestDeployVerdicts(t *testing.T) {
	management := awspolicy.RoleSession("arn:aws:iam::123456789012:role/TrailkeepDeploy", "up")
	audit := awspolicy.RoleSession("arn:aws:iam::222222222222:role/TrailkeepDeploy", "up")
	key := "arn:aws:kms:eu-central-1:222222222222:key/11111111-1111-1111-1111-111111111111"
	trail := "arn:aws:cloudtrail:eu-central-1:123456789012:trail/organization-trail"
	logRole := "arn:aws:iam::123456789012:role/TrailkeepCloudTrail"
	for _, c := range []struct {
		caller           awspolicy.Caller
		action, resource string
		context          map[string][]string
		want             bool
	}{
		{management, "cloudtrail:CreateTrail", trail, nil, true},
		{management, "cloudtrail:CreateTrail", trail + "2", nil, false},
		{management, "cloudtrail:StopLogging", trail, nil, false},
		{management, "cloudtrail:DeleteTrail", trail, nil, false},
		{management, "iam:PassRole", logRole, map[string][]string{"iam:PassedToService": {"cloudtrail.amazonaws.com"}}, true},
		{management, "iam:PassRole", logRole, map[string][]string{"iam:PassedToService": {"lambda.amazonaws.com"}}, false},
		{management, "iam:PassRole", "arn:aws:iam::123456789012:role/Admin", map[string][]string{"iam:PassedToService": {"cloudtrail.amazonaws.com"}}, false},
		{management, "sts:AssumeRole", "arn:aws:iam::222222222222:role/TrailkeepDeploy", nil, true},
		{management, "sts:AssumeRole", "arn:aws:iam::222222222222:role/TrailkeepBreakGlass", nil, false},
		{management, "organizations:EnableAWSServiceAccess", "*", map[string][]string{"organizations:ServicePrincipal": {"cloudtrail.amazonaws.com"}}, true},
		{management, "organizations:EnableAWSServiceAccess", "*", map[string][]string{"organizations:ServicePrincipal": {"ram.amazonaws.com"}}, false},
		{management, "organizations:DisableAWSServiceAccess", "*", nil, false},
		{management, "logs:PutRetentionPolicy", "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/cloudtrail/organization-trail", nil, true},
		{management, "logs:PutRetentionPolicy", "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/x", nil, false},
		{management, "logs:DeleteLogGroup", "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/cloudtrail/organization-trail", nil, false},
		{audit, "s3:PutBucketPolicy", "arn:aws:s3:::logs", nil, true},
		{audit, "s3:PutBucketPolicy", "arn:aws:s3:::other", nil, false},
		{audit, "s3:PutBucketPolicy", "arn:aws:s3:::replica", nil, false},
		{audit, "s3:GetObject", "arn:aws:s3:::logs/AWSLogs/x", nil, false},
		{audit, "s3:DeleteBucket", "arn:aws:s3:::logs", nil, false},
		{audit, "kms:PutKeyPolicy", key, map[string][]string{"aws:ResourceTag/trailkeep:name": {"log-archive-key"}}, true},
		{audit, "kms:PutKeyPolicy", key, map[string][]string{"aws:ResourceTag/trailkeep:name": {"trail-key"}}, false},
		{audit, "kms:PutKeyPolicy", key, nil, false},
		{audit, "kms:CreateKey", "*", map[string][]string{"aws:RequestTag/trailkeep:name": {"log-archive-key"}}, true},
		{audit, "kms:CreateKey", "*", nil, false},
		{audit, "kms:Decrypt", key, nil, false},
		{audit, "kms:ScheduleKeyDeletion", key, map[string][]string{"aws:ResourceTag/trailkeep:name": {"log-archive-key"}}, false},
		{audit, "iam:GetRole", "arn:aws:iam::222222222222:role/responder", nil, true},
		{audit, "iam:UpdateAssumeRolePolicy", "arn:aws:iam::222222222222:role/responder", nil, false},
		{audit, "iam:UpdateAssumeRolePolicy", "arn:aws:iam::222222222222:role/TrailkeepReader", nil, true},
		{audit, "iam:GetUser", "arn:aws:iam::222222222222:user/responder", nil, true},
		{audit, "sts:AssumeRole", "arn:aws:iam::333333333333:role/TrailkeepDeploy", nil, false},
	} {
		document := DeployManagement(exampleDeploy())
		if c.caller.ARN == audit.ARN {
			document = DeployAudit(exampleDeploy())
		}
		policies := awspolicy.Policies{Identity: []awspolicy.Document{document}}
		if c.action == "sts:AssumeRole" { // across accounts the other role has to trust, too
			policies.Resource = &awspolicy.ResourcePolicy{Kind: awspolicy.RoleTrust, Document: awspolicy.Document{Statements: []awspolicy.Statement{{
				Effect: awspolicy.Allow, Actions: []string{"sts:AssumeRole"}, Principal: principals(management.ARN, audit.ARN),
			}}}}
		}
		d := awspolicy.Evaluate(awspolicy.Request{Principal: c.caller, Action: c.action, Resource: c.resource, Context: c.context}, policies)
		if d.Allowed != c.want {
			t.Errorf("%s %s on %s with %v: allowed is %t, want %t (%s)", c.caller.ARN, c.action, c.resource, c.context, d.Allowed, c.want, d.Reason)
		}
	}
}

func TestDeployGaps(t *testing.T) {
	document := awspolicy.Document{Statements: []awspolicy.Statement{{
		Sid: "S", Effect: awspolicy.Allow, Actions: []string{"s3:ListBucket", "s3:CreateBucket", "kms:PutKeyPolicy"}, Resources: []string{"*"},
	}}}
	missing, unused := DeployGaps([]Call{
		{Service: "s3", Operation: "HeadBucket"},
		{Service: "s3", Operation: "PutBucketEncryption"},
		{Service: "s3", Operation: "PutBucketEncryption"},
		{Service: "ec2", Operation: "RunInstances"},
		{Service: "organizations", Operation: "ListAccounts", Error: "AccessDeniedException"},
		{Service: "sts", Operation: "GetCallerIdentity"},
	}, document)
	wantMissing := []string{
		"ec2:RunInstances is a call that the table of IAM actions lacks",
		"s3:PutBucketEncryption needs s3:PutEncryptionConfiguration, which no statement allows",
	}
	if !slices.Equal(missing, wantMissing) {
		t.Errorf("missing: %q", missing)
	}
	if !slices.Equal(unused, []string{"s3:CreateBucket"}) {
		t.Errorf("unused: %q; kms:PutKeyPolicy is in DeployExtra", unused)
	}
}
