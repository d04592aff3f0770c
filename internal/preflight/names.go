package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// claim is a name that the stack takes and somebody has already.
type claim struct {
	typ  string // Pulumi type token
	name string // in the program
	id   string // in AWS, as the state has it
	key  string // of the stack file that would choose another name; "" for none
	what string
	ours bool // by its own settings
}

// taken judges a name that exists: recorded or recognizably ours is well.
func (p *preflight) taken(c claim) result {
	adopt := fmt.Sprintf("if this stack made it, adopt it: pulumi import %s %s %s", c.typ, c.name, c.id)
	if c.key != "" {
		adopt += "; if not, choose another name under trailkeep:" + c.key
	} else {
		adopt += "; if not, remove or rename it"
	}
	switch {
	case p.known != nil && p.known(c.typ, c.id):
		return ok("%s, recorded in the stack's state", c.what)
	case p.known != nil:
		return fail(c.what+" exists, and the stack's state does not record it, so the up would fail", adopt)
	case c.ours:
		return ok("%s, this stack's by its settings", c.what)
	}
	return fail(c.what+" exists, and nothing in it says that it is this stack's", adopt)
}

const bucketType = "aws:s3/bucketV2:BucketV2"

type addFunc func(id, title, account string, run func(context.Context) result)

func (p *preflight) nameChecks(add addFunc) {
	cfg, a := p.cfg, p.deploy.Archive
	if p.audit != nil {
		add("log-bucket", "Log bucket", a.AccountID, p.bucketName(p.logBucket, cfg.Archive.BucketName, "log-archive-bucket", "archive.bucketName", a.Trail.ARN()))
		add("access-log-bucket", "Access log bucket", a.AccountID,
			p.otherBucketName(p.audit, cfg.Archive.AccessLogs.BucketName, "log-archive-access-logs", "archive.accessLogs.bucketName", policydocuments.BucketARN(cfg.Region, cfg.Archive.BucketName)))
		add("log-key-alias", "Alias of the log key", a.AccountID, p.aliasName(p.audit, p.deploy.LogKeyAlias, logKeyTag, "archive.bucketName"))
		add("reader-role", "Reader role", a.AccountID,
			p.roleName(p.audit, cfg.Archive.ReaderRole, "log-archive-reader", readerRoleDescription, "archive.readerRole"))
	} else {
		add("log-bucket", "Log bucket", cfg.LogAccount(), p.checkArchiveElsewhere)
	}
	if r := a.Replica; r != nil && p.replica != nil {
		add("replication-role", "Replication role", a.AccountID,
			p.roleName(p.audit, "TrailkeepReplication-"+cfg.Region, "log-archive-replication", replicationRoleText, ""))
		add("replica-bucket", "Replica's bucket", r.AccountID, p.bucketName(p.replicaBucket, r.Bucket, "log-archive-replica", "archive.replica.bucketName", r.RoleARN))
		add("replica-key-alias", "Alias of the replica's key", r.AccountID, p.aliasName(p.replica, p.deploy.ReplicaKeyAlias, replicaKeyTag, "archive.replica.bucketName"))
		add("replica-access-log-bucket", "Replica's access log bucket", r.AccountID,
			p.otherBucketName(p.replica, r.AccessLogBucket, "log-archive-replica-access-logs", "archive.replica.bucketName", policydocuments.BucketARN(r.Region, r.Bucket)))
	}
	if p.management != nil {
		account := cfg.TrailAccount()
		add("delivery-key-alias", "Alias of the log group key", account, p.aliasName(p.management, p.deploy.DeliveryKeyAlias, deliveryKeyTag, "trail.name"))
		add("log-group", "Log group", account, p.checkLogGroup)
		add("trail-role", "CloudTrail's role", account, p.roleName(p.management, trailRoleName, "trail-logs", trailRoleDescription, ""))
		if p.deploy.Delivery.Topic != "" {
			add("delivery-topic", "Delivery topic", account, p.checkTopic)
		}
	}
}

// bucketName checks a bucket's name. A bucket of ours has a policy that names,
// in a condition, the ARN of what may write to it.
func (p *preflight) bucketName(get func() (bucket, error), name, logical, key, mark string) func(context.Context) result {
	return func(context.Context) result {
		b, err := get()
		switch {
		case errors.Is(err, errNotFound):
			return ok("%s is free", name)
		case err != nil:
			return unknown(err)
		case b.owner == elsewhere:
			return fail(fmt.Sprintf("a bucket %s exists in another region (%s)", name, orUnnamed(b.region)), "choose another name under trailkeep:"+key)
		case b.owner == foreign:
			return fail("a bucket "+name+" exists, and another account owns it (or the caller lacks s3:ListBucket)", "choose another name under trailkeep:"+key)
		}
		if d := b.cannot("s3:GetBucketPolicy"); d != nil && p.known == nil {
			return unknown(d)
		}
		return p.taken(claim{
			typ: bucketType, name: logical, id: name, key: key,
			what: "the bucket " + name, ours: mentions(b.policy, mark),
		})
	}
}

