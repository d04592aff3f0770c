package detections

var identityProviderChanges = Detection{
	ID:       "identity-provider-changes",
	Title:    "Identity provider changed",
	Severity: High,
	Meaning: "A SAML or OpenID Connect provider was made or changed: whoever holds its keys can become any role " +
		"that trusts it, and no password or MFA of AWS is asked.",
	Filters: []Filter{
		{Name: "IdentityProviderChanges", Pattern: `{ $.eventSource = "iam.amazonaws.com" && (($.eventName = "CreateSAMLProvider") || ($.eventName = "UpdateSAMLProvider") || ($.eventName = "CreateOpenIDConnectProvider") || ($.eventName = "UpdateOpenIDConnectProviderThumbprint") || ($.eventName = "AddClientIDToOpenIDConnectProvider")) }`},
	},
	Metric:   counted("IdentityProviderChanges"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1484.002"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Whose certificate, whose issuer is it? Compare with the identity provider's own page.",
		"If it is not known: delete the provider, and end sessions of the roles that trust it (an inline " +
			"policy that denies sessions from before now).",
		"Read AssumeRoleWithSAML and AssumeRoleWithWebIdentity since.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.name, requestParameters.url, errorCode, sourceIPAddress, recipientAccountId
| filter eventSource = "iam.amazonaws.com" and eventName like /SAMLProvider|OpenIDConnectProvider/
| sort @timestamp desc
| limit 100`,
}
