package local

import (
	"fmt"
	"strings"

	"github.com/trailkeep/trailkeep/stacks/config"
)

// origin says where a resource lives: what its provider was configured with.
type origin struct {
	account, region string
}

// importID computes the id under which the provider reads a resource that was
// created but not recorded, from the inputs of its creation. One line a type;
// the ids are those of the Terraform provider's "import" documentation
// (https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs).
// Types whose id AWS invents are in invented (orphan.go).
var importID = map[string]func(in inputs, at origin) string{
	"aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": field("accountId"),
	"aws:cloudtrail/trail:Trail": func(in inputs, at origin) string {
		return at.arn("cloudtrail", "trail/"+in.text("name"))
	},
	"aws:cloudwatch/eventRule:EventRule": func(in inputs, _ origin) string {
		if bus := in.text("eventBusName"); bus != "" && bus != "default" {
			return bus + "/" + in.text("name")
		}
		return in.text("name")
	},
	"aws:cloudwatch/eventTarget:EventTarget":             joined("-", "rule", "targetId"),
	"aws:cloudwatch/logGroup:LogGroup":                   field("name"),
	"aws:cloudwatch/logMetricFilter:LogMetricFilter":     field("name"),
	"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": field("policyName"),
	"aws:cloudwatch/metricAlarm:MetricAlarm":             field("name"),
	"aws:glue/catalogDatabase:CatalogDatabase": func(in inputs, at origin) string {
		return at.account + ":" + in.text("name")
	},
	"aws:glue/catalogTable:CatalogTable": func(in inputs, at origin) string {
		return at.account + ":" + in.text("databaseName") + ":" + in.text("name")
	},
	"aws:athena/workgroup:Workgroup":          field("name"),
	"aws:iam/instanceProfile:InstanceProfile": field("name"),
	"aws:iam/policy:Policy": func(in inputs, at origin) string {
		path := in.text("path")
		if path == "" {
			path = "/"
		}
		return "arn:aws:iam::" + at.account + ":policy" + path + in.text("name")
	},
	"aws:iam/role:Role":             field("name"),
	"aws:iam/rolePolicy:RolePolicy": joined(":", "role", "name"),
	// The provider reads an attachment by its role and policy; its id is only
	// a label.
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": joined("-", "role", "policyArn"),
	"aws:iam/user:User":                                               field("name"),
	"aws:kms/alias:Alias":                                             field("name"),
	"aws:kms/keyPolicy:KeyPolicy":                                     field("keyId"),
	"aws:lambda/function:Function":                                    field("name"),
	"aws:organizations/policyAttachment:PolicyAttachment":             joined(":", "targetId", "policyId"),
	"aws:organizations/delegatedAdministrator:DelegatedAdministrator": joined("/", "accountId", "servicePrincipal"),

	"aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": func(_ inputs, at origin) string { return at.account },
	"aws:s3/bucket:Bucket":     field("bucket"),
	"aws:s3/bucketV2:BucketV2": field("bucket"),
	"aws:s3/bucketAclV2:BucketAclV2": func(in inputs, _ origin) string {
		id := in.text("bucket")
		if acl := in.text("acl"); acl != "" {
			id += "," + acl
		}
		return id
	},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       ofBucket,
	"aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration":                           ofBucket,
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                                     ofBucket,
	"aws:s3/bucketMetric:BucketMetric":                                                           joined(":", "bucket", "name"),
	"aws:s3/bucketNotification:BucketNotification":                                               field("bucket"),
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2":                     ofBucket,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                                     field("bucket"),
	"aws:s3/bucketPolicy:BucketPolicy":                                                           field("bucket"),
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                                     field("bucket"),
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                                     field("bucket"),
	"aws:s3/bucketRequestPaymentConfigurationV2:BucketRequestPaymentConfigurationV2":             ofBucket,
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": ofBucket,
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                                               ofBucket,
	"aws:sns/topic:Topic":             func(in inputs, at origin) string { return at.arn("sns", in.text("name")) },
	"aws:sns/topicPolicy:TopicPolicy": field("arn"),
}

// inputs are a resource's, as the engine sent them to the provider.
type inputs map[string]any

// text is a string input, "" when it is absent, unknown or of another type.
func (in inputs) text(name string) string {
	s, _ := in[name].(string)
	return s
}

func field(name string) func(inputs, origin) string {
	return func(in inputs, _ origin) string { return in.text(name) }
}

// joined builds an id of several inputs, or none if one is missing.
func joined(by string, names ...string) func(inputs, origin) string {
	return func(in inputs, _ origin) string {
		var parts []string
		for _, n := range names {
			v := in.text(n)
			if v == "" {
				return ""
			}
			parts = append(parts, v)
		}
		return strings.Join(parts, by)
	}
}

// ofBucket is the id of a bucket's sub-resource, which names the expected owner
// where one was given.
func ofBucket(in inputs, _ origin) string {
	id := in.text("bucket")
	if owner := in.text("expectedBucketOwner"); id != "" && owner != "" {
		id += "," + owner
	}
	return id
}

// arn builds the ARN of a regional resource, or none where account or region
// are not known.
func (at origin) arn(service, resource string) string {
	if at.account == "" || at.region == "" || strings.HasSuffix(resource, "/") || resource == "" {
		return ""
	}
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", config.PartitionOf(at.region), service, at.region, at.account, resource)
}
