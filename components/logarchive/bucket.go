package logarchive

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/policydocuments"
)

// bucket declares one locked bucket, the archive's or the replica's.
type bucket struct {
	ctx          *pulumi.Context
	resources    *[]pulumi.Resource // where it adds what it declares
	name         string
	bucketName   pulumi.StringInput
	keyARN       pulumi.StringInput // nil for SSE-S3
	objectLocked bool
	options      func(...pulumi.ResourceOption) []pulumi.ResourceOption

	bucket     *s3.BucketV2
	policy     *s3.BucketPolicy
	versioning *s3.BucketVersioningV2
	// ready is what has to exist before the first object arrives.
	ready []pulumi.Resource
}

// declare makes the bucket private and versioned, and only then gives it its
// policy, since S3 refuses to change several settings of a bucket at once.
func (b *bucket) declare(policyNeeds []pulumi.Resource, policy pulumi.StringInput) error {
	var err error
	b.bucket, err = s3.NewBucketV2(b.ctx, b.name, &s3.BucketV2Args{
		Bucket:            b.bucketName,
		ForceDestroy:      pulumi.Bool(false),
		ObjectLockEnabled: pulumi.Bool(b.objectLocked),
	}, b.options()...)
	if err != nil {
		return err
	}
	ownership, err := s3.NewBucketOwnershipControls(b.ctx, b.name, &s3.BucketOwnershipControlsArgs{
		Bucket: b.bucket.Bucket,
		Rule:   &s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, b.options()...)
	if err != nil {
		return fmt.Errorf("ownership controls: %w", err)
	}
	private, err := s3.NewBucketPublicAccessBlock(b.ctx, b.name, &s3.BucketPublicAccessBlockArgs{
		Bucket:                b.bucket.Bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, b.options()...)
	if err != nil {
		return fmt.Errorf("public access block: %w", err)
	}
	b.versioning, err = s3.NewBucketVersioningV2(b.ctx, b.name, &s3.BucketVersioningV2Args{
		Bucket:                  b.bucket.Bucket,
		VersioningConfiguration: &s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
		// Once MFA delete is on, every write of this setting needs a code that
		// no program has: the status stays watched, the MFA half is a person's.
		// https://github.com/hashicorp/terraform-provider-aws/issues/629
	}, b.options(pulumi.IgnoreChanges([]string{"versioningConfiguration.mfaDelete"}))...)
	if err != nil {
		return fmt.Errorf("versioning: %w", err)
	}
	encryption := &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{SseAlgorithm: pulumi.String("AES256")}
	if b.keyARN != nil {
		encryption = &s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
			SseAlgorithm:   pulumi.String("aws:kms"),
			KmsMasterKeyId: b.keyARN,
		}
	}
	encrypted, err := s3.NewBucketServerSideEncryptionConfigurationV2(b.ctx, b.name, &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.bucket.Bucket,
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{&s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: encryption,
			// A bucket key would replace CloudTrail's encryption context, which
			// the key policy tests, by the bucket's. It costs one KMS request a
			// file instead: about 3 USD a million files.
			BucketKeyEnabled: pulumi.Bool(false),
		}},
	}, b.options()...)
	if err != nil {
		return fmt.Errorf("encryption: %w", err)
	}
	b.policy, err = s3.NewBucketPolicy(b.ctx, b.name, &s3.BucketPolicyArgs{
		Bucket: b.bucket.Bucket,
		Policy: policy,
	}, b.options(pulumi.DependsOn(append([]pulumi.Resource{ownership, private, b.versioning, encrypted}, policyNeeds...)))...)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	b.ready = append(b.ready, b.bucket, ownership, private, b.versioning, encrypted, b.policy)
	b.declared(b.ready...)
	return nil
}

func (b *bucket) declared(resources ...pulumi.Resource) {
	*b.resources = append(*b.resources, resources...)
}

