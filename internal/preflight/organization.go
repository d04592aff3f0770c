package preflight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/trailkeep/trailkeep/policydocuments"
)

const cloudTrail = "cloudtrail.amazonaws.com"

func (p *preflight) checkOrganization(context.Context) result {
	want := p.cfg.Organization
	found, err := p.organization()
	switch {
	case errors.Is(err, errNotFound):
		return fail("the caller's account belongs to no organization", "use the credentials of an account in "+want.ID+", or make this an account stack (trailkeep:stack)")
	case err != nil:
		return unknown(err)
	case found.id != want.ID:
		return fail(fmt.Sprintf("the caller's organization is %s, and the stack file says %s", found.id, want.ID), "correct trailkeep:organization.id, or the credentials")
	case found.managementAccount != want.ManagementAccount:
		return fail(fmt.Sprintf("organization %s is managed by account %s, and the stack file says %s", found.id, found.managementAccount, want.ManagementAccount),
			"set trailkeep:organization.managementAccount to \""+found.managementAccount+"\"")
	}
	return ok("%s, managed by account %s", found.id, found.managementAccount)
}

func (p *preflight) checkFeatures(context.Context) result {
	found, err := p.organization()
	if err != nil {
		return unknown(err)
	}
	if found.featureSet != "ALL" {
		return fail("the feature set is "+found.featureSet+", and an organization trail needs ALL", "aws organizations enable-all-features (each member account has to agree)")
	}
	return ok("all features")
}

func (p *preflight) checkTrustedAccess(context.Context) result {
	services, err := p.serviceAccess()
	switch {
	case err != nil:
		return unknown(err)
	case slices.Contains(services, cloudTrail):
		return ok("%s has it", cloudTrail)
	case p.cfg.Organization.Manage != nil:
		return ok("not yet; the stack switches it on")
	}
	return fail(cloudTrail+" has none, and CloudTrail makes no organization trail without it",
		"aws organizations enable-aws-service-access --service-principal "+cloudTrail)
}

func (p *preflight) checkPolicyTypes(ctx context.Context) result {
	types, err := p.caller.policyTypes(ctx)
	switch {
	case err != nil:
		return unknown(err)
	case slices.Contains(types, "SERVICE_CONTROL_POLICY"):
		return ok("%s", strings.Join(types, ", "))
	}
	return warn("service control policies are off, so nothing keeps a member account's administrators from what the guardrails deny",
		"aws organizations enable-policy-type --policy-type SERVICE_CONTROL_POLICY --root-id $(aws organizations list-roots --query 'Roots[0].Id' --output text)")
}

// checkManaged compares the lists that the stack would keep with the live ones.
// Both are authoritative: what they leave out is switched off for everybody.
func (p *preflight) checkManaged(ctx context.Context) result {
	services, err := p.serviceAccess()
	if err != nil {
		return unknown(err)
	}
	types, err := p.caller.policyTypes(ctx)
	if err != nil {
		return unknown(err)
	}
	want := p.cfg.Organization.Manage
	var differs []string
	for _, list := range []struct {
		live, want []string
		say        string
	}{
		{services, want.ServiceAccess, "trusted access would be switched off: "},
		{types, want.PolicyTypes, "policy types would be switched off, their policies with them: "},
		{want.ServiceAccess, services, "trusted access would be switched on: "},
		{want.PolicyTypes, types, "policy types would be switched on: "},
	} {
		if gone := without(list.live, list.want); len(gone) > 0 {
			differs = append(differs, list.say+strings.Join(gone, ", "))
		}
	}
	if len(differs) == 0 {
		return ok("as configured: %s, %s", plural(len(services), "trusted service"), plural(len(types), "policy type"))
	}
	const first = "write the live lists under trailkeep:organization.manage, and change them there once the organization is imported"
	switch found := strings.Join(differs, "; "); {
	case p.known == nil:
		return warn(found, "if the organization is not imported yet: "+first)
	case !p.known("aws:organizations/organization:Organization", p.cfg.Organization.ID):
		return fail(found+"; an import takes only what is as declared", first)
	default:
		return warn(found, "if that is not meant, complete the lists under trailkeep:organization.manage")
	}
}

// without returns what a has and b lacks, sorted.
func without(a, b []string) []string {
	rest := slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) })
	slices.Sort(rest)
	return rest
}

// checkDelegated reports who else may change organization trails. CloudTrail
// takes three delegated administrators at most.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delegated-administrator.html
func (p *preflight) checkDelegated(ctx context.Context) result {
	ids, err := p.caller.delegatedAdministrators(ctx, cloudTrail)
	if err != nil {
		return unknown(err)
	}
	o := p.cfg.Organization
	others := without(ids, []string{o.AuditAccount})
	remove := "if that is not meant: aws cloudtrail deregister-organization-delegated-admin --delegated-admin-account-id " + strings.Join(others, " or ")
	registered := slices.Contains(ids, o.AuditAccount)
	switch {
	case o.DelegatedAdministrator && !registered && len(ids) >= 3:
		return fail("three accounts administer CloudTrail already, which is its limit: "+strings.Join(ids, ", "), remove)
	case o.DelegatedAdministrator && registered && p.known != nil && !p.known("aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount", o.AuditAccount):
		return fail("the audit account is registered already, and the stack's state does not record it",
			"adopt it: pulumi import aws:cloudtrail/organizationDelegatedAdminAccount:OrganizationDelegatedAdminAccount delegated-administrator "+o.AuditAccount)
	case len(others) > 0:
		return warn("account "+strings.Join(others, ", ")+" administers CloudTrail too, and can change or delete organization trails", remove)
	case registered && !o.DelegatedAdministrator:
		return warn("the audit account administers CloudTrail, and the stack file does not say so", "set trailkeep:organization.delegatedAdministrator to true")
	case registered:
		return ok("the audit account")
	case o.DelegatedAdministrator:
		return ok("none yet; the stack registers the audit account")
	}
	return ok("none")
}

func (p *preflight) checkServiceLinkedRole(ctx context.Context) result {
	found, err := p.caller.role(ctx, roleName(policydocuments.ServiceLinkedRole))
	switch {
	case errors.Is(err, errNotFound):
		return fail("AWSServiceRoleForCloudTrail does not exist in the management account: CreateTrail then fails with InsufficientDependencyServiceAccessPermission",
			"aws iam create-service-linked-role --aws-service-name "+cloudTrail)
	case err != nil:
		return unknown(err)
	}
	return ok("%s", found.arn)
}
