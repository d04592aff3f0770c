package bridgeparity

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
)

// sdkType is one resource or data source of the Go SDK. Its structs carry every property's name and type in their
// fields' tags.
type sdkType struct {
	token string
	in    any // the arguments, XArgs
	out   any // the resource itself, or a data source's result
}

// providerType is the provider's own configuration.
var providerType = sdkType{"pulumi:providers:aws", aws.ProviderArgs{}, aws.Provider{}}

// resourceTypes are the resources under test: those of the SDK packages that Trailkeep's stacks import.
var resourceTypes = []sdkType{
	{"aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount", cloudtrail.OrganizationDelegatedAdminAccountArgs{}, cloudtrail.OrganizationDelegatedAdminAccount{}},
	{"aws:cloudtrail/trail:Trail", cloudtrail.TrailArgs{}, cloudtrail.Trail{}},

	{"aws:cloudwatch/compositeAlarm:CompositeAlarm", cloudwatch.CompositeAlarmArgs{}, cloudwatch.CompositeAlarm{}},
	{"aws:cloudwatch/dashboard:Dashboard", cloudwatch.DashboardArgs{}, cloudwatch.Dashboard{}},
	{"aws:cloudwatch/eventRule:EventRule", cloudwatch.EventRuleArgs{}, cloudwatch.EventRule{}},
	{"aws:cloudwatch/eventTarget:EventTarget", cloudwatch.EventTargetArgs{}, cloudwatch.EventTarget{}},
	{"aws:cloudwatch/logGroup:LogGroup", cloudwatch.LogGroupArgs{}, cloudwatch.LogGroup{}},
	{"aws:cloudwatch/logMetricFilter:LogMetricFilter", cloudwatch.LogMetricFilterArgs{}, cloudwatch.LogMetricFilter{}},
	{"aws:cloudwatch/logResourcePolicy:LogResourcePolicy", cloudwatch.LogResourcePolicyArgs{}, cloudwatch.LogResourcePolicy{}},
	{"aws:cloudwatch/logStream:LogStream", cloudwatch.LogStreamArgs{}, cloudwatch.LogStream{}},
	{"aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", cloudwatch.LogSubscriptionFilterArgs{}, cloudwatch.LogSubscriptionFilter{}},
	{"aws:cloudwatch/metricAlarm:MetricAlarm", cloudwatch.MetricAlarmArgs{}, cloudwatch.MetricAlarm{}},
	{"aws:cloudwatch/queryDefinition:QueryDefinition", cloudwatch.QueryDefinitionArgs{}, cloudwatch.QueryDefinition{}},

	{"aws:iam/accountPasswordPolicy:AccountPasswordPolicy", iam.AccountPasswordPolicyArgs{}, iam.AccountPasswordPolicy{}},
	{"aws:iam/policy:Policy", iam.PolicyArgs{}, iam.Policy{}},
	{"aws:iam/role:Role", iam.RoleArgs{}, iam.Role{}},
	{"aws:iam/rolePolicy:RolePolicy", iam.RolePolicyArgs{}, iam.RolePolicy{}},
	{"aws:iam/rolePolicyAttachment:RolePolicyAttachment", iam.RolePolicyAttachmentArgs{}, iam.RolePolicyAttachment{}},
	{"aws:iam/serviceLinkedRole:ServiceLinkedRole", iam.ServiceLinkedRoleArgs{}, iam.ServiceLinkedRole{}},
	{"aws:iam/user:User", iam.UserArgs{}, iam.User{}},

	{"aws:kms/alias:Alias", kms.AliasArgs{}, kms.Alias{}},
	{"aws:kms/grant:Grant", kms.GrantArgs{}, kms.Grant{}},
	{"aws:kms/key:Key", kms.KeyArgs{}, kms.Key{}},
	{"aws:kms/keyPolicy:KeyPolicy", kms.KeyPolicyArgs{}, kms.KeyPolicy{}},
	{"aws:kms/replicaKey:ReplicaKey", kms.ReplicaKeyArgs{}, kms.ReplicaKey{}},

	{"aws:organizations/account:Account", organizations.AccountArgs{}, organizations.Account{}},
	{"aws:organizations/delegatedAdministrator:DelegatedAdministrator", organizations.DelegatedAdministratorArgs{}, organizations.DelegatedAdministrator{}},
	{"aws:organizations/organization:Organization", organizations.OrganizationArgs{}, organizations.Organization{}},
	{"aws:organizations/organizationalUnit:OrganizationalUnit", organizations.OrganizationalUnitArgs{}, organizations.OrganizationalUnit{}},
	{"aws:organizations/policy:Policy", organizations.PolicyArgs{}, organizations.Policy{}},
	{"aws:organizations/policyAttachment:PolicyAttachment", organizations.PolicyAttachmentArgs{}, organizations.PolicyAttachment{}},

	{"aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", s3.AccountPublicAccessBlockArgs{}, s3.AccountPublicAccessBlock{}},
	{"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", s3.BucketLifecycleConfigurationV2Args{}, s3.BucketLifecycleConfigurationV2{}},
	{"aws:s3/bucketLoggingV2:BucketLoggingV2", s3.BucketLoggingV2Args{}, s3.BucketLoggingV2{}},
	{"aws:s3/bucketMetric:BucketMetric", s3.BucketMetricArgs{}, s3.BucketMetric{}},
	{"aws:s3/bucketNotification:BucketNotification", s3.BucketNotificationArgs{}, s3.BucketNotification{}},
	{"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2", s3.BucketObjectLockConfigurationV2Args{}, s3.BucketObjectLockConfigurationV2{}},
	{"aws:s3/bucketObjectv2:BucketObjectv2", s3.BucketObjectv2Args{}, s3.BucketObjectv2{}},
	{"aws:s3/bucketOwnershipControls:BucketOwnershipControls", s3.BucketOwnershipControlsArgs{}, s3.BucketOwnershipControls{}},
	{"aws:s3/bucketPolicy:BucketPolicy", s3.BucketPolicyArgs{}, s3.BucketPolicy{}},
	{"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", s3.BucketPublicAccessBlockArgs{}, s3.BucketPublicAccessBlock{}},
	{"aws:s3/bucketReplicationConfig:BucketReplicationConfig", s3.BucketReplicationConfigArgs{}, s3.BucketReplicationConfig{}},
	{"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", s3.BucketServerSideEncryptionConfigurationV2Args{}, s3.BucketServerSideEncryptionConfigurationV2{}},
	{"aws:s3/bucketV2:BucketV2", s3.BucketV2Args{}, s3.BucketV2{}},
	{"aws:s3/bucketVersioningV2:BucketVersioningV2", s3.BucketVersioningV2Args{}, s3.BucketVersioningV2{}},

	{"aws:sns/topic:Topic", sns.TopicArgs{}, sns.Topic{}},
	{"aws:sns/topicPolicy:TopicPolicy", sns.TopicPolicyArgs{}, sns.TopicPolicy{}},
	{"aws:sns/topicSubscription:TopicSubscription", sns.TopicSubscriptionArgs{}, sns.TopicSubscription{}},
}

