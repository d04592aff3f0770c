package awspolicy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Request is one call of an AWS API by one caller.
type Request struct {
	Principal Caller
	// Action is service:Name, such as s3:PutObject. Its case has no meaning.
	Action string
	// Resource is the ARN that the action is about; empty or "*" for actions
	// that know none.
	Resource string
	// ResourceAccount owns the resource. Empty: the account in the ARN, or the
	// caller's own. S3's ARNs name no account, so set it for a bucket.
	ResourceAccount string
	// Context holds the condition keys of the request, in any case. It adds to
	// the global keys that follow from the caller and the resource account,
	// and overrides them; an empty list takes a key out.
	Context map[string][]string
}

// ResourceKind is what a resource policy is attached to, where that changes
// how it is evaluated.
type ResourceKind string

const (
	OrdinaryResource ResourceKind = "resource"
	// S3Bucket's policy binds everyone but the owner account's root user, who
	// can always read, replace and delete it.
	S3Bucket ResourceKind = "bucket"
	// KMSKey's policy alone gives access; identity policies count only where
	// it lets the account in.
	KMSKey ResourceKind = "key"
	// RoleTrust is the trust policy of a role, evaluated like a key's.
	RoleTrust ResourceKind = "role"
)

// ResourcePolicy is the policy attached to the requested resource.
type ResourcePolicy struct {
	Kind     ResourceKind
	Document Document
}

// Policies are all policies that apply to a request.
type Policies struct {
	// Identity are the policies of the user and its groups, or of the role.
	// They, Boundary and Session are heeded for users, role sessions and
	// federated users only, since nothing else can have them.
	Identity []Document
	// Boundary is the permissions boundary; nil for none.
	Boundary []Document
	// Session are the policies passed when the session was made; nil for
	// none, which leaves a federated user nothing but what resource policies
	// give it.
	Session []Document
	// Resource is nil if the resource has no policy, or cannot have one.
	Resource *ResourcePolicy
	// SCPs are the service control policies over the caller's account, a list
	// for each level: root, organizational units, account. Nil for an account
	// without an organization; a level that is present must allow.
	SCPs [][]Document
	// RCPs are the resource control policies over the resource's account, by
	// level. RCPFullAWSAccess is always attached and is implied. Leave out
	// the RCPs if the resource is in the management account, or of a service
	// without RCP support: they do not bind it.
	RCPs [][]Document
}

// PolicyKind says where a statement stands.
type PolicyKind string

const (
	IdentityPolicy        PolicyKind = "identity policy"
	BoundaryPolicy        PolicyKind = "permissions boundary"
	SessionPolicy         PolicyKind = "session policy"
	ResourceBasedPolicy   PolicyKind = "resource policy"
	ServiceControlPolicy  PolicyKind = "service control policy"
	ResourceControlPolicy PolicyKind = "resource control policy"
)

// Outcome is the result in AWS's terms.
type Outcome string

const (
	Allowed      Outcome = "allowed"
	ExplicitDeny Outcome = "explicit deny"
	ImplicitDeny Outcome = "implicit deny"
)

// Match names one statement.
type Match struct {
	Policy PolicyKind
	// Level is the index of the SCP or RCP level, from the root; 0 otherwise.
	Level int
	// Document is the index of the document in its list, Statement that of
	// the statement in its document.
	Document, Statement int
	Sid                 string
	Effect              Effect
}

// String is for people: resource policy, statement 3 "DenyDestroy" (Deny).
func (m Match) String() string {
	where := string(m.Policy)
	if m.Policy == ServiceControlPolicy || m.Policy == ResourceControlPolicy {
		where += fmt.Sprintf(" of level %d", m.Level)
	}
	if m.Document > 0 {
		where += fmt.Sprintf(", document %d", m.Document)
	}
	return fmt.Sprintf("%s, %s (%s)", where, statementName(m.Statement, m.Sid), m.Effect)
}

// Step is one statement that was considered.
type Step struct {
	Match
	// Applies says that the statement matched the request, or that it is a
	// Deny of which that could not be ruled out.
	Applies bool
	// Why names the element or condition that decided.
	Why string
}

