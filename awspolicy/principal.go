package awspolicy

import (
	"slices"
	"strings"
)

// CallerKind is the kind of principal that makes a request.
type CallerKind string

const (
	UserCaller        CallerKind = "IAM user"
	RoleSessionCaller CallerKind = "role session"
	RootCaller        CallerKind = "account root user"
	ServiceCaller     CallerKind = "AWS service"
	// FederatedUserCaller is a session of STS GetFederationToken.
	FederatedUserCaller CallerKind = "federated user"
	// ExternalCaller is a person or workload of a SAML or OIDC provider that
	// asks for a role and has no AWS identity yet.
	ExternalCaller  CallerKind = "external identity"
	AnonymousCaller CallerKind = "anonymous"
)

// Caller is the principal of a request. Make one with User, RoleSession,
// Root, Service, FederatedUser, External or Anonymous, then set the facts
// below the first group where they are known.
type Caller struct {
	Kind CallerKind
	// ARN is the IAM ARN of the user, of the role (not of its session), of
	// the account (arn:aws:iam::111122223333:root) or of the federated user.
	ARN string
	// SessionName is the role session's name.
	SessionName string
	// Name is the service principal, or the identity provider's ARN or host.
	Name string

	// UniqueID is aws:userid: AIDA… of a user, AROA…:session of a role session.
	UniqueID string
	// OrgID is the organization of the caller's account, aws:PrincipalOrgID.
	OrgID string
	// ManagementAccount says that the caller's account is its organization's
	// management account, whose principals no SCP binds.
	ManagementAccount bool
	// FederatedBy is the ARN of the user that called GetFederationToken.
	FederatedBy string
}

// User is an IAM user, by ARN.
func User(arn string) Caller { return Caller{Kind: UserCaller, ARN: arn} }

// RoleSession is a session of the role with this ARN.
func RoleSession(roleARN, session string) Caller {
	return Caller{Kind: RoleSessionCaller, ARN: roleARN, SessionName: session}
}

// Root is the root user of an account, by the ARN arn:aws:iam::ACCOUNT:root.
func Root(arn string) Caller { return Caller{Kind: RootCaller, ARN: arn} }

// Service is an AWS service that acts as its service principal, such as
// cloudtrail.amazonaws.com. A service that has assumed a role is a RoleSession.
func Service(name string) Caller { return Caller{Kind: ServiceCaller, Name: name} }

// FederatedUser is a session of STS GetFederationToken, by its ARN
// arn:aws:sts::ACCOUNT:federated-user/NAME.
func FederatedUser(arn string) Caller { return Caller{Kind: FederatedUserCaller, ARN: arn} }

// External is an identity of the SAML or OIDC provider with this ARN or host
// name that asks STS for a role.
func External(provider string) Caller { return Caller{Kind: ExternalCaller, Name: provider} }

// Anonymous is an unsigned request.
func Anonymous() Caller { return Caller{Kind: AnonymousCaller} }

// Account is the id of the caller's account; empty for services, external
// identities and anonymous callers, which act for none.
func (c Caller) Account() string {
	if c.Kind == ServiceCaller || c.Kind == ExternalCaller || c.Kind == AnonymousCaller {
		return ""
	}
	return arnPart(c.ARN, 4)
}

// SessionARN is the ARN of a role session,
// arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION, in which the role has no
// path; empty for other callers.
func (c Caller) SessionARN() string {
	if c.Kind != RoleSessionCaller {
		return ""
	}
	return "arn:" + arnPart(c.ARN, 1) + ":sts::" + c.Account() + ":assumed-role/" + afterSlash(c.ARN) + "/" + c.SessionName
}

// isIdentity reports whether identity policies, boundaries and session
// policies can be attached to the caller.
func (c Caller) isIdentity() bool {
	return c.Kind == UserCaller || c.Kind == RoleSessionCaller || c.Kind == FederatedUserCaller
}

// isServiceLinked reports a session of a service-linked role, whose path is
// reserved: https://docs.aws.amazon.com/IAM/latest/UserGuide/using-service-linked-roles.html
func (c Caller) isServiceLinked() bool {
	return c.Kind == RoleSessionCaller && isServiceLinkedRole(c.ARN)
}

func isServiceLinkedRole(arn string) bool {
	return strings.HasPrefix(arnPart(arn, 5), "role/aws-service-role/")
}

// contextKey is one key of a request's context; no values means that the
// request does not have the key.
type contextKey struct {
	name   string
	values []string
}

