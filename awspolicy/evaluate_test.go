package awspolicy

import (
	"slices"
	"strings"
	"testing"
)

const (
	account    = "111122223333"
	elsewhere  = "444455556666"
	bucketARN  = "arn:aws:s3:::logs"
	objectARN  = "arn:aws:s3:::logs/k"
	keyARN     = "arn:aws:kms:eu-west-1:111122223333:key/1"
	targetRole = "arn:aws:iam::111122223333:role/target"
)

var (
	user      = User("arn:aws:iam::111122223333:user/team/ann")
	role      = RoleSession("arn:aws:iam::111122223333:role/team/app", "s1")
	root      = Root("arn:aws:iam::111122223333:root")
	outsider  = RoleSession("arn:aws:iam::444455556666:role/app", "s1")
	federated = FederatedUser("arn:aws:sts::111122223333:federated-user/bob")
)

func allowing(actions ...string) []Document {
	return []Document{{Statements: []Statement{{Sid: "A", Effect: Allow, Actions: actions, Resources: []string{"*"}}}}}
}

func denying(actions ...string) []Document {
	return []Document{{Statements: []Statement{{Sid: "D", Effect: Deny, Actions: actions, Resources: []string{"*"}}}}}
}

// on is a resource policy that allows everything to one AWS principal.
func on(kind ResourceKind, principal string) *ResourcePolicy {
	p := &Principal{AWS: []string{principal}}
	if principal == "*" {
		p = &Principal{Everyone: true}
	}
	return onPrincipal(kind, p)
}

func onPrincipal(kind ResourceKind, p *Principal) *ResourcePolicy {
	return &ResourcePolicy{Kind: kind, Document: Document{Statements: []Statement{{
		Sid: "R", Effect: Allow, Principal: p, Actions: []string{"*"}, Resources: []string{"*"},
	}}}}
}

func with(p *ResourcePolicy, s Statement) *ResourcePolicy {
	return &ResourcePolicy{Kind: p.Kind, Document: Document{Statements: append(slices.Clone(p.Document.Statements), s)}}
}

func guardrail(effect Effect, actions ...string) []Document {
	return []Document{{Statements: []Statement{{Sid: "G", Effect: effect, Principal: nil, Actions: actions, Resources: []string{"*"}}}}}
}

func resourceGuardrail(actions ...string) [][]Document {
	return [][]Document{{{Statements: []Statement{{
		Sid: "RCP", Effect: Deny, Principal: &Principal{Everyone: true}, Actions: actions, Resources: []string{"*"},
	}}}}}
}