// Decision is the answer to a request.
type Decision struct {
	Allowed bool
	Outcome Outcome
	// Reason is the rule that decided, as a sentence without final period.
	Reason string
	// By are the statements that decided: all that deny, or all that allow.
	// It is empty for an implicit deny, and where the account's root user is
	// allowed without a statement.
	By []Match
	// Trace has every statement of every policy that applies to the caller.
	Trace []Step
	// Unsupported says what could not be evaluated. A request is never
	// allowed because of such a statement: an Allow counts as not matching, a
	// Deny as matching. An entry therefore can make an answer too strict, and
	// never too lax.
	Unsupported []string
}

// evaluation is the state of one Evaluate call.
type evaluation struct {
	request  Request
	action   string // in lower case
	resource string
	keys     []contextKey
	boundary bool
	tokens   pattern // scratch space
	decision Decision
	denies   []Match
}

// Evaluate judges a request by AWS's documented logic: an explicit deny in
// any policy wins; then RCPs and SCPs set the limit; then, within one
// account, the resource policy or the identity policies allow, and across
// accounts both must.
//
// What it does not know: grants of KMS, ACLs, Block Public Access, VPC
// endpoint policies and what a service refuses for reasons of its own.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
func Evaluate(r Request, p Policies) Decision {
	e := &evaluation{
		request:  r,
		action:   strings.ToLower(r.Action),
		resource: r.Resource,
		boundary: p.Boundary != nil,
	}
	if e.resource == "" {
		e.resource = "*"
	}
	ownerKnown := e.locate(p)
	e.keys = contextKeys(e.request)

	caller := r.Principal
	var identity, boundary, session, resource answer
	identity.limit, boundary.limit, session.limit = true, true, true
	for level, documents := range p.RCPs {
		if e.boundByRCPs(p) {
			e.judge(ResourceControlPolicy, level, documents)
		}
	}
	blockedLevel := -1
	if boundBySCPs(caller) {
		for level, documents := range p.SCPs {
			// "If a permission is blocked at any level above the account, …
			// a user or role in the affected account can't use that permission".
			if !e.judge(ServiceControlPolicy, level, documents).allows() && blockedLevel < 0 {
				blockedLevel = level
			}
		}
	}
	spared := 0
	if p.Resource != nil {
		before := len(e.denies)
		resource = e.judge(ResourceBasedPolicy, 0, []Document{p.Resource.Document})
		if e.isBucketPolicyCallOfOwner(p) {
			spared = len(e.denies) - before
			e.denies = e.denies[:before]
		}
	}
	if caller.isIdentity() {
		identity = e.judge(IdentityPolicy, 0, p.Identity)
		if p.Boundary != nil {
			boundary = e.judge(BoundaryPolicy, 0, p.Boundary)
		}
		// "If you do not pass a session policy, then the resulting federated
		// user session has no permissions", resource policies apart.
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
		if p.Session != nil || caller.Kind == FederatedUserCaller {
			session = e.judge(SessionPolicy, 0, p.Session)
		}
	}

	switch {
	case len(e.denies) > 0:
		e.deny(ExplicitDeny, "a statement denies the request")
		e.decision.By = e.denies
	case blockedLevel >= 0:
		e.deny(ImplicitDeny, fmt.Sprintf("no service control policy of level %d allows the action", blockedLevel))
	case !ownerKnown:
		e.decision.Unsupported = append(e.decision.Unsupported, "the account that owns "+e.resource+" is not known; set ResourceAccount")
		e.deny(ImplicitDeny, "the account that owns the resource is not known")
	case caller.Kind == RootCaller:
		e.root(p, resource, spared)
	case caller.isIdentity():
		e.identity(p, identity, boundary, session, resource)
	default:
		e.grantedAlone(caller, resource)
	}
	return e.decision
}

