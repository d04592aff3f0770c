package cloudtrail

import "strings"

// hiddenName is what CloudTrail writes in place of a user name that was typed
// wrong at sign-in: it might be a password.
const hiddenName = "HIDDEN_DUE_TO_SECURITY_REASONS"

// who writes who made the call.
func (w *writer) who() {
	u := w.r.UserIdentity
	if u == nil {
		w.words("a caller that the record does not identify")
		return
	}
	named := true
	if u.UserName == hiddenName {
		w.words("a user whose name CloudTrail hides")
		return
	}
	switch u.Type {
	case "Root":
		w.root(u)
	case "IAMUser":
		w.words("IAM user ")
		named = w.userName(u, "user/")
		w.foreign(u)
	case "AssumedRole":
		w.assumedRole(u)
	case "Role":
		w.words("IAM role ")
		named = w.userName(u, "role/")
		w.foreign(u)
	case "FederatedUser":
		w.words("federated user ")
		named = w.userName(u, "federated-user/")
		w.issuedBy(u)
		w.foreign(u)
	case "SAMLUser":
		w.words("SAML user ")
		named = w.userName(u, "")
		w.provider(u)
	case "WebIdentityUser":
		w.words("web identity user ")
		named = w.userName(u, "")
		w.provider(u)
	case "IdentityCenterUser":
		w.words("IAM Identity Center user")
		if u.OnBehalfOf == nil || u.OnBehalfOf.UserID == "" {
			if u.UserName != "" || u.PrincipalID != "" {
				w.words(" ")
				w.userName(u, "")
			} else {
				w.words(" that the record does not name")
			}
		}
		w.onBehalf(u, " ")
		return
	case "AWSAccount":
		w.account(u)
	case "AWSService":
		if u.InvokedBy != "" {
			w.words("AWS service ")
			w.name("userIdentity.invokedBy", u.InvokedBy)
		} else {
			w.words("an AWS service that the record does not name")
		}
		return
	case "Directory":
		w.words("directory user ")
		named = w.userName(u, "")
	case "Unknown":
		w.words("a caller whose identity CloudTrail could not determine")
		if u.UserName != "" || u.PrincipalID != "" {
			w.words(", ")
			w.userName(u, "")
		}
	case "":
		w.untyped(u)
		return
	default:
		w.words("an identity of type ")
		w.name("userIdentity.type", u.Type)
		if u.UserName != "" || u.PrincipalID != "" || u.ARN != "" {
			w.words(", ")
			w.userName(u, "/")
		}
	}
	if !named {
		w.words("that the record does not name")
	}
	w.onBehalf(u, " for IAM Identity Center user ")
}

// userName writes the user's name, the name within the ARN, or the principal's
// id, whichever the record has first.
func (w *writer) userName(u *UserIdentity, arnPart string) bool {
	switch name := afterLast(u.ARN, arnPart); {
	case u.UserName != "":
		w.name("userIdentity.userName", u.UserName)
	case name != "":
		w.name("userIdentity.arn", name)
	case u.PrincipalID != "":
		w.name("userIdentity.principalId", u.PrincipalID)
	default:
		return false
	}
	return true
}

// afterLast returns what follows part in an ARN, less its path: of
// "…:user/team/alice" it is "alice".
func afterLast(arn, part string) string {
	if part == "" {
		return ""
	}
	i := strings.Index(arn, part)
	if i < 0 {
		return ""
	}
	rest := arn[i+len(part):]
	return rest[strings.LastIndexByte(rest, '/')+1:]
}

func (w *writer) root(u *UserIdentity) {
	if c := u.Session; c != nil && c.AssumedRoot != nil && *c.AssumedRoot {
		// A session of sts:AssumeRoot, which is not a sign-in as root.
		w.words("a privileged root session (AssumeRoot)")
	} else {
		w.words("the root user")
	}
	if u.AccountID != "" {
		w.words(" of account ")
		w.id("userIdentity.accountId", u.AccountID)
	}
	if u.UserName != "" {
		w.words(" (alias ")
		w.name("userIdentity.userName", u.UserName)
		w.words(")")
	}
}

// assumedRole writes the chain behind a role's session: the role, what stands
// behind it, and the session's name.
func (w *writer) assumedRole(u *UserIdentity) {
	role, rolePath, session, sessionPath := u.role()
	account := ""
	if u.Session != nil && u.Session.Issuer != nil {
		account = u.Session.Issuer.AccountID
	}
	set, isSSO := permissionSet(role)
	switch {
	case isSSO && session != "":
		w.words("single sign-on user ")
		w.name(sessionPath, session)
		w.words(" with permission set ")
		w.name(rolePath, set)
		session = ""
	case isSSO:
		w.words("a single sign-on user with permission set ")
		w.name(rolePath, set)
	case role == "":
		w.words("an assumed role that the record does not name")
	case u.Session != nil && u.Session.EC2RoleDelivery != "" && strings.HasPrefix(session, "i-"):
		w.words("EC2 instance ")
		w.id(sessionPath, session)
		w.words(" with IAM role ")
		w.name(rolePath, role)
		session = ""
	case strings.HasPrefix(role, "AWSServiceRoleFor"):
		w.words("service-linked role ")
		w.name(rolePath, role)
	default:
		w.words("IAM role ")
		w.name(rolePath, role)
	}
	if account != "" && account != w.r.RecipientAccountID && w.r.RecipientAccountID != "" {
		w.words(" of account ")
		w.id("userIdentity.sessionContext.sessionIssuer.accountId", account)
	} else if account == "" {
		w.foreign(u)
	}
	if session != "" {
		w.words(" in session ")
		w.name(sessionPath, session)
	}
	if c := u.Session; c != nil {
		if c.SourceIdentity != "" {
			w.words(" with source identity ")
			w.name("userIdentity.sessionContext.sourceIdentity", c.SourceIdentity)
		}
		if c.WebIDProvider != "" {
			w.words(" through web identity provider ")
			w.name("userIdentity.sessionContext.webIdFederationData.federatedProvider", c.WebIDProvider)
		}
	}
}