// Each case quotes the rule that it comes from. Pages:
// [1] https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
// [2] https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
// [3] https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
// [4] https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
// [5] https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
// [6] https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
// [7] https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
// [8] https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
// [9] https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
// [10] https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html
// [11] https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func TestEvaluate(t *testing.T) {
	s3 := func(c Caller) Request {
		return Request{Principal: c, Action: "s3:GetObject", Resource: objectARN, ResourceAccount: account}
	}
	act := func(c Caller, action, resource string) Request {
		return Request{Principal: c, Action: action, Resource: resource, ResourceAccount: account}
	}
	managed, linked := role, RoleSession("arn:aws:iam::111122223333:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX", "s")
	managed.ManagementAccount = true
	fedByUser := federated
	fedByUser.FederatedBy = user.ARN
	everything := allowing("*")
	nothing := allowing("ec2:*")
	denyAll := Statement{Sid: "Never", Effect: Deny, Principal: &Principal{Everyone: true}, Actions: []string{"*"}, Resources: []string{"*"}}
	notPrincipal := func(aws ...string) *ResourcePolicy {
		return with(on(OrdinaryResource, "*"), Statement{
			Sid: "NP", Effect: Deny, NotPrincipal: &Principal{AWS: aws}, Actions: []string{"*"}, Resources: []string{"*"},
		})
	}

	tests := []struct {
		rule    string
		request Request
		p       Policies
		want    Outcome
		by      string // Sids of By, joined
	}{
		// Within one account.
		{"[1] by default, all requests are implicitly denied", s3(user), Policies{}, ImplicitDeny, ""},
		{"[1] an identity policy allows", s3(user), Policies{Identity: everything}, Allowed, "A"},
		{"[1] an explicit deny overrides an explicit allow", s3(user), Policies{Identity: append(denying("s3:Get*"), everything...)}, ExplicitDeny, "D"},
		{"[1] a boundary that does not allow denies", s3(user), Policies{Identity: everything, Boundary: nothing}, ImplicitDeny, ""},
		{"[1] a boundary alone grants nothing", s3(user), Policies{Boundary: everything}, ImplicitDeny, ""},
		{"[1] an empty boundary allows nothing", s3(user), Policies{Identity: everything, Boundary: []Document{}}, ImplicitDeny, ""},
		{"[1] a session policy that does not allow denies", s3(role), Policies{Identity: everything, Session: nothing}, ImplicitDeny, ""},
		{"[1] all of them allow", s3(role), Policies{Identity: everything, Boundary: everything, Session: everything}, Allowed, "A"},
		{"[1] a deny in a session policy", s3(role), Policies{Identity: everything, Session: denying("s3:*")}, ExplicitDeny, "D"},
		{"[1] the resource policy alone is enough", s3(user), Policies{Resource: on(S3Bucket, user.ARN)}, Allowed, "R"},
		{"[1] a deny in the resource policy", s3(user), Policies{Identity: everything, Resource: with(on(S3Bucket, user.ARN), denyAll)}, ExplicitDeny, "Never"},
		{"[1] user ARN: not limited by an implicit deny in the boundary", s3(user), Policies{Resource: on(S3Bucket, user.ARN), Boundary: nothing}, Allowed, "R"},
		{"[1] role ARN: limited by the boundary", s3(role), Policies{Resource: on(S3Bucket, role.ARN), Boundary: nothing}, ImplicitDeny, ""},
		{"[1] role ARN: limited by the session policy", s3(role), Policies{Identity: everything, Resource: on(S3Bucket, role.ARN), Session: nothing}, ImplicitDeny, ""},
		{"[1] role ARN: not limited by identity policies", s3(role), Policies{Identity: nothing, Resource: on(S3Bucket, role.ARN), Boundary: everything}, Allowed, "R"},
		{"[1] session ARN: not limited by an implicit deny", s3(role), Policies{Resource: on(S3Bucket, "arn:aws:sts::111122223333:assumed-role/app/s1"), Boundary: nothing, Session: nothing}, Allowed, "R"},
		{"[1] session ARN: an explicit deny still wins", s3(role), Policies{Resource: on(S3Bucket, "arn:aws:sts::111122223333:assumed-role/app/s1"), Boundary: denying("s3:*")}, ExplicitDeny, "D"},
		{"[3] principals must always name a specific session", s3(role), Policies{Resource: on(S3Bucket, "arn:aws:sts::111122223333:assumed-role/app/s2")}, ImplicitDeny, ""},
		{"[3] a wildcard principal is not limited by the boundary", s3(role), Policies{Resource: on(S3Bucket, "*"), Boundary: nothing}, Allowed, "R"},
		{"[3] the account's ARN delegates to the account", s3(user), Policies{Resource: on(S3Bucket, root.ARN)}, ImplicitDeny, ""},
		{"[3] the account's id behaves the same way", s3(user), Policies{Resource: on(S3Bucket, account), Identity: everything}, Allowed, "A"},
		{"[3] denying the account denies all in it", s3(user), Policies{Identity: everything, Resource: with(on(S3Bucket, "*"), Statement{
			Sid: "D", Effect: Deny, Principal: &Principal{AWS: []string{account}}, Actions: []string{"s3:*"}, Resources: []string{"*"}})}, ExplicitDeny, "D"},
		{"[1] federated user: its own ARN is not limited", s3(federated), Policies{Resource: on(S3Bucket, federated.ARN)}, Allowed, "R"},
		{"[1] federated user: the user's ARN is limited by the session", s3(fedByUser), Policies{Resource: on(S3Bucket, user.ARN), Session: nothing}, ImplicitDeny, ""},
		{"[1] federated user: the user's ARN with the session", s3(fedByUser), Policies{Resource: on(S3Bucket, user.ARN), Session: everything}, Allowed, "R"},
		{"[10] without a session policy the session has no permissions", s3(federated), Policies{Identity: everything}, ImplicitDeny, ""},
		{"[10] intersection of user and session policies", s3(federated), Policies{Identity: everything, Session: everything}, Allowed, "A"},

		// Across accounts.
		{"[2] identity policy alone", s3(outsider), Policies{Identity: everything}, ImplicitDeny, ""},
		{"[2] resource policy alone", s3(outsider), Policies{Resource: on(S3Bucket, outsider.ARN)}, ImplicitDeny, ""},
		{"[2] both", s3(outsider), Policies{Identity: everything, Resource: on(S3Bucket, outsider.ARN)}, Allowed, "R A"},
		{"[2] both, by account", s3(outsider), Policies{Identity: everything, Resource: on(S3Bucket, elsewhere)}, Allowed, "R A"},
		{"[2] both, by everyone", s3(outsider), Policies{Identity: everything, Resource: on(S3Bucket, "*")}, Allowed, "R A"},
		{"[2] another account's principal", s3(outsider), Policies{Identity: everything, Resource: on(S3Bucket, account)}, ImplicitDeny, ""},
		{"[2] limits of the caller's account count", s3(outsider), Policies{Identity: everything, Boundary: nothing, Resource: on(S3Bucket, outsider.ARN)}, ImplicitDeny, ""},

		// Root user.
		{"[1] the root user has full access", s3(root), Policies{}, Allowed, ""},
		{"[1] but a resource policy can deny it", s3(root), Policies{Resource: with(on(S3Bucket, "*"), denyAll)}, ExplicitDeny, "Never"},
		{"[4] SCPs bind the member account's root user", s3(root), Policies{SCPs: [][]Document{everything, denying("s3:*")}}, ExplicitDeny, "D"},
		{"[2] another account's root user", s3(Root("arn:aws:iam::444455556666:root")), Policies{}, ImplicitDeny, ""},
		{"[2] another account's root user, let in", s3(Root("arn:aws:iam::444455556666:root")), Policies{Resource: on(S3Bucket, elsewhere)}, Allowed, "R"},
		{"[7] the bucket policy never binds the owner's root", act(root, "s3:PutBucketPolicy", bucketARN), Policies{Resource: with(on(S3Bucket, "*"), denyAll)}, Allowed, ""},
		{"[7] nor for reading it", act(root, "s3:GetBucketPolicy", bucketARN), Policies{Resource: with(on(S3Bucket, "*"), denyAll)}, Allowed, ""},
		{"[7] nor for deleting it", act(root, "s3:DeleteBucketPolicy", bucketARN), Policies{Resource: with(on(S3Bucket, "*"), denyAll)}, Allowed, ""},
		{"[7] other actions are bound", act(root, "s3:PutBucketVersioning", bucketARN), Policies{Resource: with(on(S3Bucket, "*"), denyAll)}, ExplicitDeny, "Never"},
		{"[7] Organizations policies bind it", act(root, "s3:PutBucketPolicy", bucketARN), Policies{Resource: with(on(S3Bucket, "*"), denyAll), SCPs: [][]Document{append(guardrail(Deny, "s3:PutBucketPolicy"), everything...)}}, ExplicitDeny, "G"},
		{"[7] so do RCPs", act(root, "s3:PutBucketPolicy", bucketARN), Policies{Resource: on(S3Bucket, "*"), RCPs: resourceGuardrail("s3:PutBucketPolicy")}, ExplicitDeny, "RCP"},
		{"[7] another account's root is bound", act(Root("arn:aws:iam::444455556666:root"), "s3:PutBucketPolicy", bucketARN), Policies{Resource: with(on(S3Bucket, "*"), denyAll)}, ExplicitDeny, "Never"},
		{"[7] a user of the owner is bound", act(user, "s3:PutBucketPolicy", bucketARN), Policies{Identity: everything, Resource: with(on(S3Bucket, "*"), denyAll)}, ExplicitDeny, "Never"},

		// Organizations.
		{"[4] every level must allow", s3(user), Policies{Identity: everything, SCPs: [][]Document{everything, nothing, everything}}, ImplicitDeny, ""},
		{"[4] every level allows", s3(user), Policies{Identity: everything, SCPs: [][]Document{everything, append(nothing, everything...)}}, Allowed, "A"},
		{"[4] a level without policies allows nothing", s3(user), Policies{Identity: everything, SCPs: [][]Document{{}}}, ImplicitDeny, ""},
		{"[4] SCPs grant nothing", s3(user), Policies{SCPs: [][]Document{everything}}, ImplicitDeny, ""},
		{"[4] SCPs bind what a resource policy grants", s3(user), Policies{Resource: on(S3Bucket, user.ARN), SCPs: [][]Document{nothing}}, ImplicitDeny, ""},
		{"[4] not the management account", s3(managed), Policies{Identity: everything, SCPs: [][]Document{denying("*")}}, Allowed, "A"},
		{"[4] not service-linked roles", s3(linked), Policies{Identity: everything, SCPs: [][]Document{denying("*")}}, Allowed, "A"},
		{"[4] not service principals", s3(Service("x.amazonaws.com")), Policies{Resource: on(S3Bucket, "*"), SCPs: [][]Document{denying("*")}}, Allowed, "R"},
		{"[5] RCPs bind outsiders", s3(outsider), Policies{Identity: everything, Resource: on(S3Bucket, "*"), RCPs: resourceGuardrail("s3:*")}, ExplicitDeny, "RCP"},
		{"[5] RCPs bind root users", s3(root), Policies{RCPs: resourceGuardrail("s3:*")}, ExplicitDeny, "RCP"},
		{"[5] RCPs bind anonymous callers", s3(Anonymous()), Policies{Resource: on(S3Bucket, "*"), RCPs: resourceGuardrail("s3:*")}, ExplicitDeny, "RCP"},
		{"[5] not service-linked roles", s3(linked), Policies{Identity: everything, RCPs: resourceGuardrail("s3:*")}, Allowed, "A"},
		{"[5] RCPs do not impact kms:RetireGrant", act(user, "kms:RetireGrant", keyARN), Policies{Resource: on(KMSKey, user.ARN), RCPs: resourceGuardrail("*")}, Allowed, "R"},
		{"[5] nor the trust policy of a service-linked role", act(Service("x.amazonaws.com"), "sts:AssumeRole", linked.ARN), Policies{Resource: onPrincipal(RoleTrust, &Principal{Service: []string{"x.amazonaws.com"}}), RCPs: resourceGuardrail("*")}, Allowed, "R"},

		// Callers without policies.
		{"[3] a service named by the resource policy", s3(Service("cloudtrail.amazonaws.com")), Policies{Resource: onPrincipal(S3Bucket, &Principal{Service: []string{"cloudtrail.amazonaws.com"}})}, Allowed, "R"},
		{"[3] another service", s3(Service("config.amazonaws.com")), Policies{Identity: everything, Resource: onPrincipal(S3Bucket, &Principal{Service: []string{"cloudtrail.amazonaws.com"}})}, ImplicitDeny, ""},
		{"[6] the account's statement does not cover services", act(Service("cloudwatch.amazonaws.com"), "kms:Decrypt", keyARN), Policies{Resource: on(KMSKey, root.ARN)}, ImplicitDeny, ""},
		{"[3] anonymous by everyone", s3(Anonymous()), Policies{Resource: on(S3Bucket, "*")}, Allowed, "R"},
		{"[3] anonymous by nobody", s3(Anonymous()), Policies{Identity: everything, Resource: on(S3Bucket, account)}, ImplicitDeny, ""},
		{"[3] an identity provider", act(External("accounts.google.com"), "sts:AssumeRoleWithWebIdentity", targetRole), Policies{Resource: onPrincipal(RoleTrust, &Principal{Federated: []string{"accounts.google.com"}})}, Allowed, "R"},
		{"[3] another identity provider", act(External("www.amazon.com"), "sts:AssumeRoleWithWebIdentity", targetRole), Policies{Resource: onPrincipal(RoleTrust, &Principal{Federated: []string{"accounts.google.com"}})}, ImplicitDeny, ""},

		// Key policies and trust policies.
		{"[6] identity policies alone do not count", act(user, "kms:Decrypt", keyARN), Policies{Identity: everything, Resource: on(KMSKey, targetRole)}, ImplicitDeny, ""},
		{"[6] unless the key policy lets the account in", act(user, "kms:Decrypt", keyARN), Policies{Identity: everything, Resource: on(KMSKey, root.ARN)}, Allowed, "R A"},
		{"[6] which alone is not enough", act(user, "kms:Decrypt", keyARN), Policies{Resource: on(KMSKey, root.ARN)}, ImplicitDeny, ""},
		{"[6] the key policy names the principal", act(user, "kms:Decrypt", keyARN), Policies{Resource: on(KMSKey, user.ARN)}, Allowed, "R"},
		{"[6] the key policy names the role, and its identity policy allows too", act(role, "kms:Decrypt", keyARN), Policies{Identity: everything, Resource: on(KMSKey, role.ARN)}, Allowed, "R"},
		{"[6] the root user needs the key policy too", act(root, "kms:Decrypt", keyARN), Policies{Resource: on(KMSKey, user.ARN)}, ImplicitDeny, ""},
		{"[6] which names the account", act(root, "kms:Decrypt", keyARN), Policies{Resource: on(KMSKey, root.ARN)}, Allowed, "R"},
		{"[6] a deny has no exception for root", act(root, "kms:PutKeyPolicy", keyARN), Policies{Resource: with(on(KMSKey, root.ARN), denyAll)}, ExplicitDeny, "Never"},
		{"[2] a key in another account needs both", act(outsider, "kms:Decrypt", keyARN), Policies{Resource: on(KMSKey, outsider.ARN)}, ImplicitDeny, ""},
		{"[1] trust policy that names the principal", act(user, "sts:AssumeRole", targetRole), Policies{Resource: on(RoleTrust, user.ARN)}, Allowed, "R"},
		{"[1] trust policy that names the account", act(user, "sts:AssumeRole", targetRole), Policies{Resource: on(RoleTrust, root.ARN), Identity: everything}, Allowed, "R A"},
		{"[1] trust policies must explicitly allow access", act(user, "sts:AssumeRole", targetRole), Policies{Resource: on(RoleTrust, elsewhere), Identity: everything}, ImplicitDeny, ""},
		{"[2] trust across accounts needs both", act(outsider, "sts:AssumeRole", targetRole), Policies{Resource: on(RoleTrust, elsewhere)}, ImplicitDeny, ""},
		{"[2] trust across accounts with both", act(outsider, "sts:AssumeRole", targetRole), Policies{Resource: on(RoleTrust, elsewhere), Identity: everything}, Allowed, "R A"},
		{"[9] a root user cannot assume a role", act(root, "sts:AssumeRole", targetRole), Policies{Resource: on(RoleTrust, root.ARN)}, ImplicitDeny, ""},

		// NotPrincipal.
		{"[8] denies whom it does not list", s3(user), Policies{Resource: notPrincipal(targetRole)}, ExplicitDeny, "NP"},
		{"[8] user and account listed", s3(user), Policies{Resource: notPrincipal(user.ARN, root.ARN)}, Allowed, "R"},
		{"[8] without the account it may deny", s3(user), Policies{Resource: notPrincipal(user.ARN)}, ExplicitDeny, "NP"},
		{"[8] role, session and account listed", s3(role), Policies{Resource: notPrincipal(role.ARN, role.SessionARN(), account)}, Allowed, "R"},
		{"[8] without the session it may deny", s3(role), Policies{Resource: notPrincipal(role.ARN, account)}, ExplicitDeny, "NP"},
		{"[11] a boundary is always denied", s3(user), Policies{Boundary: everything, Resource: notPrincipal(user.ARN, root.ARN)}, ExplicitDeny, "NP"},
		{"[8] NotPrincipal with Allow is not supported", s3(user), Policies{Resource: &ResourcePolicy{Document: Document{Statements: []Statement{{
			Effect: Allow, NotPrincipal: &Principal{AWS: []string{targetRole}}, Actions: []string{"*"}, Resources: []string{"*"}}}}}}, ImplicitDeny, ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			d := Evaluate(tt.request, tt.p)
			var by []string
			for _, m := range d.By {
				by = append(by, m.Sid)
			}
			if d.Outcome != tt.want || strings.Join(by, " ") != tt.by {
				t.Errorf("Evaluate = %s (%s) by %q, want %s by %q\n%v", d.Outcome, d.Reason, by, tt.want, tt.by, d.Trace)
			}
			if d.Allowed != (d.Outcome == Allowed) || d.Reason == "" {
				t.Errorf("Allowed %v, Reason %q beside outcome %s", d.Allowed, d.Reason, d.Outcome)
			}
		})
	}
}