// locate settles which account owns the resource and reports whether it
// could.
func (e *evaluation) locate(p Policies) bool {
	r := &e.request
	if r.ResourceAccount == "" {
		r.ResourceAccount = arnPart(r.Resource, 4)
	}
	if r.ResourceAccount != "" {
		return true
	}
	if p.Resource != nil && r.Principal.Account() != "" {
		// Same account or not decides what a resource policy means.
		return false
	}
	r.ResourceAccount = r.Principal.Account()
	return true
}

// contextKeys returns what the request says, then what follows from it; the
// first entry of a name counts.
func contextKeys(r Request) []contextKey {
	keys := make([]contextKey, 0, len(r.Context)+10)
	for _, name := range slices.Sorted(maps.Keys(r.Context)) {
		keys = append(keys, contextKey{name, r.Context[name]})
	}
	keys = append(keys, r.Principal.keys()...)
	if r.ResourceAccount != "" {
		keys = append(keys, contextKey{"aws:ResourceAccount", []string{r.ResourceAccount}})
	}
	// "Always included in the request context"; true only where the context
	// says that a service makes the call on behalf of the caller.
	return append(keys, contextKey{"aws:ViaAWSService", []string{"false"}})
}

// lookup returns the values of a condition key. "Key names are not
// case-sensitive."
func (e *evaluation) lookup(name string) []string {
	for _, k := range e.keys {
		if strings.EqualFold(k.name, name) {
			return k.values
		}
	}
	return nil
}

// boundBySCPs: "SCPs don't affect users or roles in the management account",
// nor "any service-linked role"; a service principal is in no account.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
func boundBySCPs(c Caller) bool {
	return (c.isIdentity() || c.Kind == RootCaller) && !c.ManagementAccount && !c.isServiceLinked()
}

// boundByRCPs names the calls that "you can't use RCPs to restrict".
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
func (e *evaluation) boundByRCPs(p Policies) bool {
	trustOfServiceLinked := p.Resource != nil && p.Resource.Kind == RoleTrust && isServiceLinkedRole(e.resource)
	return !e.request.Principal.isServiceLinked() && !trustOfServiceLinked && e.action != "kms:retiregrant"
}

// isBucketPolicyCallOfOwner: "The account root principal can perform the
// GetBucketPolicy, PutBucketPolicy, and DeleteBucketPolicy API actions, even
// if their bucket policy explicitly denies the root principal's access.
// Bucket owner root principals can only be blocked from performing these API
// actions by VPC endpoint policies and AWS Organizations policies."
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
func (e *evaluation) isBucketPolicyCallOfOwner(p Policies) bool {
	if p.Resource.Kind != S3Bucket || e.request.Principal.Kind != RootCaller || !e.sameAccount() {
		return false
	}
	switch e.action {
	case "s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy":
		return true
	}
	return false
}

func (e *evaluation) sameAccount() bool {
	account := e.request.Principal.Account()
	return account != "" && account == e.request.ResourceAccount
}

// answer is what the Allow statements of one kind of policy say.
type answer struct {
	allow []Match
	grant grant
	// limit stands for a policy that is not there and so limits nothing.
	limit bool
}

func (a answer) allows() bool { return len(a.allow) > 0 }

// leaves reports whether a boundary or session policy leaves the permission.
func (a answer) leaves() bool { return a.limit || a.allows() }

func (e *evaluation) deny(outcome Outcome, reason string) {
	e.decision.Outcome, e.decision.Reason = outcome, reason
}

func (e *evaluation) allow(reason string, by ...[]Match) {
	e.decision.Allowed = true
	e.decision.Outcome, e.decision.Reason = Allowed, reason
	e.decision.By = slices.Concat(by...)
}

// grantedAlone judges callers that have no policies of their own: services,
// external identities and anonymous requests.
func (e *evaluation) grantedAlone(c Caller, resource answer) {
	if resource.grant == direct {
		e.allow(fmt.Sprintf("the resource policy allows this %s caller", c.Kind), resource.allow)
		return
	}
	e.deny(ImplicitDeny, fmt.Sprintf("only a resource policy can allow this %s caller, and none does", c.Kind))
}

