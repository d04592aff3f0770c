package policydocuments

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/trailkeep/trailkeep/awspolicy"
)

// actionsForCall maps each API call that the deploying role makes, by signing
// name and operation, to the IAM actions that AWS asks for. Most are equal; the
// rest is why the table exists. An action that AWS asks for only when the call
// carries tags, a key or a role is listed, since our calls may carry them.
//
// Source: the Service Authorization Reference,
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var actionsForCall = map[string][]string{
	"cloudtrail:AddTags":                              {"cloudtrail:AddTags"},
	"cloudtrail:CreateTrail":                          {"cloudtrail:CreateTrail", "cloudtrail:AddTags", "iam:PassRole"},
	"cloudtrail:DeleteTrail":                          {"cloudtrail:DeleteTrail"},
	"cloudtrail:DeregisterOrganizationDelegatedAdmin": {"cloudtrail:DeregisterOrganizationDelegatedAdmin", "organizations:DeregisterDelegatedAdministrator"},
	"cloudtrail:DescribeTrails":                       {"cloudtrail:DescribeTrails"},
	"cloudtrail:GetEventSelectors":                    {"cloudtrail:GetEventSelectors"},
	"cloudtrail:GetInsightSelectors":                  {"cloudtrail:GetInsightSelectors"},
	"cloudtrail:GetTrailStatus":                       {"cloudtrail:GetTrailStatus"},
	"cloudtrail:ListTags":                             {"cloudtrail:ListTags"},
	"cloudtrail:ListTrails":                           {"cloudtrail:ListTrails"},
	"cloudtrail:PutEventSelectors":                    {"cloudtrail:PutEventSelectors"},
	"cloudtrail:PutInsightSelectors":                  {"cloudtrail:PutInsightSelectors"},
	"cloudtrail:RegisterOrganizationDelegatedAdmin":   {"cloudtrail:RegisterOrganizationDelegatedAdmin", "organizations:RegisterDelegatedAdministrator"},
	"cloudtrail:RemoveTags":                           {"cloudtrail:RemoveTags"},
	"cloudtrail:StartLogging":                         {"cloudtrail:StartLogging"},
	"cloudtrail:UpdateTrail":                          {"cloudtrail:UpdateTrail", "iam:PassRole"},

	"iam:CreateRole":                  {"iam:CreateRole", "iam:TagRole"},
	"iam:DeleteRole":                  {"iam:DeleteRole"},
	"iam:DeleteRolePolicy":            {"iam:DeleteRolePolicy"},
	"iam:GetRole":                     {"iam:GetRole"},
	"iam:GetRolePolicy":               {"iam:GetRolePolicy"},
	"iam:GetUser":                     {"iam:GetUser"},
	"iam:ListAttachedRolePolicies":    {"iam:ListAttachedRolePolicies"},
	"iam:ListInstanceProfilesForRole": {"iam:ListInstanceProfilesForRole"},
	"iam:ListRolePolicies":            {"iam:ListRolePolicies"},
	"iam:PutRolePolicy":               {"iam:PutRolePolicy"},
	"iam:TagRole":                     {"iam:TagRole"},
	"iam:UntagRole":                   {"iam:UntagRole"},
	"iam:UpdateAssumeRolePolicy":      {"iam:UpdateAssumeRolePolicy"},
	"iam:UpdateRole":                  {"iam:UpdateRole"},
	"iam:UpdateRoleDescription":       {"iam:UpdateRoleDescription"},

	"kms:CreateAlias":          {"kms:CreateAlias"},
	"kms:CreateKey":            {"kms:CreateKey", "kms:TagResource"},
	"kms:DeleteAlias":          {"kms:DeleteAlias"},
	"kms:DescribeKey":          {"kms:DescribeKey"},
	"kms:EnableKeyRotation":    {"kms:EnableKeyRotation"},
	"kms:GetKeyPolicy":         {"kms:GetKeyPolicy"},
	"kms:GetKeyRotationStatus": {"kms:GetKeyRotationStatus"},
	"kms:ListAliases":          {"kms:ListAliases"},
	"kms:ListResourceTags":     {"kms:ListResourceTags"},
	"kms:PutKeyPolicy":         {"kms:PutKeyPolicy"},
	"kms:ScheduleKeyDeletion":  {"kms:ScheduleKeyDeletion"},
	"kms:TagResource":          {"kms:TagResource"},
	"kms:UntagResource":        {"kms:UntagResource"},
	"kms:UpdateAlias":          {"kms:UpdateAlias"},
	"kms:UpdateKeyDescription": {"kms:UpdateKeyDescription"},

	"logs:AssociateKmsKey":     {"logs:AssociateKmsKey"},
	"logs:CreateLogGroup":      {"logs:CreateLogGroup", "logs:TagResource"},
	"logs:DeleteLogGroup":      {"logs:DeleteLogGroup"},
	"logs:DescribeLogGroups":   {"logs:DescribeLogGroups"},
	"logs:ListTagsForResource": {"logs:ListTagsForResource"},
	"logs:PutRetentionPolicy":  {"logs:PutRetentionPolicy"},
	"logs:TagResource":         {"logs:TagResource"},
	"logs:UntagResource":       {"logs:UntagResource"},

	"organizations:DescribeOrganization":                {"organizations:DescribeOrganization"},
	"organizations:DisableAWSServiceAccess":             {"organizations:DisableAWSServiceAccess"},
	"organizations:DisablePolicyType":                   {"organizations:DisablePolicyType"},
	"organizations:EnableAWSServiceAccess":              {"organizations:EnableAWSServiceAccess"},
	"organizations:EnablePolicyType":                    {"organizations:EnablePolicyType"},
	"organizations:ListAWSServiceAccessForOrganization": {"organizations:ListAWSServiceAccessForOrganization"},
	"organizations:ListAccounts":                        {"organizations:ListAccounts"},
	"organizations:ListDelegatedAdministrators":         {"organizations:ListDelegatedAdministrators"},
	"organizations:ListRoots":                           {"organizations:ListRoots"},

	"s3:CreateBucket":                     {"s3:CreateBucket"},
	"s3:DeleteBucket":                     {"s3:DeleteBucket"},
	"s3:DeleteBucketEncryption":           {"s3:PutEncryptionConfiguration"},
	"s3:DeleteBucketLifecycle":            {"s3:PutLifecycleConfiguration"},
	"s3:DeleteBucketOwnershipControls":    {"s3:PutBucketOwnershipControls"},
	"s3:DeleteBucketPolicy":               {"s3:DeleteBucketPolicy"},
	"s3:DeleteBucketReplication":          {"s3:PutReplicationConfiguration"},
	"s3:DeleteBucketTagging":              {"s3:PutBucketTagging"},
	"s3:DeletePublicAccessBlock":          {"s3:PutBucketPublicAccessBlock"},
	"s3:GetBucketAccelerateConfiguration": {"s3:GetAccelerateConfiguration"},
	"s3:GetBucketAcl":                     {"s3:GetBucketAcl"},
	"s3:GetBucketCors":                    {"s3:GetBucketCORS"},
	"s3:GetBucketEncryption":              {"s3:GetEncryptionConfiguration"},
	"s3:GetBucketLifecycleConfiguration":  {"s3:GetLifecycleConfiguration"},
	"s3:GetBucketLogging":                 {"s3:GetBucketLogging"},
	"s3:GetBucketOwnershipControls":       {"s3:GetBucketOwnershipControls"},
	"s3:GetBucketPolicy":                  {"s3:GetBucketPolicy"},
	"s3:GetBucketReplication":             {"s3:GetReplicationConfiguration"},
	"s3:GetBucketRequestPayment":          {"s3:GetBucketRequestPayment"},
	"s3:GetBucketTagging":                 {"s3:GetBucketTagging"},
	"s3:GetBucketVersioning":              {"s3:GetBucketVersioning"},
	"s3:GetBucketWebsite":                 {"s3:GetBucketWebsite"},
	"s3:GetObjectLockConfiguration":       {"s3:GetBucketObjectLockConfiguration"},
	"s3:GetPublicAccessBlock":             {"s3:GetBucketPublicAccessBlock"},
	"s3:HeadBucket":                       {"s3:ListBucket"},
	"s3:PutBucketEncryption":              {"s3:PutEncryptionConfiguration"},
	"s3:PutBucketLifecycleConfiguration":  {"s3:PutLifecycleConfiguration"},
	"s3:PutBucketLogging":                 {"s3:PutBucketLogging"},
	"s3:PutBucketOwnershipControls":       {"s3:PutBucketOwnershipControls"},
	"s3:PutBucketPolicy":                  {"s3:PutBucketPolicy"},
	"s3:PutBucketReplication":             {"s3:PutReplicationConfiguration", "iam:PassRole"},
	"s3:PutBucketTagging":                 {"s3:PutBucketTagging"},
	"s3:PutBucketVersioning":              {"s3:PutBucketVersioning"},
	"s3:PutObjectLockConfiguration":       {"s3:PutBucketObjectLockConfiguration"},
	"s3:PutPublicAccessBlock":             {"s3:PutBucketPublicAccessBlock"},

	"sns:CreateTopic":         {"sns:CreateTopic", "sns:TagResource"},
	"sns:DeleteTopic":         {"sns:DeleteTopic"},
	"sns:GetTopicAttributes":  {"sns:GetTopicAttributes"},
	"sns:ListTagsForResource": {"sns:ListTagsForResource"},
	"sns:SetTopicAttributes":  {"sns:SetTopicAttributes"},
	"sns:TagResource":         {"sns:TagResource"},
	"sns:UntagResource":       {"sns:UntagResource"},

	"sts:AssumeRole": {"sts:AssumeRole"},
	// "No permissions are required to perform this operation."
	// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
	"sts:GetCallerIdentity": {},
}