// What cannot be evaluated makes an answer stricter and is listed.
func TestEvaluateFailsSafe(t *testing.T) {
	request := Request{Principal: user, Action: "s3:GetObject", Resource: objectARN, ResourceAccount: account}
	statement := func(effect Effect, change func(*Statement)) []Document {
		s := Statement{Sid: "X", Effect: effect, Actions: []string{"s3:*"}, Resources: []string{"*"}}
		change(&s)
		return []Document{{Statements: []Statement{s}}}
	}
	broken := map[string]func(*Statement){
		"unknown operator": func(s *Statement) { s.Conditions = []Condition{{"Nope", "k", []string{"v"}}} },
		"bad number":       func(s *Statement) { s.Conditions = []Condition{{"NumericEquals", "aws:username", []string{"1"}}} },
		"unresolved negation": func(s *Statement) {
			s.Conditions = []Condition{{"StringNotLike", "aws:username", []string{"${aws:x}"}}}
		},
		"unresolved exception": func(s *Statement) { s.Resources, s.NotResources = nil, []string{"${aws:x}"} },
		"principal":            func(s *Statement) { s.Principal = &Principal{Everyone: true} },
		"no action":            func(s *Statement) { s.Actions = nil },
		"two actions":          func(s *Statement) { s.NotActions = []string{"ec2:*"} },
		"no resource":          func(s *Statement) { s.Resources = nil },
		"two resources":        func(s *Statement) { s.NotResources = []string{"arn:x"} },
	}
	for name, change := range broken {
		d := Evaluate(request, Policies{Identity: statement(Allow, change)})
		if d.Outcome != ImplicitDeny || len(d.Unsupported) != 1 {
			t.Errorf("%s in an Allow: %s, unsupported %q", name, d.Outcome, d.Unsupported)
		}
		d = Evaluate(request, Policies{Identity: append(statement(Deny, change), allowing("*")...)})
		if d.Outcome != ExplicitDeny || len(d.Unsupported) != 1 || !d.Trace[0].Applies {
			t.Errorf("%s in a Deny: %s, unsupported %q", name, d.Outcome, d.Unsupported)
		}
		// An element that does not match settles the statement.
		d = Evaluate(request, Policies{Identity: append(statement(Deny, func(s *Statement) {
			s.Conditions = []Condition{{"Nope", "k", nil}, {"Bool", "aws:PrincipalIsAWSService", []string{"true"}}}
		}), allowing("*")...)})
		if d.Outcome != Allowed || len(d.Unsupported) != 0 {
			t.Errorf("a condition that is false: %s, unsupported %q", d.Outcome, d.Unsupported)
		}
	}
	d := Evaluate(request, Policies{Identity: append(statement("deny", func(*Statement) {}), allowing("*")...)})
	if d.Allowed {
		t.Errorf("an effect that AWS does not know was passed over: %+v", d)
	}
	request.ResourceAccount = ""
	d = Evaluate(request, Policies{Identity: allowing("*"), Resource: on(S3Bucket, user.ARN)})
	if d.Allowed || len(d.Unsupported) != 1 {
		t.Errorf("unknown owner of the bucket: %+v", d)
	}
	wild := onPrincipal(S3Bucket, &Principal{AWS: []string{"arn:aws:iam::111122223333:user/*"}})
	request.ResourceAccount = account
	d = Evaluate(request, Policies{Resource: wild})
	if d.Allowed || len(d.Unsupported) != 1 {
		t.Errorf("wildcard in a principal: %+v", d)
	}
}

