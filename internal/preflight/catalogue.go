package preflight

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// preflight is one run: what it is about, and what it has learned, each fact
// asked for once.
type preflight struct {
	cfg    *config.Config
	deploy policydocuments.Deploy
	caller view
	known  func(typ, id string) bool

	// The views are nil where the stack does not work in that account.
	management, audit, replica func() (view, error)

	organization  func() (organization, error)
	serviceAccess func() ([]string, error)
	trails        func() ([]trail, error) // as the trail's account has them
	logBucket     func() (bucket, error)
	replicaBucket func() (bucket, error)
}

func newPreflight(ctx context.Context, cfg *config.Config, caller view, known func(typ, id string) bool) *preflight {
	p := &preflight{cfg: cfg, deploy: Deploy(cfg), caller: caller, known: known}
	home := func() (view, error) { return caller, nil }
	switch cfg.Stack {
	case config.StackOrganization:
		p.management = home
		p.audit = sync.OnceValues(func() (view, error) { return caller.assume(ctx, p.deploy.Archive.DeployRoleARN, cfg.Region) })
	case config.StackArchive:
		p.audit = home
	case config.StackTrail:
		p.management = home
	case config.StackAccount:
		p.management, p.audit = home, home
	}
	if r := cfg.Archive.Replica; r != nil && p.audit != nil {
		p.replica = sync.OnceValues(func() (view, error) {
			// As the program's provider does: without a role it has the
			// caller's own account.
			arn := p.deploy.Archive.Replica.DeployRoleARN
			if r.Account == cfg.LogAccount() && cfg.Stack != config.StackOrganization {
				arn = ""
			}
			return caller.assume(ctx, arn, r.Region)
		})
	}
	p.organization = sync.OnceValues(func() (organization, error) { return caller.organization(ctx) })
	p.serviceAccess = sync.OnceValues(func() ([]string, error) { return caller.serviceAccess(ctx) })
	p.trails = sync.OnceValues(func() ([]trail, error) { return caller.trails(ctx) })
	p.logBucket = once(ctx, p.audit, cfg.Archive.BucketName)
	if cfg.Archive.Replica != nil {
		p.replicaBucket = once(ctx, p.replica, cfg.Archive.Replica.BucketName)
	}
	return p
}

func once(ctx context.Context, account func() (view, error), name string) func() (bucket, error) {
	return sync.OnceValues(func() (bucket, error) {
		v, err := account()
		if err != nil {
			return bucket{}, &unreachable{err}
		}
		return v.bucket(ctx, name, v.identity().account)
	})
}

// unreachable is an account that the caller cannot look into.
type unreachable struct{ err error }

func (u *unreachable) Error() string { return "the account cannot be reached" }

// unknown says why a check could not look.
func unknown(err error) result {
	var d *denied
	var u *unreachable
	switch {
	case errors.As(err, &u):
		return result{outcome: Unknown, found: "the account cannot be reached, see above"}
	case errors.As(err, &d):
		return result{
			outcome: Unknown, permission: d.action, found: "the caller may not look: it lacks " + d.action,
			remedy: "give the deploy role the policy that `trailkeep preflight policy` prints",
		}
	case errors.Is(err, context.DeadlineExceeded):
		return result{outcome: Unknown, found: fmt.Sprintf("no answer within %s", callTimeout), remedy: "try again"}
	}
	return result{outcome: Unknown, found: "AWS answered: " + rootCause(err).Error(), remedy: "try again"}
}

