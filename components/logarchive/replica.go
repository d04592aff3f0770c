package logarchive

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/internal/evidence"
	"github.com/trailkeep/trailkeep/policydocuments"
)

// replicate declares the second copy, always locked, and the rule that fills
// it. Every missing grant shows only as files that silently do not arrive, so
// the rule waits for all of them.
func (d *declaration) replicate(source bucket, reader, replication *iam.Role) error {
	c := d.component
	name := d.name + "-replica"
	roles := []pulumi.Resource{reader, replication}

	key, err := evidence.NewKey(d.ctx, name+"-key", "Encrypts the replica of the organization's CloudTrail log files", d.document(policydocuments.ReplicaKey), d.replicaOptions(pulumi.DependsOn(roles))...)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	c.ReplicaKeyARN = key.Arn
	alias, err := kms.NewAlias(d.ctx, name+"-key", &kms.AliasArgs{
		Name:        pulumi.Sprintf("alias/%s", d.replicaBucketName),
		TargetKeyId: key.KeyId,
	}, d.replicaOptions()...)
	if err != nil {
		return fmt.Errorf("key alias: %w", err)
	}

	accessLogs, err := d.accessLogBucket(name+"-access-logs", d.replicaLogBucket, policydocuments.ReplicaAccessLogBucket, d.replicaOptions)
	if err != nil {
		return fmt.Errorf("access log bucket: %w", err)
	}
	b := bucket{
		ctx: d.ctx, resources: &c.resources, name: name, bucketName: d.replicaBucketName, keyARN: key.Arn, options: d.replicaOptions,
		objectLocked: !d.args.Disposable,
	}
	if err := b.declare(roles, d.documentWithKeys(policydocuments.ReplicaBucket)); err != nil {
		return err
	}
	if err := b.logTo(accessLogs); err != nil {
		return err
	}
	if err := b.lock(*d.args.ObjectLock); err != nil {
		return err
	}
	c.ReplicaBucketName = b.bucket.Bucket

	grant, err := iam.NewRolePolicy(d.ctx, d.name+"-replication", &iam.RolePolicyArgs{
		Name:   pulumi.String("Replicate"),
		Role:   replication.Name,
		Policy: d.documentWithKeys(policydocuments.Replication),
	}, d.options()...)
	if err != nil {
		return fmt.Errorf("replication policy: %w", err)
	}
	reading, err := iam.NewRolePolicy(d.ctx, d.name+"-reader", &iam.RolePolicyArgs{
		Name:   pulumi.String("ReadReplica"),
		Role:   reader.Name,
		Policy: d.documentWithKeys(policydocuments.Reader),
	}, d.options()...)
	if err != nil {
		return fmt.Errorf("reader policy: %w", err)
	}

	rule, err := s3.NewBucketReplicationConfig(d.ctx, name, &s3.BucketReplicationConfigArgs{
		Bucket: source.bucket.Bucket,
		Role:   replication.Arn,
		Rules: s3.BucketReplicationConfigRuleArray{&s3.BucketReplicationConfigRuleArgs{
			Id:       pulumi.String("archive"),
			Status:   pulumi.String("Enabled"),
			Priority: pulumi.Int(0),
			Filter:   &s3.BucketReplicationConfigRuleFilterArgs{Prefix: pulumi.String("")},
			// A delete marker would hide the copy too.
			DeleteMarkerReplication: &s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs{Status: pulumi.String("Disabled")},
			// Without this S3 skips every object under SSE-KMS, which is all of them.
			SourceSelectionCriteria: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs{
				SseKmsEncryptedObjects: &s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs{Status: pulumi.String("Enabled")},
			},
			Destination: replicaDestination(b, key.Arn),
		}},
	}, d.options(pulumi.DependsOn(append([]pulumi.Resource{source.versioning, source.policy, grant}, b.ready...)))...)
	if err != nil {
		return fmt.Errorf("replication rule: %w", err)
	}
	c.resources = append(c.resources, key, alias, grant, reading, rule)
	// S3 copies no object that arrived before the rule.
	c.ready = append(c.ready, rule)
	return nil
}

// replicaDestination needs no owner override: with ACLs disabled the replica's
// account owns every copy. Its metrics show a copy that failed.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
func replicaDestination(b bucket, keyARN pulumi.StringInput) *s3.BucketReplicationConfigRuleDestinationArgs {
	return &s3.BucketReplicationConfigRuleDestinationArgs{
		Bucket:                  b.bucket.Arn,
		EncryptionConfiguration: &s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs{ReplicaKmsKeyId: keyARN},
		Metrics: &s3.BucketReplicationConfigRuleDestinationMetricsArgs{
			Status:         pulumi.String("Enabled"),
			EventThreshold: &s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs{Minutes: pulumi.Int(15)},
		},
		ReplicationTime: &s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs{
			Status: pulumi.String("Enabled"),
			Time:   &s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs{Minutes: pulumi.Int(15)},
		},
	}
}