// keys returns the global condition keys that follow from the caller.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
// and, for userid, username and PrincipalType, the table of principals in
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (c Caller) keys() []contextKey {
	keys := make([]contextKey, 0, 8)
	add := func(name, value string) {
		if value != "" {
			keys = append(keys, contextKey{name, []string{value}})
		}
	}
	add("aws:PrincipalOrgID", c.OrgID)
	switch c.Kind {
	case ServiceCaller:
		add("aws:PrincipalIsAWSService", "true")
		add("aws:PrincipalServiceName", c.Name)
		add("aws:PrincipalServiceNamesList", c.Name)
	case AnonymousCaller:
		// No PrincipalIsAWSService: "present in the request context for all
		// signed API requests that use AWS credentials. Anonymous requests
		// don't include this key."
		add("aws:PrincipalType", "Anonymous")
		add("aws:userid", "anonymous")
	case ExternalCaller:
		// AssumeRoleWithSAML and AssumeRoleWithWebIdentity are not signed.
	case UserCaller, RoleSessionCaller, RootCaller, FederatedUserCaller:
		add("aws:PrincipalArn", c.ARN)
		add("aws:PrincipalAccount", c.Account())
		add("aws:PrincipalIsAWSService", "false")
		id := c.UniqueID
		switch c.Kind {
		case UserCaller:
			add("aws:PrincipalType", "User")
			add("aws:username", afterSlash(c.ARN))
		case RoleSessionCaller:
			add("aws:PrincipalType", "AssumedRole")
		case RootCaller:
			add("aws:PrincipalType", "Account")
			id = c.Account()
		case FederatedUserCaller:
			add("aws:PrincipalType", "FederatedUser")
			id = c.Account() + ":" + afterSlash(c.ARN)
		}
		add("aws:userid", id)
	}
	return keys
}

// grant is how a Principal element names a caller. It decides whether other
// policies limit what the statement allows.
type grant int

const (
	noGrant grant = iota
	// toAccount names the caller's account, which "delegates authority to the
	// account": its identity policies must allow as well.
	toAccount
	// toRole names the role of a session, or the user of a federated user:
	// "limited by an implicit deny in a permissions boundary or session policy".
	toRole
	// direct names the very principal that makes the request (user, session,
	// service, provider), or everyone, on which no implicit deny has effect.
	direct
)

// names reports how p names the caller. The text says what could not be
// judged; it is empty if everything could.
func (p *Principal) names(c Caller) (grant, string) {
	if p.Everyone {
		return direct, ""
	}
	best, unjudged := noGrant, ""
	switch c.Kind {
	case ServiceCaller:
		if slices.Contains(p.Service, c.Name) {
			return direct, ""
		}
		if slices.Contains(p.Service, "*") {
			unjudged = `the service principal "*" has no documented meaning`
		}
	case ExternalCaller:
		if slices.Contains(p.Federated, c.Name) {
			return direct, ""
		}
	case AnonymousCaller:
	default:
		for _, v := range p.AWS {
			if strings.ContainsAny(v, "*?") {
				unjudged = "the principal " + v + " has a wildcard, which AWS does not allow in a name"
			}
			best = max(best, c.namedBy(v))
		}
		if best == noGrant && len(p.CanonicalUser) > 0 {
			unjudged = "a canonical user id cannot be told apart from the caller's"
		}
	}
	if best != noGrant {
		unjudged = ""
	}
	return best, unjudged
}

// namedBy judges one value of the AWS list.
func (c Caller) namedBy(v string) grant {
	switch {
	case v == "":
		return noGrant
	case c.isAccount(v):
		if c.Kind == RootCaller {
			return direct
		}
		return toAccount
	case c.Kind == RoleSessionCaller && v == c.SessionARN():
		return direct
	case c.Kind == RoleSessionCaller && (v == c.ARN || v == idBeforeColon(c.UniqueID)):
		return toRole
	case c.Kind == FederatedUserCaller && v == c.FederatedBy:
		return toRole
	case c.Kind == UserCaller && (v == c.ARN || v == c.UniqueID),
		c.Kind == FederatedUserCaller && v == c.ARN:
		return direct
	}
	return noGrant
}

// isAccount reports whether v is the caller's account, as an id or an ARN.
func (c Caller) isAccount(v string) bool {
	account := c.Account()
	if account == "" {
		return false
	}
	return v == account ||
		strings.HasSuffix(v, ":root") && arnPart(v, 4) == account && arnPart(v, 5) == "root" && arnPart(v, 1) == arnPart(c.ARN, 1)
}

// excepts reports whether a NotPrincipal element takes the caller out of a
// Deny. AWS wants every level of the caller listed (account, and user, or
// role and session); with some of them, whether the caller is denied depends
// on the service, so that the answer is unknown.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (p *Principal) excepts(c Caller) truth {
	if p.Everyone {
		return yes
	}
	switch c.Kind {
	case ServiceCaller:
		return truthOf(slices.Contains(p.Service, c.Name))
	case ExternalCaller:
		return truthOf(slices.Contains(p.Federated, c.Name))
	case AnonymousCaller:
		return no
	}
	levels := []bool{slices.ContainsFunc(p.AWS, c.isAccount)}
	switch c.Kind {
	case UserCaller, FederatedUserCaller:
		levels = append(levels, slices.Contains(p.AWS, c.ARN))
	case RoleSessionCaller:
		levels = append(levels, slices.Contains(p.AWS, c.ARN), slices.Contains(p.AWS, c.SessionARN()))
	}
	switch {
	case !slices.Contains(levels, false):
		return yes
	case slices.Contains(levels, true) || len(p.CanonicalUser) > 0:
		return unknown
	}
	return no
}

// arnPart returns one of the six parts of an ARN, counted from 0, or "".
func arnPart(arn string, n int) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return ""
	}
	return parts[n]
}

// afterSlash returns the friendly name at the end of an IAM ARN.
func afterSlash(arn string) string {
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

func idBeforeColon(id string) string {
	before, _, _ := strings.Cut(id, ":")
	return before
}
