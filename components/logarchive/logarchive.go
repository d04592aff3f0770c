// Package logarchive is the audit account's half of the audit trail: the key,
// the log bucket with its locks, the bucket of its access logs, the role that
// responders read with, and an optional replica.
//
// It is a Pulumi component that any Pulumi Go program can use alone. It knows
// AWS resources and the documents of policydocuments; it knows nothing of
// stack files.
package logarchive

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/internal/evidence"
	"github.com/trailkeep/trailkeep/policydocuments"
)

// Protection says what keeps log objects from being deleted.
type Protection string

const (
	// MFADelete keeps every version for ever. Versioning is on; MFA delete
	// itself can be switched on only by the account's root user with an MFA
	// device, so it is left to a person and never undone here.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html
	MFADelete Protection = "mfa-delete"
	// WORM locks every version with S3 Object Lock and expires it afterwards.
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
	WORM Protection = "worm"
)

// ObjectLock is a bucket's default retention.
type ObjectLock struct {
	Mode           string // GOVERNANCE or COMPLIANCE
	RetentionYears int
	ExpirationDays int // days after which an object expires; has to outlast the retention
}

// Args are the inputs of a LogArchive. Account ids, names and ARNs that are
// known before an `up` keep the policies readable in its preview.
type Args struct {
	// AccountID and Region are where the archive lies: those of the component's
	// AWS provider.
	AccountID pulumi.StringInput
	Region    string

	// TrailAccountID, TrailRegion and TrailName identify the one trail that may
	// deliver here, before it exists. TrailRegion defaults to Region.
	TrailAccountID pulumi.StringInput
	TrailRegion    string
	TrailName      pulumi.StringInput
	// OrganizationID makes room for an organization trail; nil for the trail of
	// a single account.
	OrganizationID pulumi.StringInput

	// DeployRoleARN and BreakGlassRoleARN are exempt from the denies that keep
	// everybody else from reconfiguring bucket and key. The caller has to be
	// the deploy role, or it locks itself out.
	DeployRoleARN     pulumi.StringInput
	BreakGlassRoleARN pulumi.StringInput
	// Readers are the ARNs of IAM users and roles that may assume the reader
	// role. Which ones are users decides which have to show MFA.
	Readers pulumi.StringArrayInput

	Protection Protection
	// ObjectLock is required for WORM and for a replica.
	ObjectLock *ObjectLock
	Replica    *ReplicaArgs

	// Physical names; each has a default made of account and region.
	BucketName             pulumi.StringInput
	Prefix                 pulumi.StringInput // before AWSLogs/, none by default
	AccessLogBucketName    pulumi.StringInput
	ReaderRoleName         pulumi.StringInput
	KeyAliasName           pulumi.StringInput // begins with alias/
	AccessLogRetentionDays int                // 1096 (three years) when 0

	// Disposable leaves out locks, protection, DenyDestroy and DenyKeyLoss.
	Disposable bool
}

// ReplicaArgs ask for a second copy of the archive in another region.
type ReplicaArgs struct {
	// Provider is an AWS provider of the replica's account and region.
	Provider            pulumi.ProviderResource
	AccountID           pulumi.StringInput
	Region              string
	DeployRoleARN       pulumi.StringInput
	BreakGlassRoleARN   pulumi.StringInput
	BucketName          pulumi.StringInput
	AccessLogBucketName pulumi.StringInput
	RoleName            pulumi.StringInput // the replication role, in the archive's account
}

// LogArchive is the archive.
type LogArchive struct {
	pulumi.ResourceState

	BucketName          pulumi.StringOutput
	BucketARN           pulumi.StringOutput
	AccessLogBucketName pulumi.StringOutput
	KeyARN              pulumi.StringOutput
	KeyAliasName        pulumi.StringOutput
	ReaderRoleARN       pulumi.StringOutput
	// ReplicaBucketName and ReplicaKeyARN are empty without a replica.
	ReplicaBucketName pulumi.StringOutput
	ReplicaKeyARN     pulumi.StringOutput

	resources, ready []pulumi.Resource
}

