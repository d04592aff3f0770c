package main

import "github.com/pulumi/pulumi/sdk/v3/go/common/tokens"

// resourceTokens gives every Terraform resource type that is served its token in pulumi-aws v6, the string its Go SDK
// passes to RegisterResource. Types that are missing here are not served at all: the whole provider has more than
// 1500 of them, and reading their schemas is most of a plugin's start-up.
var resourceTokens = map[string]tokens.Type{
	"aws_accessanalyzer_analyzer": "aws:accessanalyzer/analyzer:Analyzer",

	"aws_athena_database":    "aws:athena/database:Database",
	"aws_athena_named_query": "aws:athena/namedQuery:NamedQuery",
	"aws_athena_workgroup":   "aws:athena/workgroup:Workgroup",

	"aws_config_configuration_aggregator":      "aws:cfg/configurationAggregator:ConfigurationAggregator",
	"aws_config_configuration_recorder":        "aws:cfg/recorder:Recorder",
	"aws_config_configuration_recorder_status": "aws:cfg/recorderStatus:RecorderStatus",
	"aws_config_delivery_channel":              "aws:cfg/deliveryChannel:DeliveryChannel",

	"aws_cloudformation_stack_set":          "aws:cloudformation/stackSet:StackSet",
	"aws_cloudformation_stack_set_instance": "aws:cloudformation/stackSetInstance:StackSetInstance",

	"aws_cloudtrail": "aws:cloudtrail/trail:Trail",
	"aws_cloudtrail_organization_delegated_admin_account": "aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount",

	"aws_cloudwatch_composite_alarm":         "aws:cloudwatch/compositeAlarm:CompositeAlarm",
	"aws_cloudwatch_dashboard":               "aws:cloudwatch/dashboard:Dashboard",
	"aws_cloudwatch_event_rule":              "aws:cloudwatch/eventRule:EventRule",
	"aws_cloudwatch_event_target":            "aws:cloudwatch/eventTarget:EventTarget",
	"aws_cloudwatch_log_group":               "aws:cloudwatch/logGroup:LogGroup",
	"aws_cloudwatch_log_metric_filter":       "aws:cloudwatch/logMetricFilter:LogMetricFilter",
	"aws_cloudwatch_log_resource_policy":     "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
	"aws_cloudwatch_log_stream":              "aws:cloudwatch/logStream:LogStream",
	"aws_cloudwatch_log_subscription_filter": "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
	"aws_cloudwatch_metric_alarm":            "aws:cloudwatch/metricAlarm:MetricAlarm",
	"aws_cloudwatch_query_definition":        "aws:cloudwatch/queryDefinition:QueryDefinition",

	"aws_glue_catalog_database": "aws:glue/catalogDatabase:CatalogDatabase",
	"aws_glue_catalog_table":    "aws:glue/catalogTable:CatalogTable",

	"aws_guardduty_detector":                   "aws:guardduty/detector:Detector",
	"aws_guardduty_organization_admin_account": "aws:guardduty/organizationAdminAccount:OrganizationAdminAccount",
	"aws_guardduty_organization_configuration": "aws:guardduty/organizationConfiguration:OrganizationConfiguration",

	"aws_iam_account_password_policy": "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
	"aws_iam_policy":                  "aws:iam/policy:Policy",
	"aws_iam_role":                    "aws:iam/role:Role",
	"aws_iam_role_policy":             "aws:iam/rolePolicy:RolePolicy",
	"aws_iam_role_policy_attachment":  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
	"aws_iam_service_linked_role":     "aws:iam/serviceLinkedRole:ServiceLinkedRole",
	"aws_iam_user":                    "aws:iam/user:User",

	"aws_kms_alias":       "aws:kms/alias:Alias",
	"aws_kms_grant":       "aws:kms/grant:Grant",
	"aws_kms_key":         "aws:kms/key:Key",
	"aws_kms_key_policy":  "aws:kms/keyPolicy:KeyPolicy",
	"aws_kms_replica_key": "aws:kms/replicaKey:ReplicaKey",

	"aws_lambda_function":   "aws:lambda/function:Function",
	"aws_lambda_permission": "aws:lambda/permission:Permission",

	"aws_organizations_account":                 "aws:organizations/account:Account",
	"aws_organizations_delegated_administrator": "aws:organizations/delegatedAdministrator:DelegatedAdministrator",
	"aws_organizations_organization":            "aws:organizations/organization:Organization",
	"aws_organizations_organizational_unit":     "aws:organizations/organizationalUnit:OrganizationalUnit",
	"aws_organizations_policy":                  "aws:organizations/policy:Policy",
	"aws_organizations_policy_attachment":       "aws:organizations/policyAttachment:PolicyAttachment",

	"aws_s3_account_public_access_block":                 "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
	"aws_s3_bucket":                                      "aws:s3/bucketV2:BucketV2",
	"aws_s3_bucket_lifecycle_configuration":              "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
	"aws_s3_bucket_logging":                              "aws:s3/bucketLoggingV2:BucketLoggingV2",
	"aws_s3_bucket_metric":                               "aws:s3/bucketMetric:BucketMetric",
	"aws_s3_bucket_notification":                         "aws:s3/bucketNotification:BucketNotification",
	"aws_s3_bucket_object_lock_configuration":            "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
	"aws_s3_bucket_ownership_controls":                   "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
	"aws_s3_bucket_policy":                               "aws:s3/bucketPolicy:BucketPolicy",
	"aws_s3_bucket_public_access_block":                  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
	"aws_s3_bucket_replication_configuration":            "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
	"aws_s3_bucket_server_side_encryption_configuration": "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
	"aws_s3_bucket_versioning":                           "aws:s3/bucketVersioningV2:BucketVersioningV2",
	"aws_s3_object":                                      "aws:s3/bucketObjectv2:BucketObjectv2",

	"aws_securityhub_account":                    "aws:securityhub/account:Account",
	"aws_securityhub_finding_aggregator":         "aws:securityhub/findingAggregator:FindingAggregator",
	"aws_securityhub_organization_admin_account": "aws:securityhub/organizationAdminAccount:OrganizationAdminAccount",
	"aws_securityhub_organization_configuration": "aws:securityhub/organizationConfiguration:OrganizationConfiguration",

	"aws_sns_topic":              "aws:sns/topic:Topic",
	"aws_sns_topic_policy":       "aws:sns/topicPolicy:TopicPolicy",
	"aws_sns_topic_subscription": "aws:sns/topicSubscription:TopicSubscription",

	"aws_sqs_queue":        "aws:sqs/queue:Queue",
	"aws_sqs_queue_policy": "aws:sqs/queuePolicy:QueuePolicy",

	"aws_wafv2_ip_set": "aws:wafv2/ipSet:IpSet",
}

// dataSourceTokens is resourceTokens for data sources: the string the Go SDK passes to Invoke.
var dataSourceTokens = map[string]tokens.ModuleMember{
	"aws_caller_identity":            "aws:index/getCallerIdentity:getCallerIdentity",
	"aws_cloudwatch_log_group":       "aws:cloudwatch/getLogGroup:getLogGroup",
	"aws_iam_policy_document":        "aws:iam/getPolicyDocument:getPolicyDocument",
	"aws_iam_role":                   "aws:iam/getRole:getRole",
	"aws_kms_alias":                  "aws:kms/getAlias:getAlias",
	"aws_kms_key":                    "aws:kms/getKey:getKey",
	"aws_organizations_organization": "aws:organizations/getOrganization:getOrganization",
	"aws_partition":                  "aws:index/getPartition:getPartition",
	"aws_region":                     "aws:index/getRegion:getRegion",
	"aws_s3_bucket":                  "aws:s3/getBucket:getBucket",
}