// role returns the role's and the session's name with the fields they stand in:
// the issuer names the role; the ARN, arn:…:assumed-role/ROLE/SESSION, both; the
// principal's id, AROA…:SESSION, the session.
func (u *UserIdentity) role() (role, rolePath, session, sessionPath string) {
	if i := strings.Index(u.ARN, ":assumed-role/"); i >= 0 {
		rest := u.ARN[i+len(":assumed-role/"):]
		// A role's path is not in this ARN, and a session's name has no slash.
		role, session, _ = strings.Cut(rest, "/")
		rolePath, sessionPath = "userIdentity.arn", "userIdentity.arn"
	}
	if session == "" {
		if _, after, ok := strings.Cut(u.PrincipalID, ":"); ok && after != "" {
			session, sessionPath = after, "userIdentity.principalId"
		}
	}
	if c := u.Session; c != nil && c.Issuer != nil && c.Issuer.Type != "User" && c.Issuer.UserName != "" {
		role, rolePath = c.Issuer.UserName, "userIdentity.sessionContext.sessionIssuer.userName"
	}
	return role, rolePath, session, sessionPath
}

// permissionSet returns the permission set of a role that IAM Identity Center
// made: AWSReservedSSO_NAME_ and 16 hexadecimal digits.
func permissionSet(role string) (string, bool) {
	rest, ok := strings.CutPrefix(role, "AWSReservedSSO_")
	if !ok {
		return "", false
	}
	i := strings.LastIndexByte(rest, '_')
	if i <= 0 || len(rest)-i-1 != 16 {
		return "", false
	}
	for _, c := range []byte(rest[i+1:]) {
		if !isHex(c) {
			return "", false
		}
	}
	return rest[:i], true
}

func (w *writer) issuedBy(u *UserIdentity) {
	if u.Session == nil || u.Session.Issuer == nil {
		return
	}
	switch i := u.Session.Issuer; {
	case i.Type == "IAMUser" && i.UserName != "":
		w.words(" (with credentials of IAM user ")
		w.name("userIdentity.sessionContext.sessionIssuer.userName", i.UserName)
		w.words(")")
	case i.Type == "Root":
		w.words(" (with credentials of the root user)")
	}
}

func (w *writer) provider(u *UserIdentity) {
	if u.IdentityProvider != "" {
		w.words(" of identity provider ")
		w.name("userIdentity.identityProvider", u.IdentityProvider)
	}
}

// foreign names the caller's account where it is not the one the record is for.
func (w *writer) foreign(u *UserIdentity) {
	if u.AccountID != "" && w.r.RecipientAccountID != "" && u.AccountID != w.r.RecipientAccountID {
		w.words(" of account ")
		w.id("userIdentity.accountId", u.AccountID)
	}
}

func (w *writer) account(u *UserIdentity) {
	if u.AccountID == "ANONYMOUS_PRINCIPAL" || u.AccountID == "anonymous" {
		w.words("an anonymous caller")
		return
	}
	if u.AccountID == "" {
		w.words("another AWS account")
	} else {
		w.words("AWS account ")
		w.id("userIdentity.accountId", u.AccountID)
	}
	if u.PrincipalID != "" {
		w.words(" (principal ")
		w.id("userIdentity.principalId", u.PrincipalID)
		w.words(")")
	}
}

// untyped is the identity of service events, which have no type.
func (w *writer) untyped(u *UserIdentity) {
	switch {
	case u.InvokedBy == "AWS Internal":
		w.words("AWS itself")
	case u.InvokedBy != "":
		w.words("AWS service ")
		w.name("userIdentity.invokedBy", u.InvokedBy)
	case u.UserName != "" || u.ARN != "" || u.PrincipalID != "":
		w.words("a caller of no stated type, ")
		w.userName(u, "/")
	default:
		w.words("a caller that the record does not identify")
		if u.AccountID != "" {
			w.words(" in account ")
			w.id("userIdentity.accountId", u.AccountID)
		}
	}
}

func (w *writer) onBehalf(u *UserIdentity, before string) {
	if b := u.OnBehalfOf; b != nil && b.UserID != "" {
		w.words(before)
		w.id("userIdentity.onBehalfOf.userId", b.UserID)
	}
}