func (p *preflight) otherBucketName(account func() (view, error), name, logical, key, mark string) func(context.Context) result {
	return func(ctx context.Context) result {
		return p.bucketName(once(ctx, account, name), name, logical, key, mark)(ctx)
	}
}

func orUnnamed(region string) string {
	if region == "" {
		return "which S3 does not name"
	}
	return region
}

// mentions reports whether a policy's conditions name an ARN.
func mentions(policy, arn string) bool {
	document, err := awspolicy.Parse([]byte(policy))
	if err != nil {
		return false
	}
	return slices.ContainsFunc(document.Statements, func(s awspolicy.Statement) bool {
		return slices.ContainsFunc(s.Conditions, func(c awspolicy.Condition) bool { return slices.Contains(c.Values, arn) })
	})
}

// checkArchiveElsewhere is all that a trail stack can see of its archive: S3
// tells a missing bucket from one that others own, and whose it is to whoever
// may read it.
func (p *preflight) checkArchiveElsewhere(ctx context.Context) result {
	name, want := p.cfg.Archive.BucketName, p.cfg.LogAccount()
	b, err := p.caller.bucket(ctx, name, want)
	switch {
	case errors.Is(err, errNotFound):
		return fail("the bucket "+name+" does not exist, and CloudTrail wants it before the trail", "bring the archive stack up first, or correct trailkeep:archive.bucketName")
	case err != nil:
		return unknown(err)
	case b.owner == elsewhere:
		return fail(fmt.Sprintf("the bucket %s is in another region (%s)", name, orUnnamed(b.region)), "correct trailkeep:archive.bucketName or trailkeep:region")
	case b.owner == asExpected:
		return ok("%s, in account %s", name, want)
	}
	if b, err = p.caller.bucket(ctx, name, p.caller.identity().account); err == nil && b.owner == asExpected {
		return fail("the bucket "+name+" belongs to the trail's own account, where whoever administers the trail administers the evidence", "correct trailkeep:archive.bucketName: the archive belongs in account "+want)
	}
	return ok("%s exists; whose it is may be seen from account %s only", name, want)
}

func (p *preflight) aliasName(account func() (view, error), alias, tag, setting string) func(context.Context) result {
	return func(ctx context.Context) result {
		v, err := account()
		if err != nil {
			return unknown(&unreachable{err})
		}
		k, err := v.alias(ctx, alias)
		switch {
		case errors.Is(err, errNotFound):
			return ok("%s is free", alias)
		case err != nil:
			return unknown(err)
		case k.pendingDeletion:
			return fail(fmt.Sprintf("%s belongs to %s, whose deletion is scheduled: everything that it encrypts goes with it", alias, k.arn),
				fmt.Sprintf("cancel it as the break-glass or deploy role: aws kms cancel-key-deletion --key-id %s, then aws kms enable-key --key-id %s", k.arn, k.arn))
		}
		return p.taken(claim{
			typ: "aws:kms/alias:Alias", name: tag, id: alias, key: setting,
			what: alias + " of " + k.arn, ours: k.name == tag,
		})
	}
}

func (p *preflight) roleName(account func() (view, error), name, logical, description, key string) func(context.Context) result {
	return func(ctx context.Context) result {
		v, err := account()
		if err != nil {
			return unknown(&unreachable{err})
		}
		found, err := v.role(ctx, roleName(name))
		switch {
		case errors.Is(err, errNotFound):
			return ok("%s is free", name)
		case err != nil:
			return unknown(err)
		}
		return p.taken(claim{
			typ: "aws:iam/role:Role", name: logical, id: roleName(name), key: key,
			what: found.arn, ours: found.description == description,
		})
	}
}

// checkLogGroup takes a log group for ours when our trail fills it; it has
// nothing else that would say so.
func (p *preflight) checkLogGroup(ctx context.Context) result {
	name := p.cfg.Trail.LogGroup.Name
	err := p.caller.logGroup(ctx, name)
	switch {
	case errors.Is(err, errNotFound):
		return ok("%s is free", name)
	case err != nil:
		return unknown(err)
	}
	t, found, err := p.ownTrail()
	if err != nil && p.known == nil {
		return unknown(err)
	}
	return p.taken(claim{
		typ: "aws:cloudwatch/logGroup:LogGroup", name: "trail", id: name, key: "trail.logGroup.name", what: "the log group " + name,
		ours: found && t.logGroupARN == policydocuments.LogGroupARN(p.cfg.Region, p.cfg.TrailAccount(), name),
	})
}