// ActionsForCall returns the IAM actions that an API call needs, which for some
// calls is none, and whether the call is known. The service is the name that
// requests are signed for, such as s3 or logs.
func ActionsForCall(service, operation string) ([]string, bool) {
	actions, ok := actionsForCall[service+":"+operation]
	return slices.Clone(actions), ok
}

// CallsForAction returns the API calls that need an action, sorted: the other
// direction of ActionsForCall.
func CallsForAction(action string) []string {
	var calls []string
	for call, actions := range actionsForCall {
		if slices.Contains(actions, action) {
			calls = append(calls, call)
		}
	}
	slices.Sort(calls)
	return calls
}

const (
	forUpdates   = "an up calls it only where a setting, a tag or a policy has changed"
	forPreflight = "preflight calls it, and not every up runs preflight"
	forAWS       = "CloudTrail does it with the caller's rights, not the caller; AWS documents it for organization trails"
	forDestroy   = "only the destruction of a disposable stack calls it"
	forLists     = "the organization's lists are imported as they are; it is called once they are changed in the stack file"
)

// DeployExtra are the actions that the deploying role is allowed though a first
// and a second up may call nothing that needs them, each with its reason.
var DeployExtra = map[string]string{
	"cloudtrail:GetEventSelectors": forPreflight + " (in the audit account, which has no trail of its own)",
	"cloudtrail:DescribeTrails":    forPreflight + " (in the audit account, which has no trail of its own)",
	"cloudtrail:ListTrails":        forPreflight,
	"iam:GetUser":                  forPreflight,
	"organizations:ListRoots":      forPreflight,

	"organizations:ListDelegatedAdministrators": forPreflight,
	"kms:ListResourceTags":                      forPreflight + " (to recognize our keys by their tag)",

	"cloudtrail:AddTags":         forUpdates,
	"cloudtrail:RemoveTags":      forUpdates,
	"cloudtrail:UpdateTrail":     forUpdates,
	"iam:TagRole":                forUpdates,
	"iam:UntagRole":              forUpdates,
	"iam:UpdateAssumeRolePolicy": forUpdates,
	"iam:UpdateRole":             forUpdates,
	"iam:UpdateRoleDescription":  forUpdates,
	"kms:PutKeyPolicy":           forUpdates,
	"kms:UntagResource":          forUpdates,
	"kms:UpdateAlias":            forUpdates,
	"kms:UpdateKeyDescription":   forUpdates,
	"logs:AssociateKmsKey":       forUpdates,
	"logs:TagResource":           forUpdates,
	"logs:UntagResource":         forUpdates,
	"s3:PutBucketTagging":        forUpdates,
	"sns:TagResource":            forUpdates,
	"sns:UntagResource":          forUpdates,

	"cloudtrail:GetInsightSelectors": "the provider reads them only where Insights are, or were, on",
	"cloudtrail:PutInsightSelectors": forUpdates,
	// "If ObjectLockEnabledForBucket is set to true in your CreateBucket
	// request, s3:PutBucketObjectLockConfiguration and s3:PutBucketVersioning
	// permissions are required."
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
	"s3:PutBucketObjectLockConfiguration": "a locked bucket and its retention need it; one with MFA delete does not",

	"iam:CreateServiceLinkedRole":                  forAWS,
	"organizations:EnableAWSServiceAccess":         forAWS,
	"organizations:RegisterDelegatedAdministrator": forAWS,

	"organizations:DisableAWSServiceAccess": forLists,
	"organizations:EnablePolicyType":        forLists,
	"organizations:DisablePolicyType":       forLists,

	"cloudtrail:DeleteTrail":                          forDestroy,
	"cloudtrail:DeregisterOrganizationDelegatedAdmin": forDestroy,
	"iam:DeleteRole":                                  forDestroy,
	"iam:DeleteRolePolicy":                            forDestroy,
	"iam:ListInstanceProfilesForRole":                 forDestroy,
	"kms:DeleteAlias":                                 forDestroy,
	"kms:ScheduleKeyDeletion":                         forDestroy,
	"logs:DeleteLogGroup":                             forDestroy,
	"organizations:DeregisterDelegatedAdministrator":  forDestroy,
	"s3:DeleteBucket":                                 forDestroy,
	"s3:DeleteBucketPolicy":                           forDestroy,
	"sns:DeleteTopic":                                 forDestroy,
}