// logTo has the bucket's server access logs delivered to another bucket, whose
// policy has to exist first.
func (b *bucket) logTo(target *bucket) error {
	logging, err := s3.NewBucketLoggingV2(b.ctx, b.name, &s3.BucketLoggingV2Args{
		Bucket:       b.bucket.Bucket,
		TargetBucket: target.bucket.Bucket,
		TargetPrefix: pulumi.Sprintf("%s/", b.bucket.Bucket),
	}, b.options(pulumi.DependsOn([]pulumi.Resource{b.policy, target.policy}))...)
	if err != nil {
		return fmt.Errorf("access logging: %w", err)
	}
	b.declared(logging)
	return nil
}

// lock retains every version and lets it expire once the retention is over. A
// bucket that is not object locked (a disposable one) only expires.
func (b *bucket) lock(l ObjectLock) error {
	if b.objectLocked {
		lock, err := s3.NewBucketObjectLockConfigurationV2(b.ctx, b.name, &s3.BucketObjectLockConfigurationV2Args{
			Bucket: b.bucket.Bucket,
			Rule: &s3.BucketObjectLockConfigurationV2RuleArgs{
				DefaultRetention: &s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{
					Mode:  pulumi.String(l.Mode),
					Years: pulumi.Int(l.RetentionYears),
				},
			},
		}, b.options(pulumi.DependsOn([]pulumi.Resource{b.policy}))...)
		if err != nil {
			return fmt.Errorf("object lock: %w", err)
		}
		b.declared(lock)
		// S3 locks no object that arrived before the default retention was set.
		b.ready = append(b.ready, lock)
	}
	return b.expire(l.ExpirationDays)
}

// expire removes objects after some days: first the current version, which
// leaves a delete marker, a month later the version itself, then the marker.
// Object Lock outranks all of it.
func (b *bucket) expire(days int) error {
	lifecycle, err := s3.NewBucketLifecycleConfigurationV2(b.ctx, b.name, &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.bucket.Bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{
			&s3.BucketLifecycleConfigurationV2RuleArgs{
				Id:                          pulumi.String("expire"),
				Status:                      pulumi.String("Enabled"),
				Filter:                      &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
				Expiration:                  &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)},
				NoncurrentVersionExpiration: &s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(30)},
			},
			&s3.BucketLifecycleConfigurationV2RuleArgs{
				Id:                             pulumi.String("tidy"),
				Status:                         pulumi.String("Enabled"),
				Filter:                         &s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
				Expiration:                     &s3.BucketLifecycleConfigurationV2RuleExpirationArgs{ExpiredObjectDeleteMarker: pulumi.Bool(true)},
				AbortIncompleteMultipartUpload: &s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(7)},
			},
		},
	}, b.options(pulumi.DependsOn([]pulumi.Resource{b.policy}))...)
	if err != nil {
		return fmt.Errorf("lifecycle: %w", err)
	}
	b.declared(lifecycle)
	return nil
}

// accessLogBucket declares a bucket for server access logs. S3 delivers them
// only to a bucket with SSE-S3 and without Object Lock.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
func (d *declaration) accessLogBucket(name string, bucketName pulumi.StringInput, document func(policydocuments.Archive) awspolicy.Document, options func(...pulumi.ResourceOption) []pulumi.ResourceOption) (*bucket, error) {
	b := &bucket{ctx: d.ctx, resources: &d.component.resources, name: name, bucketName: bucketName, options: options}
	if err := b.declare(nil, d.document(document)); err != nil {
		return nil, err
	}
	days := d.args.AccessLogRetentionDays
	if days == 0 {
		days = 1096
	}
	return b, b.expire(days)
}

// rolePath and roleName split a name that may carry a path.
func rolePath(name pulumi.StringOutput) pulumi.StringOutput {
	return name.ApplyT(func(n string) string {
		if i := strings.LastIndex(n, "/"); i > 0 {
			return "/" + strings.Trim(n[:i], "/") + "/"
		}
		return "/"
	}).(pulumi.StringOutput)
}

func roleName(name pulumi.StringOutput) pulumi.StringOutput {
	return name.ApplyT(func(n string) string { return n[strings.LastIndex(n, "/")+1:] }).(pulumi.StringOutput)
}
