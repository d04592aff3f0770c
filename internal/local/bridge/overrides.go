package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

type fields = map[string]*tfbridge.SchemaInfo

// single marks a Terraform list or set block that pulumi-aws projects as one object although the provider's protocol
// does not tell that it holds at most one (framework blocks say so by validators, which the protocol does not carry).
func single(of fields) *tfbridge.SchemaInfo {
	one := blocks(of)
	one.MaxItemsOne = tfbridge.True()
	return one
}

// many marks a block that pulumi-aws keeps a list although Terraform allows only one: SDK v6 kept the shape that
// BucketV2's inline blocks had while Terraform computed them.
func many(of fields) *tfbridge.SchemaInfo {
	several := blocks(of)
	several.MaxItemsOne = tfbridge.False()
	return several
}

// blocks gives overrides for the blocks of a Terraform list or set, whose shape stays as derived.
func blocks(of fields) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Elem: &tfbridge.SchemaInfo{Fields: of}}
}

// documentType is the alternative of a JSON document's property: an object that stands for its text.
const documentType tokens.Type = "object"

// document marks a string that holds JSON, which pulumi-aws takes as an object too (a policy document).
func document() *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Type: "string", AltTypes: []tokens.Type{documentType}}
}

// reference marks a string that names another resource, which pulumi-aws takes as that resource too. The engine passes
// its id, since server.Configure accepts no resources.
func reference(name string, to ...tokens.Type) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Name: name, Type: "string", AltTypes: to}
}

// alarmActions marks a list of topics' ARNs or topics.
func alarmActions() *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Elem: reference("", "aws:sns/topic:Topic")}
}

// stored marks a path that pulumi-aws takes as an asset or archive.
func stored(name string, kind tfbridge.AssetTranslationKind) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Name: name, Asset: &tfbridge.AssetTranslation{Kind: kind, Format: archive.ZIPArchive}}
}

// providerFields holds the deviations of the provider's own configuration. Without assume_role as a single object the
// bridge drops a program's assumeRole and every resource lands in one account.
var providerFields = fields{
	"assume_role":                   single(nil),
	"assume_role_with_web_identity": single(nil),
	"default_tags":                  single(nil),
	"ignore_tags":                   single(nil),
	"skip_metadata_api_check":       {Type: "boolean"},
}

// resourceFields holds the properties whose name or shape in pulumi-aws v6 differs from what the bridge derives.
// The package bridgeparity finds what is missing here.
var resourceFields = map[string]fields{
	"aws_cloudwatch_log_resource_policy": {"policy_document": document()},
	"aws_cloudwatch_log_subscription_filter": {
		"log_group_name": reference("logGroup", "aws:cloudwatch/logGroup:LogGroup"),
	},
	"aws_cloudwatch_metric_alarm": {
		"alarm_name":                tfbridge.AutoName("name", 255, "-"),
		"alarm_actions":             alarmActions(),
		"insufficient_data_actions": alarmActions(),
		"ok_actions":                alarmActions(),
	},

	"aws_iam_policy":      {"policy": document()},
	"aws_iam_role":        {"assume_role_policy": document()},
	"aws_iam_role_policy": {"policy": document(), "role": reference("", "aws:iam/role:Role")},
	"aws_iam_role_policy_attachment": {
		"role": reference("", "aws:iam/role:Role"),
	},

	"aws_lambda_function": {
		"function_name": tfbridge.AutoName("name", 64, "-"),
		"filename":      stored("code", tfbridge.FileArchive),
	},
	"aws_lambda_permission": {"function_name": reference("function", "aws:lambda/function:Function")},

	"aws_s3_bucket": {
		"bucket": tfbridge.AutoNameTransform("bucket", 63, strings.ToLower),
		"lifecycle_rule": blocks(fields{
			"expiration":                    many(nil),
			"noncurrent_version_expiration": many(nil),
		}),
		"logging":                   many(nil),
		"object_lock_configuration": single(fields{"rule": many(fields{"default_retention": many(nil)})}),
		"replication_configuration": many(fields{"rules": blocks(fields{
			"destination": many(fields{
				"access_control_translation": many(nil),
				"metrics":                    many(nil),
				"replication_time":           many(nil),
			}),
			"filter":                    many(nil),
			"source_selection_criteria": many(fields{"sse_kms_encrypted_objects": many(nil)}),
		})}),
		"server_side_encryption_configuration": many(fields{"rule": many(fields{
			"apply_server_side_encryption_by_default": many(nil),
		})}),
		"versioning": many(nil),
		"website":    many(nil),
	},
	"aws_s3_bucket_lifecycle_configuration": {
		"rule": blocks(fields{
			"filter":                            single(fields{"and": single(nil), "tag": single(nil)}),
			"expiration":                        single(nil),
			"abort_incomplete_multipart_upload": single(nil),
			"noncurrent_version_expiration":     single(nil),
		}),
		"timeouts": {}, // a framework resource: here the SDK has the property
	},
	"aws_s3_bucket_policy": {"policy": document()},
	"aws_s3_object": {
		"bucket": reference("", "aws:s3/bucketV2:BucketV2"),
		"source": stored("", tfbridge.FileAsset),
		// The key is the resource's name where the program gives none.
		"key": {Default: &tfbridge.DefaultInfo{From: tfbridge.FromName(tfbridge.AutoNameOptions{})}},
	},

	"aws_sns_topic_policy":       {"policy": document()},
	"aws_sns_topic_subscription": {"topic_arn": reference("topic", "aws:sns/topic:Topic")},

	"aws_sqs_queue_policy": {"policy": document()},
}
