package stacks

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/components/logarchive"
	"github.com/trailkeep/trailkeep/components/trail"
)

// trailStack is the management account's half alone; the caller holds the
// deploy role there. The bucket's name is deterministic, the key's ARN comes
// from the configuration or from the archive's stack.
func (p *program) trailStack() error {
	management, err := p.provider("management", p.cfg.TrailAccount(), p.cfg.Region, false)
	if err != nil {
		return err
	}
	needs, err := p.organization(management)
	if err != nil {
		return err
	}
	from := archiveOutputs{bucketName: pulumi.String(p.cfg.Archive.BucketName)}
	if p.cfg.Trail.LogKeyARN != "" {
		from.keyARN = pulumi.String(p.cfg.Trail.LogKeyARN)
	} else {
		archive, err := pulumi.NewStackReference(p.ctx, p.cfg.Trail.ArchiveStack, nil)
		if err != nil {
			return fmt.Errorf("trailkeep:trail.archiveStack: %w", err)
		}
		from.keyARN = archive.GetStringOutput(pulumi.String("logKeyArn"))
	}
	return p.trail(management, from, needs)
}

// archiveOutputs is what the trail has to know of the archive.
type archiveOutputs struct {
	bucketName, keyARN pulumi.StringInput
}

func fromArchive(a *logarchive.LogArchive) archiveOutputs {
	return archiveOutputs{bucketName: a.BucketName, keyARN: a.KeyARN}
}

// trail declares the trail with a provider of its account.
func (p *program) trail(provider *aws.Provider, from archiveOutputs, needs []pulumi.Resource) error {
	t := p.cfg.Trail
	args := &trail.Args{
		AccountID:             pulumi.String(p.cfg.TrailAccount()),
		Region:                p.cfg.Region,
		Name:                  pulumi.String(t.Name),
		OrganizationID:        p.organizationID(),
		BucketName:            from.bucketName,
		LogKeyARN:             from.keyARN,
		Needs:                 needs,
		LogBuckets:            pulumi.ToStringArray(p.cfg.LogBuckets()),
		DeployRoleARN:         pulumi.String(p.deployRole(p.cfg.TrailAccount())),
		BreakGlassRoleARN:     pulumi.String(p.breakGlassRole(p.cfg.TrailAccount())),
		LogGroupName:          pulumi.String(t.LogGroup.Name),
		LogGroupRetentionDays: t.LogGroup.RetentionDays,
		Insights:              t.Insights,
		Disposable:            p.cfg.Disposable,
	}
	if p.cfg.Archive.Prefix != "" {
		args.Prefix = pulumi.String(p.cfg.Archive.Prefix)
	}
	if t.DeliveryTopic {
		args.DeliveryTopicName = pulumi.Sprintf("%s-delivery", t.Name)
	}
	for _, e := range t.DataEvents {
		args.DataEvents = append(args.DataEvents, trail.DataEvent(e))
	}
	declared, err := trail.New(p.ctx, "trail", args, pulumi.Provider(provider))
	if err != nil {
		return err
	}
	p.resources = append(p.resources, declared.Resources()...)
	p.outputs["trailArn"] = declared.ARN
	p.outputs["logGroup"] = declared.LogGroupName
	p.outputs["logGroupKeyArn"] = declared.KeyARN
	p.outputs["trailRoleArn"] = declared.RoleARN
	if t.DeliveryTopic {
		p.outputs["deliveryTopicArn"] = declared.DeliveryTopicARN
	}
	return nil
}