// Resources is everything that the archive declared, for pulumi.DependsOn. A
// dependency on the component itself covers only those children that happen to
// be registered when it is resolved: the Go SDK adds them concurrently.
func (c *LogArchive) Resources() []pulumi.Resource { return slices.Clone(c.resources) }

// Ready is what has to exist before a trail delivers here: key, bucket and their
// policies, the lock and the replication rule, since neither reaches back. It
// leaves out what may come later, such as lifecycle rules, which the AWS
// provider waits a minute for.
func (c *LogArchive) Ready() []pulumi.Resource { return slices.Clone(c.ready) }

// New declares a log archive. It fails when a required argument is missing or
// when locks are mixed that S3 or the archive's promise refuses.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*LogArchive, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("log archive %q: %w", name, err)
	}
	c := &LogArchive{}
	if err := ctx.RegisterComponentResource("trailkeep:logarchive:LogArchive", name, c, append(opts, evidence.Keep(args.Disposable)...)...); err != nil {
		return nil, err
	}
	d := declaration{ctx: ctx, name: name, args: args, component: c}
	d.resolve()
	if err := d.declare(); err != nil {
		return nil, fmt.Errorf("log archive %q: %w", name, err)
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"bucketName":          c.BucketName,
		"bucketArn":           c.BucketARN,
		"accessLogBucketName": c.AccessLogBucketName,
		"keyArn":              c.KeyARN,
		"keyAliasName":        c.KeyAliasName,
		"readerRoleArn":       c.ReaderRoleARN,
		"replicaBucketName":   c.ReplicaBucketName,
		"replicaKeyArn":       c.ReplicaKeyARN,
	})
}

func (a *Args) check() error {
	if a == nil {
		return fmt.Errorf("args are missing")
	}
	for _, required := range []struct {
		name  string
		value pulumi.StringInput
	}{
		{"AccountID", a.AccountID}, {"TrailAccountID", a.TrailAccountID}, {"TrailName", a.TrailName},
		{"DeployRoleARN", a.DeployRoleARN}, {"BreakGlassRoleARN", a.BreakGlassRoleARN},
	} {
		if required.value == nil {
			return fmt.Errorf("%s is missing", required.name)
		}
	}
	if a.Region == "" {
		return fmt.Errorf("the region is missing: give the region of the component's AWS provider")
	}
	switch a.Protection {
	case MFADelete:
		if a.ObjectLock != nil && a.Replica == nil {
			return fmt.Errorf("protection is %s and ObjectLock is set: S3 refuses a lifecycle rule beside MFA delete, so a bucket has one or the other; use %s, or add a replica for the lock to hold", MFADelete, WORM)
		}
	case WORM:
		if a.ObjectLock == nil {
			return fmt.Errorf("protection is %s and ObjectLock is missing", WORM)
		}
	default:
		return fmt.Errorf("protection is %q; allowed are %s and %s", a.Protection, MFADelete, WORM)
	}
	if a.Replica != nil {
		if a.ObjectLock == nil {
			return fmt.Errorf("a replica is asked for and ObjectLock is missing: the replica is always locked")
		}
		if a.Replica.Provider == nil || a.Replica.AccountID == nil || a.Replica.Region == "" || a.Replica.DeployRoleARN == nil || a.Replica.BreakGlassRoleARN == nil {
			return fmt.Errorf("the replica needs Provider, AccountID, Region, DeployRoleARN and BreakGlassRoleARN")
		}
	}
	if l := a.ObjectLock; l != nil {
		if l.Mode != "GOVERNANCE" && l.Mode != "COMPLIANCE" {
			return fmt.Errorf("object lock mode is %q; allowed are GOVERNANCE and COMPLIANCE", l.Mode)
		}
		if a.Disposable && l.Mode == "COMPLIANCE" {
			return fmt.Errorf("disposable and COMPLIANCE exclude each other: nobody can remove a COMPLIANCE lock before its time")
		}
		if l.RetentionYears < 1 || l.ExpirationDays <= l.RetentionYears*366 {
			return fmt.Errorf("object lock holds for %d years and objects expire after %d days; the retention has to be 1 or more and the expiration longer", l.RetentionYears, l.ExpirationDays)
		}
	}
	return nil
}

