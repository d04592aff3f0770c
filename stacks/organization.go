package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/organizations"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/internal/evidence"
)

const cloudTrailService = "cloudtrail.amazonaws.com"

// organizationStack is both halves from one stack: the caller holds the deploy
// role of the management account, the other providers assume theirs from it.
func (p *program) organizationStack() error {
	management, err := p.provider("management", p.cfg.TrailAccount(), p.cfg.Region, false)
	if err != nil {
		return err
	}
	audit, err := p.provider("audit", p.cfg.LogAccount(), p.cfg.Region, true)
	if err != nil {
		return err
	}
	needs, err := p.organization(management)
	if err != nil {
		return err
	}
	archive, err := p.archive(audit)
	if err != nil {
		return err
	}
	return p.trail(management, fromArchive(archive), append(needs, archive.Ready()...))
}

// checkOrganization reads the organization and compares it with the
// configuration, so that a stack never reaches another organization. It asks
// nothing but what any member may read, unless the account is the management
// account.
func (p *program) checkOrganization(provider *aws.Provider, management bool) error {
	want := p.cfg.Organization
	found, err := organizations.LookupOrganization(p.ctx, pulumi.Provider(provider))
	if err != nil {
		return fmt.Errorf("trailkeep:organization.id: cannot read organization %s: %w; it has to exist, and the deploy role needs organizations:DescribeOrganization", want.ID, err)
	}
	if found.Id != want.ID {
		return fmt.Errorf("trailkeep:organization.id: is %s, and the account's organization is %s; correct the stack file, or the credentials", want.ID, found.Id)
	}
	if found.MasterAccountId != want.ManagementAccount {
		return fmt.Errorf("trailkeep:organization.managementAccount: is %s, and AWS says that organization %s is managed by account %s", want.ManagementAccount, want.ID, found.MasterAccountId)
	}
	if found.FeatureSet != "ALL" && management {
		return fmt.Errorf("trailkeep:organization.id: organization %s has the feature set %s; an organization trail needs all features: run `aws organizations enable-all-features`", want.ID, found.FeatureSet)
	}
	if management && want.Manage == nil && !slices.Contains(found.AwsServiceAccessPrincipals, cloudTrailService) {
		return fmt.Errorf("trailkeep:organization.id: organization %s gives CloudTrail no trusted access (it has: %s); run `aws organizations enable-aws-service-access --service-principal %s` in the management account, or let the stack keep it under trailkeep:organization.manage",
			want.ID, orNone(found.AwsServiceAccessPrincipals), cloudTrailService)
	}
	return nil
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return strings.Join(list, ", ")
}

// organization checks the organization from the management account and
// declares what the configuration asks to keep of it. It returns what the trail
// has to wait for.
func (p *program) organization(management *aws.Provider) ([]pulumi.Resource, error) {
	if err := p.checkOrganization(management, true); err != nil {
		return nil, err
	}
	want := p.cfg.Organization
	options := func(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
		return append(append([]pulumi.ResourceOption{pulumi.Provider(management)}, evidence.Keep(p.cfg.Disposable)...), more...)
	}
	var needs []pulumi.Resource
	if want.Manage != nil {
		// Imported, never made: the id is the configured one. Both lists are
		// authoritative, what they leave out is switched off. An organization is
		// no part of a trial: it is retained also where the stack is disposable.
		managed, err := organizations.NewOrganization(p.ctx, "organization", &organizations.OrganizationArgs{
			FeatureSet:                 pulumi.String("ALL"),
			AwsServiceAccessPrincipals: pulumi.ToStringArray(want.Manage.ServiceAccess),
			EnabledPolicyTypes:         pulumi.ToStringArray(want.Manage.PolicyTypes),
		}, options(pulumi.Import(pulumi.ID(want.ID)), pulumi.RetainOnDelete(true))...)
		if err != nil {
			return nil, fmt.Errorf("organization %s: %w", want.ID, err)
		}
		needs = append(needs, managed)
		p.resources = append(p.resources, managed)
	}
	if want.DelegatedAdministrator {
		delegated, err := cloudtrail.NewOrganizationDelegatedAdminAccount(p.ctx, "delegated-administrator", &cloudtrail.OrganizationDelegatedAdminAccountArgs{
			AccountId: pulumi.String(want.AuditAccount),
		}, options(pulumi.DependsOn(needs))...)
		if err != nil {
			return nil, fmt.Errorf("delegated administrator %s: %w", want.AuditAccount, err)
		}
		p.resources = append(p.resources, delegated)
	}
	return needs, nil
}