// Call is one API call as a call log tells it.
type Call struct {
	Service   string `json:"service"` // signing name
	Operation string `json:"operation"`
	// Error is the error code that the service answered with; empty for none.
	Error string `json:"error"`
}

// DeployGaps compares the calls that one role made with its policies. Missing
// are calls that the table lacks or that no statement allows, each with what it
// needs; unused are allowed actions that no call needed and that DeployExtra
// does not list. Both are sorted and without repetition. A call that the service
// itself refused with AccessDenied counts for nothing: a member account may not
// list accounts, whatever its policies say. Resources and conditions are not
// compared, since a call log has none.
func DeployGaps(calls []Call, documents ...awspolicy.Document) (missing, unused []string) {
	allowed := map[string]bool{}
	for _, document := range documents {
		for _, s := range document.Statements {
			if s.Effect == awspolicy.Allow {
				for _, action := range s.Actions {
					allowed[strings.ToLower(action)] = true
				}
			}
		}
	}
	needed, gaps := map[string]bool{}, map[string]bool{}
	for _, c := range calls {
		if strings.HasPrefix(c.Error, "AccessDenied") {
			continue
		}
		actions, ok := ActionsForCall(c.Service, c.Operation)
		if !ok {
			gaps[fmt.Sprintf("%s:%s is a call that the table of IAM actions lacks", c.Service, c.Operation)] = true
		}
		for _, action := range actions {
			needed[strings.ToLower(action)] = true
			if !allowed[strings.ToLower(action)] {
				gaps[fmt.Sprintf("%s:%s needs %s, which no statement allows", c.Service, c.Operation, action)] = true
			}
		}
	}
	for _, document := range documents {
		for _, s := range document.Statements {
			for _, action := range s.Actions {
				if _, extra := DeployExtra[action]; !extra && !needed[strings.ToLower(action)] && !slices.Contains(unused, action) {
					unused = append(unused, action)
				}
			}
		}
	}
	slices.Sort(unused)
	return slices.Sorted(maps.Keys(gaps)), unused
}
