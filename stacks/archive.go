package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/components/logarchive"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// archiveStack is the audit account's half alone; the caller holds the deploy
// role there.
func (p *program) archiveStack() error {
	audit, err := p.provider("audit", p.cfg.LogAccount(), p.cfg.Region, false)
	if err != nil {
		return err
	}
	if err := p.checkOrganization(audit, false); err != nil {
		return err
	}
	_, err = p.archive(audit)
	return err
}

// archive declares the log archive with a provider of its account.
func (p *program) archive(provider *aws.Provider) (*logarchive.LogArchive, error) {
	a := p.cfg.Archive
	args := &logarchive.Args{
		AccountID:              pulumi.String(p.cfg.LogAccount()),
		Region:                 p.cfg.Region,
		TrailAccountID:         pulumi.String(p.cfg.TrailAccount()),
		TrailName:              pulumi.String(p.cfg.Trail.Name),
		OrganizationID:         p.organizationID(),
		DeployRoleARN:          pulumi.String(p.deployRole(p.cfg.LogAccount())),
		BreakGlassRoleARN:      pulumi.String(p.breakGlassRole(p.cfg.LogAccount())),
		Readers:                pulumi.ToStringArray(p.cfg.Access.Readers),
		Protection:             logarchive.Protection(a.Protection),
		BucketName:             pulumi.String(a.BucketName),
		AccessLogBucketName:    pulumi.String(a.AccessLogs.BucketName),
		AccessLogRetentionDays: a.AccessLogs.RetentionDays,
		ReaderRoleName:         pulumi.String(a.ReaderRole),
		Disposable:             p.cfg.Disposable,
	}
	if a.Prefix != "" {
		args.Prefix = pulumi.String(a.Prefix)
	}
	if a.Protection == config.ProtectionWORM || a.Replica != nil {
		args.ObjectLock = &logarchive.ObjectLock{
			Mode:           a.ObjectLock.Mode,
			RetentionYears: a.ObjectLock.RetentionYears,
			ExpirationDays: a.ObjectLock.ExpirationDays,
		}
	}
	if r := a.Replica; r != nil {
		// Without assuming a role the provider has the caller's own account.
		assume := r.Account != p.cfg.LogAccount() || p.cfg.Stack == config.StackOrganization
		replica, err := p.provider("replica", r.Account, r.Region, assume)
		if err != nil {
			return nil, err
		}
		args.Replica = &logarchive.ReplicaArgs{
			Provider:          replica,
			AccountID:         pulumi.String(r.Account),
			Region:            r.Region,
			DeployRoleARN:     pulumi.String(p.deployRole(r.Account)),
			BreakGlassRoleARN: pulumi.String(p.breakGlassRole(r.Account)),
			BucketName:        pulumi.String(r.BucketName),

			AccessLogBucketName: pulumi.String(r.AccessLogBucketName()),
		}
	}
	archive, err := logarchive.New(p.ctx, "log-archive", args, pulumi.Provider(provider))
	if err != nil {
		return nil, err
	}
	p.resources = append(p.resources, archive.Resources()...)
	p.outputs["logBucket"] = archive.BucketName
	p.outputs["accessLogBucket"] = archive.AccessLogBucketName
	p.outputs["logKeyArn"] = archive.KeyARN
	p.outputs["logKeyAlias"] = archive.KeyAliasName
	p.outputs["readerRoleArn"] = archive.ReaderRoleARN
	if a.Replica != nil {
		p.outputs["replicaBucket"] = archive.ReplicaBucketName
		p.outputs["replicaKeyArn"] = archive.ReplicaKeyARN
	}
	p.protection()
	return archive, nil
}

// protection says in words what keeps the logs, and what a person still has to
// do for it.
func (p *program) protection() {
	a := p.cfg.Archive
	lock := fmt.Sprintf("Object Lock %s, %d years, expiry after %d days", a.ObjectLock.Mode, a.ObjectLock.RetentionYears, a.ObjectLock.ExpirationDays)
	var says string
	switch {
	case p.cfg.Disposable:
		says = "none: the stack is disposable"
	case a.Protection == config.ProtectionWORM:
		says = lock
	default:
		says = "versioning, no expiry, MFA delete once it is switched on by hand"
		p.todo = append(p.todo, fmt.Sprintf(
			"switch MFA delete on, as the root user of account %s with its MFA device: aws s3api put-bucket-versioning --bucket %s --versioning-configuration Status=Enabled,MFADelete=Enabled --mfa 'SERIAL CODE' (docs/mfa-delete.md)",
			p.cfg.LogAccount(), a.BucketName))
	}
	if a.Replica != nil && !p.cfg.Disposable {
		says += fmt.Sprintf("; replica in %s of account %s: %s", a.Replica.Region, a.Replica.Account, lock)
	}
	p.outputs["protection"] = pulumi.String(says)
}