// functionTypes are the data sources under test.
var functionTypes = []sdkType{
	{"aws:cloudwatch/getLogGroup:getLogGroup", cloudwatch.LookupLogGroupArgs{}, cloudwatch.LookupLogGroupResult{}},
	{"aws:iam/getPolicyDocument:getPolicyDocument", iam.GetPolicyDocumentArgs{}, iam.GetPolicyDocumentResult{}},
	{"aws:iam/getRole:getRole", iam.LookupRoleArgs{}, iam.LookupRoleResult{}},
	{"aws:index/getCallerIdentity:getCallerIdentity", aws.GetCallerIdentityArgs{}, aws.GetCallerIdentityResult{}},
	{"aws:index/getPartition:getPartition", aws.GetPartitionArgs{}, aws.GetPartitionResult{}},
	{"aws:index/getRegion:getRegion", aws.GetRegionArgs{}, aws.GetRegionResult{}},
	{"aws:kms/getAlias:getAlias", kms.LookupAliasArgs{}, kms.LookupAliasResult{}},
	{"aws:kms/getKey:getKey", kms.LookupKeyArgs{}, kms.LookupKeyResult{}},
	{"aws:organizations/getOrganization:getOrganization", struct{}{}, organizations.LookupOrganizationResult{}},
	{"aws:s3/getBucket:getBucket", s3.LookupBucketArgs{}, s3.LookupBucketResult{}},
}