// declaration is one call of New: its arguments resolved, and what has been
// declared so far.
type declaration struct {
	ctx       *pulumi.Context
	name      string
	args      *Args
	component *LogArchive

	bucketName, accessLogBucketName     pulumi.StringOutput
	readerRoleName                      pulumi.StringOutput
	replicaBucketName, replicaLogBucket pulumi.StringOutput
	replicationRoleName                 pulumi.StringOutput
	// archive resolves to a policydocuments.Archive without key ARNs.
	archive pulumi.Output
}

func (d *declaration) options(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(append([]pulumi.ResourceOption{pulumi.Parent(d.component)}, evidence.Keep(d.args.Disposable)...), more...)
}

func (d *declaration) replicaOptions(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return d.options(append(more, pulumi.Provider(d.args.Replica.Provider))...)
}

func orDefault(given pulumi.StringInput, format string, args ...any) pulumi.StringOutput {
	if given != nil {
		return given.ToStringOutput()
	}
	return pulumi.Sprintf(format, args...)
}

func (d *declaration) resolve() {
	a := d.args
	d.bucketName = orDefault(a.BucketName, "trailkeep-log-archive-%s-%s", a.AccountID, a.Region)
	d.accessLogBucketName = orDefault(a.AccessLogBucketName, "trailkeep-access-logs-%s-%s", a.AccountID, a.Region)
	d.readerRoleName = orDefault(a.ReaderRoleName, "TrailkeepReader")
	trailRegion := a.TrailRegion
	if trailRegion == "" {
		trailRegion = a.Region
	}
	var readers pulumi.StringArrayInput = pulumi.StringArray{}
	if a.Readers != nil {
		readers = a.Readers
	}
	inputs := []any{
		a.TrailAccountID, a.TrailName, orDefault(a.OrganizationID, ""), a.AccountID, d.bucketName,
		orDefault(a.Prefix, ""), d.accessLogBucketName, a.DeployRoleARN, a.BreakGlassRoleARN, d.readerRoleName, readers,
	}
	if r := a.Replica; r != nil {
		d.replicaBucketName = orDefault(r.BucketName, "trailkeep-log-replica-%s-%s", r.AccountID, r.Region)
		d.replicaLogBucket = orDefault(r.AccessLogBucketName, "%s-access", d.replicaBucketName)
		d.replicationRoleName = orDefault(r.RoleName, "TrailkeepReplication-%s", a.Region)
		inputs = append(inputs, r.AccountID, d.replicaBucketName, d.replicaLogBucket, d.replicationRoleName, r.DeployRoleARN, r.BreakGlassRoleARN)
	}
	d.archive = pulumi.All(inputs...).ApplyT(func(v []any) policydocuments.Archive {
		s := func(i int) string { return v[i].(string) }
		archive := policydocuments.Archive{
			Trail:     policydocuments.Trail{AccountID: s(0), Region: trailRegion, Name: s(1), OrganizationID: s(2)},
			AccountID: s(3), Region: a.Region, Bucket: s(4), Prefix: s(5), AccessLogBucket: s(6),
			DeployRoleARN: s(7), BreakGlassRoleARN: s(8), ReaderRoleARN: policydocuments.RoleARN(a.Region, s(3), s(9)),
			Readers: v[10].([]string), Disposable: a.Disposable,
		}
		if r := a.Replica; r != nil {
			archive.Replica = &policydocuments.Replica{
				AccountID: s(11), Region: r.Region, Bucket: s(12), AccessLogBucket: s(13),
				RoleARN: policydocuments.RoleARN(a.Region, s(3), s(14)), DeployRoleARN: s(15), BreakGlassRoleARN: s(16),
			}
		}
		return archive
	})
}

// document renders one policy. withKeys adds the keys' ARNs, which are unknown
// before a first up, so only the documents that name a key wait for them.
func (d *declaration) document(of func(policydocuments.Archive) awspolicy.Document) pulumi.StringOutput {
	return d.archive.ApplyT(func(v any) string { return of(v.(policydocuments.Archive)).JSON() }).(pulumi.StringOutput)
}