// catalogue lists the checks of the stack's kind in the order of the report.
func (p *preflight) catalogue() []check {
	cfg := p.cfg
	var checks []check
	add := func(id, title, account string, run func(context.Context) result) {
		checks = append(checks, check{id, title, account, run})
	}
	add("caller", "Caller", p.home(), p.checkCaller)
	if cfg.Stack == config.StackOrganization {
		add("audit-account", "Audit account", cfg.LogAccount(), p.account(p.audit, cfg.LogAccount(), p.deploy.Archive.DeployRoleARN))
	}
	if p.replica != nil {
		r := cfg.Archive.Replica
		add("replica-account", "Replica's account", r.Account, p.account(p.replica, r.Account, p.deploy.Archive.Replica.DeployRoleARN))
	}
	if cfg.Organization != nil {
		add("organization", "Organization", "", p.checkOrganization)
	}
	if cfg.Organization != nil && p.management != nil {
		add("all-features", "Feature set", "", p.checkFeatures)
		add("trusted-access", "Trusted access", "", p.checkTrustedAccess)
		add("policy-types", "Policy types", "", p.checkPolicyTypes)
		if cfg.Organization.Manage != nil {
			add("managed-organization", "Managed lists", "", p.checkManaged)
		}
		add("delegated-administrator", "Delegated administrators", "", p.checkDelegated)
		add("service-linked-role", "Service-linked role", cfg.TrailAccount(), p.checkServiceLinkedRole)
	}
	if p.audit != nil {
		add("break-glass-role", "Break-glass role", cfg.LogAccount(), p.breakGlass(p.audit, p.deploy.Archive.BreakGlassRoleARN))
	}
	if r := cfg.Archive.Replica; p.replica != nil && r.Account != cfg.LogAccount() {
		add("replica-break-glass-role", "Break-glass role, replica", r.Account, p.breakGlass(p.replica, p.deploy.Archive.Replica.BreakGlassRoleARN))
	}
	if p.audit != nil {
		add("readers", "Readers", cfg.LogAccount(), p.checkReaders)
	}
	if p.management != nil {
		add("other-trails", "Other trails", cfg.TrailAccount(), p.checkOtherTrails)
		add("trail-limit", "Trail limit", cfg.TrailAccount(), p.checkTrailLimit)
		add("trail-name", "Trail", cfg.TrailAccount(), p.checkTrailName)
	}
	if p.audit != nil && cfg.LogAccount() != cfg.TrailAccount() {
		add("audit-trails", "Other trails, audit account", cfg.LogAccount(), p.checkAuditTrails)
	}
	p.nameChecks(add)
	p.protectionChecks(add)
	return checks
}

// home is the account from which the stack is deployed.
func (p *preflight) home() string {
	if p.cfg.Stack == config.StackArchive {
		return p.cfg.LogAccount()
	}
	return p.cfg.TrailAccount()
}

// checkCaller compares the caller with the one role that DenyReconfigure and
// the key policies exempt. Anybody else could make the archive, and could not
// change it afterwards.
func (p *preflight) checkCaller(ctx context.Context) result {
	who := p.caller.identity()
	want := policydocuments.RoleARN(p.cfg.Region, p.home(), p.cfg.Access.DeployRole)
	become := fmt.Sprintf("become the role: aws sts assume-role --role-arn %s --role-session-name %s; docs/deploy-role.md says how to make it", want, "deploy")
	if who.account != p.home() {
		return fail(fmt.Sprintf("the caller %s is in account %s, and this %s stack is deployed from account %s", who.arn, who.account, p.cfg.Stack, p.home()), become)
	}
	lockedOut := "the archive's policies exempt " + want + " alone, so this caller would lock itself out with the first up"
	kind, name := sessionOf(who.arn)
	switch {
	case kind == "root":
		return fail("the caller is the account's root user; "+lockedOut, become)
	case kind != "assumed-role":
		return fail("the caller is "+who.arn+", which is no session of a role; "+lockedOut, become)
	case name != roleName(p.cfg.Access.DeployRole):
		return fail("the caller is a session of the role "+name+"; "+lockedOut, become+", or name this role under trailkeep:access.deployRole")
	}
	// A session's ARN leaves the role's path out, and the policies have it.
	role, err := p.caller.role(ctx, name)
	if err != nil {
		return unknown(err)
	}
	if role.arn != want {
		_, path, _ := strings.Cut(role.arn, ":role/")
		return fail("the caller's role is "+role.arn+"; "+lockedOut, "set trailkeep:access.deployRole to "+path)
	}
	return ok("%s", who.arn)
}

// sessionOf takes a caller's ARN apart: root, user, assumed-role or
// federated-user, and the name behind it.
func sessionOf(arn string) (kind, name string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return "", ""
	}
	kind, rest, _ := strings.Cut(parts[5], "/")
	name, _, _ = strings.Cut(rest, "/")
	return kind, name
}