// root judges an account's root user: "By default, all requests are
// implicitly denied with the exception of the AWS account root user, which
// has full access."
func (e *evaluation) root(p Policies, resource answer, spared int) {
	kind := OrdinaryResource
	if p.Resource != nil {
		kind = p.Resource.Kind
	}
	switch {
	case kind == RoleTrust:
		// "You cannot call AssumeRole by using AWS account root user credentials".
		// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
		e.deny(ImplicitDeny, "a root user cannot assume a role")
	case !e.sameAccount() && !resource.allows():
		e.deny(ImplicitDeny, "the resource policy does not allow this account's root user")
	case kind == KMSKey && !resource.allows():
		// "Unlike other AWS resource policies, a KMS key policy does not
		// automatically give permission to the account or any of its identities."
		// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
		e.deny(ImplicitDeny, "the key policy does not allow the account, whose root user has no access of its own")
	case spared > 0:
		e.allow(fmt.Sprintf("the bucket policy does not bind its owner account's root user in this action (%s passed over)", statements(spared)))
	default:
		e.allow("the account's root user has full access", resource.allow)
	}
}

func statements(n int) string {
	if n == 1 {
		return "1 Deny statement"
	}
	return fmt.Sprintf("%d Deny statements", n)
}

// identity judges users, role sessions and federated users.
func (e *evaluation) identity(p Policies, identity, boundary, session, resource answer) {
	limited := boundary.leaves() && session.leaves()
	own := identity.allows() && limited
	gatekeeper := p.Resource != nil && (p.Resource.Kind == KMSKey || p.Resource.Kind == RoleTrust)
	switch {
	case !e.sameAccount():
		// "The request is allowed only if both evaluations return a decision of Allow."
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
		switch {
		case !resource.allows():
			e.deny(ImplicitDeny, "the resource is in another account, and no resource policy allows the caller")
		case !own:
			e.deny(ImplicitDeny, "the resource is in another account: its policy allows, but "+ownLack(identity, boundary, session))
		default:
			e.allow("both the resource policy and the caller's own policies allow", resource.allow, identity.allow)
		}
	case resource.grant == direct:
		e.allow("the resource policy allows the caller itself", resource.allow)
	case resource.grant == toRole && limited:
		e.allow("the resource policy allows the caller's role", resource.allow)
	case resource.grant == toRole && !own:
		e.deny(ImplicitDeny, "the resource policy allows the role, but "+ownLack(answer{limit: true}, boundary, session))
	case gatekeeper && resource.grant < toAccount:
		// "They must explicitly allow access for principals."
		e.deny(ImplicitDeny, fmt.Sprintf("the policy of the %s allows neither the caller nor the account, so identity policies do not count", p.Resource.Kind))
	case !own:
		e.deny(ImplicitDeny, ownLack(identity, boundary, session))
	default:
		e.allow("the caller's own policies allow", identity.allow)
		if gatekeeper {
			e.decision.By = append(slices.Clone(resource.allow), identity.allow...)
		}
	}
}

// ownLack says which of the caller's own policies does not allow.
func ownLack(identity, boundary, session answer) string {
	switch {
	case !identity.leaves():
		return "no identity policy allows"
	case !boundary.leaves():
		return "the permissions boundary does not allow"
	}
	return "the session policy does not allow"
}

// judge runs all statements of one kind of policy, notes them in the trace,
// and returns what they allow.
func (e *evaluation) judge(kind PolicyKind, level int, documents []Document) answer {
	var a answer
	for d, document := range documents {
		for i := range document.Statements {
			s := &document.Statements[i]
			m := Match{kind, level, d, i, s.Sid, s.Effect}
			t, g, why := e.statement(kind, s)
			if t == unknown {
				e.decision.Unsupported = append(e.decision.Unsupported, m.String()+": "+why)
			}
			applies := t == yes || t == unknown && s.Effect != Allow
			e.decision.Trace = append(e.decision.Trace, Step{m, applies, why})
			switch {
			case !applies:
			case s.Effect == Allow:
				a.allow = append(a.allow, m)
				a.grant = max(a.grant, g)
			default:
				e.denies = append(e.denies, m)
			}
		}
	}
	return a
}