// checkTopic looks for the topic because SNS hands out an existing one as if it
// were new, its policy and its subscribers included.
func (p *preflight) checkTopic(ctx context.Context) result {
	name := p.deploy.Delivery.Topic
	arn := policydocuments.TopicARN(p.cfg.Region, p.cfg.TrailAccount(), name)
	err := p.caller.topic(ctx, arn)
	switch {
	case errors.Is(err, errNotFound):
		return ok("%s is free", name)
	case err != nil:
		return unknown(err)
	}
	t, found, err := p.ownTrail()
	if err != nil && p.known == nil {
		return unknown(err)
	}
	return p.taken(claim{
		typ: "aws:sns/topic:Topic", name: "trail-delivery", id: arn, what: "the topic " + name,
		ours: found && t.topicARN == arn,
	})
}

// protectionChecks refuse to change the mode of a live archive. S3 locks a
// bucket when it is made or later, and never unlocks it, so one way is
// impossible and the other leaves old versions unprotected.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
func (p *preflight) protectionChecks(add addFunc) {
	if p.audit == nil || p.cfg.Disposable {
		return
	}
	worm := p.cfg.Archive.Protection == config.ProtectionWORM
	archive := liveBucket{p.logBucket, p.cfg.Archive.BucketName, p.deploy.Archive.Trail.ARN()}
	add("object-lock", "Protection", p.cfg.LogAccount(), func(context.Context) result {
		return p.onOwn(archive, "s3:GetBucketObjectLockConfiguration", func(b bucket) result {
			return p.lockOfArchive(b.locked, worm)
		})
	})
	if r := p.deploy.Archive.Replica; p.replica != nil {
		copied := liveBucket{p.replicaBucket, r.Bucket, r.RoleARN}
		add("replica-object-lock", "Replica's protection", r.AccountID, func(context.Context) result {
			return p.onOwn(copied, "s3:GetBucketObjectLockConfiguration", func(b bucket) result {
				if b.locked {
					return ok("Object Lock")
				}
				return fail("the replica's bucket has no Object Lock, and a replica is always locked", "begin a new replica under another trailkeep:archive.replica.bucketName and keep this bucket")
			})
		})
	}
	if !worm {
		// No finding: only the account's root user can switch it on, with its
		// device, so the next up neither needs it nor brings it.
		add("mfa-delete", "MFA delete", p.cfg.LogAccount(), func(context.Context) result {
			return p.onOwn(archive, "s3:GetBucketVersioning", func(b bucket) result {
				if b.mfaDelete {
					return ok("on")
				}
				return ok("off; a person switches it on by hand").todo(
					"as the root user of account %s with its MFA device: aws s3api put-bucket-versioning --bucket %s --versioning-configuration Status=Enabled,MFADelete=Enabled --mfa 'SERIAL CODE'",
					p.cfg.LogAccount(), p.cfg.Archive.BucketName)
			})
		})
	}
}

func (p *preflight) lockOfArchive(locked, worm bool) result {
	const refused = ", and the configuration says %s: changing the mode of a live archive is refused"
	const anew = "; for the other mode, begin a new archive under another trailkeep:archive.bucketName and keep this one"
	switch mode := p.cfg.Archive.Protection; {
	case locked && !worm:
		return fail(fmt.Sprintf("the bucket has Object Lock"+refused, mode), "set trailkeep:archive.protection to worm"+anew)
	case !locked && worm:
		return fail(fmt.Sprintf("the bucket has no Object Lock"+refused, mode), "set trailkeep:archive.protection to mfa-delete"+anew)
	case locked:
		return ok("Object Lock")
	default:
		return ok("no Object Lock, as %s wants it", mode)
	}
}

// liveBucket is a bucket whose protection is looked at, and the ARN by which
// its policy shows that it is this stack's.
type liveBucket struct {
	get        func() (bucket, error)
	name, mark string
}

// onOwn judges a bucket that is this stack's, and no other: what is wrong with
// a stranger's is said about its name.
func (p *preflight) onOwn(l liveBucket, action string, judge func(bucket) result) result {
	b, err := l.get()
	switch {
	case errors.Is(err, errNotFound):
		return ok("there is no bucket yet")
	case err != nil:
		return unknown(err)
	case b.owner != asExpected || !mentions(b.policy, l.mark) && (p.known == nil || !p.known(bucketType, l.name)):
		return ok("the bucket is not this stack's, see above")
	}
	if d := b.cannot(action); d != nil {
		return unknown(d)
	}
	return judge(b)
}