// account checks that another account answers, and that it is the right one.
func (p *preflight) account(reach func() (view, error), want, roleARN string) func(context.Context) result {
	return func(context.Context) result {
		v, err := reach()
		var d *denied
		switch {
		case errors.Is(err, errRegionDisabled):
			return fail("the region is not enabled in account "+want,
				fmt.Sprintf("enable it: aws account enable-region --region-name %s --account-id %s", p.cfg.Archive.Replica.Region, want))
		case errors.As(err, &d):
			return fail(fmt.Sprintf("%s cannot be assumed: %s", roleARN, d.message),
				fmt.Sprintf("make the role, let it trust %s, and let the caller assume it (docs/deploy-role.md)", policydocuments.RoleARN(p.cfg.Region, p.home(), p.cfg.Access.DeployRole)))
		case err != nil:
			return unknown(err)
		case v.identity().account != want:
			return fail(fmt.Sprintf("%s answers as account %s, not %s", v.identity().arn, v.identity().account, want), "correct the account ids in the stack file, or the credentials")
		}
		return ok("%s", v.identity().arn)
	}
}

func (p *preflight) breakGlass(reach func() (view, error), want string) func(context.Context) result {
	return func(ctx context.Context) result {
		v, err := reach()
		if err != nil {
			return unknown(&unreachable{err})
		}
		found, err := exists(ctx, v, want)
		switch {
		case errors.Is(err, errNotFound):
			return warn(want+" does not exist: whoever is locked out, or has to cancel a key's deletion, has nothing to do it with",
				"make the role (docs/deploy-role.md), or name another one under trailkeep:access.breakGlassRole")
		case err != nil:
			return unknown(err)
		case found != want:
			return warn(fmt.Sprintf("%s does not exist; there is %s, which the policies do not exempt", want, found), "set trailkeep:access.breakGlassRole to the role's name with its path")
		}
		return ok("%s", want)
	}
}

// exists looks for a role or user by ARN and returns the ARN that its name has:
// IAM knows a role by its name, whatever its path.
func exists(ctx context.Context, v view, arn string) (string, error) {
	_, resource, _ := strings.Cut(arn, "::")
	_, resource, _ = strings.Cut(resource, ":")
	kind, name, _ := strings.Cut(resource, "/")
	if kind == "user" {
		return arn, v.user(ctx, roleName(name))
	}
	role, err := v.role(ctx, roleName(name))
	return role.arn, err
}

// checkReaders looks for the principals that the reader role will trust. IAM
// refuses a trust policy that names a missing one, so the up would fail.
func (p *preflight) checkReaders(ctx context.Context) result {
	var missing, unseen []string
	seen := 0
	var refused error
	for _, reader := range p.cfg.Access.Readers {
		v := p.viewOf(reader)
		if v == nil {
			unseen = append(unseen, reader)
			continue
		}
		found, err := exists(ctx, v, reader)
		switch {
		case errors.Is(err, errNotFound), err == nil && found != reader:
			missing = append(missing, reader)
		case err != nil:
			refused = err
			unseen = append(unseen, reader)
		default:
			seen++
		}
	}
	if len(missing) > 0 {
		return fail(strings.Join(missing, ", ")+": no such user or role, and IAM refuses a trust policy that names one", "correct trailkeep:access.readers, paths included")
	}
	if len(unseen) > 0 {
		r := result{outcome: Unknown, remedy: "see for yourself that they exist: IAM refuses a trust policy that names a missing principal"}
		why := "in accounts that the caller cannot look into"
		if refused != nil {
			r = unknown(refused)
			why = r.found
		}
		r.found = fmt.Sprintf("%d of %d found; not %s: %s", seen, len(p.cfg.Access.Readers), strings.Join(unseen, ", "), why)
		return r
	}
	return ok("%d of %d found", seen, len(p.cfg.Access.Readers))
}

// viewOf returns the view of a principal's account, nil if there is none.
func (p *preflight) viewOf(arn string) view {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return nil
	}
	for _, reach := range []func() (view, error){p.audit, p.management} {
		if reach == nil {
			continue
		}
		if v, err := reach(); err == nil && v.identity().account == parts[4] {
			return v
		}
	}
	return nil
}