// The keys that follow from the caller:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func TestContextKeys(t *testing.T) {
	known := user
	known.UniqueID, known.OrgID = "AIDAEXAMPLE", "o-1"
	tests := []struct {
		caller Caller
		want   map[string]string // "" is absent
	}{
		{known, map[string]string{
			"aws:PrincipalArn": user.ARN, "aws:principalaccount": account, "aws:PrincipalType": "User", "aws:username": "ann",
			"aws:userid": "AIDAEXAMPLE", "aws:PrincipalOrgID": "o-1", "aws:PrincipalIsAWSService": "false", "aws:ResourceAccount": account, "aws:ViaAWSService": "false",
		}},
		{role, map[string]string{"aws:PrincipalArn": role.ARN, "aws:PrincipalType": "AssumedRole", "aws:username": "", "aws:userid": "", "aws:PrincipalOrgID": ""}},
		{root, map[string]string{"aws:PrincipalArn": root.ARN, "aws:PrincipalType": "Account", "aws:userid": account}},
		{federated, map[string]string{"aws:PrincipalArn": federated.ARN, "aws:PrincipalType": "FederatedUser", "aws:userid": account + ":bob"}},
		{Service("s3.amazonaws.com"), map[string]string{
			"aws:PrincipalArn": "", "aws:PrincipalAccount": "", "aws:PrincipalIsAWSService": "true",
			"aws:PrincipalServiceName": "s3.amazonaws.com", "aws:PrincipalServiceNamesList": "s3.amazonaws.com",
		}},
		{Anonymous(), map[string]string{"aws:PrincipalArn": "", "aws:PrincipalIsAWSService": "", "aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}},
		{External("accounts.google.com"), map[string]string{"aws:PrincipalIsAWSService": "", "aws:PrincipalAccount": ""}},
	}
	for _, tt := range tests {
		e := &evaluation{keys: contextKeys(Request{Principal: tt.caller, ResourceAccount: account})}
		for key, want := range tt.want {
			if got := strings.Join(e.lookup(key), ","); got != want {
				t.Errorf("%s: %s = %q, want %q", tt.caller.Kind, key, got, want)
			}
		}
	}
	e := &evaluation{keys: contextKeys(Request{Principal: known, Context: map[string][]string{
		"AWS:principalorgid": {"o-2"}, "aws:UserName": {},
	}})}
	if got := e.lookup("aws:PrincipalOrgID"); !slices.Equal(got, []string{"o-2"}) {
		t.Errorf("the context does not override: %q", got)
	}
	if got := e.lookup("aws:username"); len(got) != 0 {
		t.Errorf("an empty list does not take the key out: %q", got)
	}
}

func TestNames(t *testing.T) {
	known := role
	known.UniqueID = "AROAEXAMPLE:s1"
	china := User("arn:aws-cn:iam::111122223333:user/ann")
	tests := []struct {
		caller    Caller
		principal Principal
		want      grant
	}{
		{role, Principal{AWS: []string{account, role.ARN}}, toRole},
		{role, Principal{AWS: []string{"arn:aws:iam::111122223333:role/app"}}, noGrant}, // The path is part of the ARN.
		{known, Principal{AWS: []string{"AROAEXAMPLE"}}, toRole},
		{role, Principal{AWS: []string{"AROAEXAMPLE", ""}}, noGrant},
		{user, Principal{AWS: []string{strings.ToUpper(user.ARN)}}, noGrant},
		{user, Principal{Service: []string{user.ARN}}, noGrant},
		{china, Principal{AWS: []string{root.ARN}}, noGrant},
		{china, Principal{AWS: []string{"arn:aws-cn:iam::111122223333:root"}}, toAccount},
		{root, Principal{AWS: []string{account}}, direct},
		{Service("a.amazonaws.com"), Principal{Everyone: true}, direct},
		{Service(account), Principal{AWS: []string{account}}, noGrant},
		{Anonymous(), Principal{AWS: []string{""}}, noGrant},
		{User("nonsense"), Principal{AWS: []string{"", "root"}}, noGrant},
	}
	for _, tt := range tests {
		if got, _ := tt.principal.names(tt.caller); got != tt.want {
			t.Errorf("%v names %s %s: %v, want %v", tt.principal, tt.caller.Kind, tt.caller.ARN, got, tt.want)
		}
	}
	if got := role.SessionARN(); got != "arn:aws:sts::111122223333:assumed-role/app/s1" {
		t.Errorf("SessionARN = %s", got)
	}
}

func TestTrace(t *testing.T) {
	p := Policies{
		Identity: allowing("ec2:*"),
		SCPs:     [][]Document{allowing("*"), append(allowing("*"), denying("s3:*")...)},
		Resource: with(onPrincipal(S3Bucket, &Principal{Service: []string{"s3.amazonaws.com"}}), Statement{
			Sid: "Org", Effect: Deny, Principal: &Principal{Everyone: true}, Actions: []string{"s3:*"}, Resources: []string{bucketARN + "/*"},
			Conditions: []Condition{{"StringNotEquals", "aws:PrincipalOrgID", []string{"o-1"}}, {"Bool", "aws:SecureTransport", []string{"false"}}},
		}),
	}
	d := Evaluate(Request{Principal: user, Action: "s3:GetObject", Resource: objectARN, ResourceAccount: account, Context: map[string][]string{"aws:SecureTransport": {"true"}}}, p)
	var got []string
	for _, s := range d.Trace {
		got = append(got, s.String()+": "+s.Why)
	}
	want := []string{
		`service control policy of level 0, statement 0 ("A") (Allow): matches`,
		`service control policy of level 1, statement 0 ("A") (Allow): matches`,
		`service control policy of level 1, document 1, statement 0 ("D") (Deny): matches`,
		`resource policy, statement 0 ("R") (Allow): Principal: does not name the caller`,
		`resource policy, statement 1 ("Org") (Deny): condition Bool aws:SecureTransport: the request has ["true"]`,
		`identity policy, statement 0 ("A") (Allow): Action: does not list the action`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("trace\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
