package detections

var logKeyChanges = Detection{
	ID:       "log-key-changes",
	Title:    "A key of the audit account was changed",
	Severity: Critical,
	Meaning: "The audit account holds the keys of log bucket and replica and hardly any other: so every key there " +
		"counts. A disabled or deleted key stops the delivery and makes the logs unreadable; a new policy or " +
		"grant can let others read them; imported key material can be deleted at once. Grants that AWS " +
		"services make for themselves are left out.",
	Filters: []Filter{
		{Name: "LogKeyChanges", Pattern: `{ $.eventSource = "kms.amazonaws.com" && $.recipientAccountId = "${AuditAccount}" && (($.eventName = DisableKey) || ($.eventName = ScheduleKeyDeletion) || ($.eventName = DeleteImportedKeyMaterial) || ($.eventName = DisableKeyRotation) || ($.eventName = PutKeyPolicy) || ($.eventName = CreateGrant && $.userIdentity.invokedBy NOT EXISTS)) }`},
	},
	Metric: counted("LogKeyChanges"),
	Alarm:  eachEvent,
	Runbook: []string{
		"Is it the deployment, and is there a merged change? Then nothing else.",
		"If not: aws kms cancel-key-deletion and enable-key first; then put the policy back, and revoke " +
			"grants (aws kms list-grants, revoke-grant).",
		"Does CloudTrail still deliver? aws cloudtrail get-trail-status: LatestDeliveryError.",
		"There is no root override for a key policy: whoever is locked out needs AWS Support.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.keyId, requestParameters.granteePrincipal, errorCode, sourceIPAddress
| filter eventSource = "kms.amazonaws.com" and recipientAccountId = "${AuditAccount}" and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