func (d *declaration) documentWithKeys(of func(policydocuments.Archive) awspolicy.Document) pulumi.StringOutput {
	return pulumi.All(d.archive, d.component.KeyARN, d.component.ReplicaKeyARN).ApplyT(func(v []any) string {
		archive := v[0].(policydocuments.Archive)
		archive.KeyARN = v[1].(string)
		if archive.Replica != nil {
			replica := *archive.Replica
			replica.KeyARN = v[2].(string)
			archive.Replica = &replica
		}
		return of(archive).JSON()
	}).(pulumi.StringOutput)
}

func (d *declaration) declare() error {
	c := d.component
	c.AccessLogBucketName = d.accessLogBucketName
	c.ReplicaBucketName = pulumi.String("").ToStringOutput()
	c.ReplicaKeyARN = pulumi.String("").ToStringOutput()

	reader, err := iam.NewRole(d.ctx, d.name+"-reader", &iam.RoleArgs{
		Name:               roleName(d.readerRoleName),
		Path:               rolePath(d.readerRoleName),
		Description:        pulumi.String("Reads and decrypts the log archive; assumed by the responders that the stack file names."),
		AssumeRolePolicy:   d.document(policydocuments.ReaderTrust),
		MaxSessionDuration: pulumi.Int(3600),
	}, d.options()...)
	if err != nil {
		return fmt.Errorf("reader role: %w", err)
	}
	c.ReaderRoleARN = reader.Arn
	// KMS and S3 refuse a policy that names a role that does not exist yet.
	roles := []pulumi.Resource{reader}
	c.resources = append(c.resources, reader)

	var replication *iam.Role
	if d.args.Replica != nil {
		replication, err = iam.NewRole(d.ctx, d.name+"-replication", &iam.RoleArgs{
			Name:             roleName(d.replicationRoleName),
			Path:             rolePath(d.replicationRoleName),
			Description:      pulumi.String("S3 replicates the log archive as this role."),
			AssumeRolePolicy: d.document(policydocuments.ReplicationTrust),
		}, d.options()...)
		if err != nil {
			return fmt.Errorf("replication role: %w", err)
		}
		roles = append(roles, replication)
		c.resources = append(c.resources, replication)
	}

	key, err := evidence.NewKey(d.ctx, d.name+"-key", "Encrypts the organization's CloudTrail log files", d.document(policydocuments.LogKey), d.options(pulumi.DependsOn(roles))...)
	if err != nil {
		return fmt.Errorf("log key: %w", err)
	}
	c.KeyARN = key.Arn
	alias, err := kms.NewAlias(d.ctx, d.name+"-key", &kms.AliasArgs{
		Name:        orDefault(d.args.KeyAliasName, "alias/%s", d.bucketName),
		TargetKeyId: key.KeyId,
	}, d.options()...)
	if err != nil {
		return fmt.Errorf("log key alias: %w", err)
	}
	c.KeyAliasName = alias.Name
	c.resources = append(c.resources, key, alias)

	accessLogs, err := d.accessLogBucket(d.name+"-access-logs", d.accessLogBucketName, policydocuments.AccessLogBucket, d.options)
	if err != nil {
		return fmt.Errorf("access log bucket: %w", err)
	}

	b := bucket{
		ctx: d.ctx, resources: &c.resources, name: d.name + "-bucket", bucketName: d.bucketName, keyARN: key.Arn, options: d.options,
		objectLocked: d.args.Protection == WORM && !d.args.Disposable,
	}
	if err := b.declare(roles, d.documentWithKeys(policydocuments.LogBucket)); err != nil {
		return fmt.Errorf("log bucket: %w", err)
	}
	if err := b.logTo(accessLogs); err != nil {
		return fmt.Errorf("log bucket: %w", err)
	}
	if d.args.Protection == WORM {
		if err := b.lock(*d.args.ObjectLock); err != nil {
			return fmt.Errorf("log bucket: %w", err)
		}
	}
	c.BucketName = b.bucket.Bucket
	c.BucketARN = b.bucket.Arn
	c.ready = append(append(c.ready, key), b.ready...)

	if d.args.Replica != nil {
		if err := d.replicate(b, reader, replication); err != nil {
			return fmt.Errorf("replica: %w", err)
		}
	}
	return nil
}
