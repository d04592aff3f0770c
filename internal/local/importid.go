package local

import (
	"strings"

	"github.com/trailkeep/trailkeep/stacks/config"
)

// origin says where a resource lives: what its provider was configured with.
type origin struct {
	account, region string
}

// inputs are a resource's, as the engine sent them to the provider.
type inputs map[string]any

// text is a string input, "" when it is absent, unknown or of another type.
func (in inputs) text(name string) string {
	s, _ := in[name].(string)
	return s
}

// identity is how AWS tells resources of a type apart.
type identity struct {
	// by names the inputs that identify one. The provider gets them, and nothing
	// else of what was asked for, when it reads a resource whose creation was
	// lost: given more, it would take settings for made that never were (a trail
	// keeps its Insights selectors in the state when AWS has none).
	by []string
	// id builds the provider's id of them; "" when one is missing.
	id func(in inputs, at origin) string
	// always says that one can be read whether it was made or not, since AWS has
	// a default where nothing was said. It counts as made if it reads as asked.
	always bool
}

// identities holds one line a type whose id follows from its inputs. The ids are
// those of the "import" section of each resource's page in the Terraform
// provider's documentation (https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs).
// Types whose id AWS invents are in inventions (orphan.go).
var identities = map[string]identity{
	"aws:athena/workgroup:Workgroup":                     named("name"),
	"aws:cloudtrail/trail:Trail":                         arn("cloudtrail", "trail/", "name"),
	"aws:cloudwatch/eventRule:EventRule":                 {by: []string{"name", "eventBusName"}, id: eventRule},
	"aws:cloudwatch/eventTarget:EventTarget":             {by: []string{"rule", "targetId", "eventBusName"}, id: joined("-", "rule", "targetId").id},
	"aws:cloudwatch/logGroup:LogGroup":                   named("name"),
	"aws:cloudwatch/logResourcePolicy:LogResourcePolicy": named("policyName"),
	"aws:cloudwatch/logMetricFilter:LogMetricFilter":     {by: []string{"name", "logGroupName"}, id: field("name")},
	"aws:cloudwatch/metricAlarm:MetricAlarm":             named("name"),
	"aws:glue/catalogDatabase:CatalogDatabase":           inCatalog("name"),
	"aws:glue/catalogTable:CatalogTable":                 inCatalog("databaseName", "name"),
	"aws:iam/policy:Policy":                              {by: []string{"name", "path"}, id: iamPolicy},
	"aws:iam/role:Role":                                  named("name"),
	"aws:iam/rolePolicy:RolePolicy":                      joined(":", "role", "name"),
	// The provider reads an attachment by role and policy; its id is a label.
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": joined("-", "role", "policyArn"),
	"aws:iam/user:User":                                   named("name"),
	"aws:kms/alias:Alias":                                 named("name"),
	"aws:lambda/function:Function":                        named("name"),
	"aws:organizations/policyAttachment:PolicyAttachment": joined(":", "targetId", "policyId"),
	"aws:sns/topic:Topic":                                 arn("sns", "", "name"),

	"aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount": named("accountId"),
	"aws:organizations/delegatedAdministrator:DelegatedAdministrator":                    joined("/", "accountId", "servicePrincipal"),

	"aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock":               {id: func(_ inputs, at origin) string { return at.account }},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":   ofBucket,
	"aws:s3/bucketLoggingV2:BucketLoggingV2":                                 ofBucket,
	"aws:s3/bucketMetric:BucketMetric":                                       joined(":", "bucket", "name"),
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2": ofBucket,
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls":                 named("bucket"),
	"aws:s3/bucketPolicy:BucketPolicy":                                       named("bucket"),
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock":                 named("bucket"),
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                 named("bucket"),
	"aws:s3/bucketV2:BucketV2":                                               named("bucket"),

	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {by: ofBucket.by, id: ofBucket.id, always: true},
	// A bucket that was never versioned reads as Disabled, and the provider
	// refuses to compare that with what it then becomes.
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {by: ofBucket.by, id: ofBucket.id, always: true},
}

// repeatable holds the types that are simply created once more when a creation
// was lost: the call writes over what is there, or finds it.
var repeatable = map[string]bool{
	"aws:kms/keyPolicy:KeyPolicy":                  true,
	"aws:s3/bucketAclV2:BucketAclV2":               true,
	"aws:s3/bucketNotification:BucketNotification": true,
	"aws:sns/topicPolicy:TopicPolicy":              true,
	"aws:sns/topicSubscription:TopicSubscription":  true,
}

// ofBucket identifies a bucket's setting, which names the expected owner where
// one was given.
var ofBucket = identity{by: []string{"bucket", "expectedBucketOwner"}, id: func(in inputs, _ origin) string {
	id := in.text("bucket")
	if owner := in.text("expectedBucketOwner"); id != "" && owner != "" {
		id += "," + owner
	}
	return id
}}

func field(name string) func(inputs, origin) string {
	return func(in inputs, _ origin) string { return in.text(name) }
}

// named is a type whose id is one of its inputs.
func named(name string) identity { return identity{by: []string{name}, id: field(name)} }

// joined is a type whose id is several of its inputs.
func joined(by string, names ...string) identity {
	return identity{by: names, id: func(in inputs, _ origin) string {
		var parts []string
		for _, n := range names {
			v := in.text(n)
			if v == "" {
				return ""
			}
			parts = append(parts, v)
		}
		return strings.Join(parts, by)
	}}
}

// arn is a type whose id is the ARN of a regional resource.
func arn(service, prefix, name string) identity {
	return identity{by: []string{name}, id: func(in inputs, at origin) string {
		if in.text(name) == "" || at.account == "" || at.region == "" {
			return ""
		}
		return strings.Join([]string{"arn", config.PartitionOf(at.region), service, at.region, at.account, prefix + in.text(name)}, ":")
	}}
}

// inCatalog is a type of Glue's data catalogue, which has the account's id.
func inCatalog(names ...string) identity {
	rest := joined(":", names...)
	return identity{by: names, id: func(in inputs, at origin) string {
		id := rest.id(in, at)
		if id == "" || at.account == "" {
			return ""
		}
		return at.account + ":" + id
	}}
}

func eventRule(in inputs, _ origin) string {
	if bus := in.text("eventBusName"); bus != "" && bus != "default" && in.text("name") != "" {
		return bus + "/" + in.text("name")
	}
	return in.text("name")
}

func iamPolicy(in inputs, at origin) string {
	if in.text("name") == "" || at.account == "" {
		return ""
	}
	path := in.text("path")
	if path == "" {
		path = "/"
	}
	return "arn:" + config.PartitionOf(at.region) + ":iam::" + at.account + ":policy" + path + in.text("name")
}
