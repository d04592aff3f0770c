package detections

var rootWithoutMfa = Detection{
	ID:       "root-without-mfa",
	Title:    "Root user used without MFA",
	Severity: Critical,
	Meaning: "Root signed in with a password alone, or acted with an access key or a session that no MFA stands " +
		"behind. Sessions of AssumeRoot, which have no MFA of root's own, are left out; assume-root shows " +
		"them.",
	Filters: []Filter{
		{Name: "RootWithoutMFA", Pattern: `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.userIdentity.sessionContext.assumedRoot NOT EXISTS && (($.eventName = "ConsoleLogin" && $.responseElements.ConsoleLogin = "Success" && $.additionalEventData.MFAUsed != "Yes") || $.userIdentity.sessionContext.attributes.mfaAuthenticated = "false" || $.userIdentity.accessKeyId = "AKIA*") }`},
	},
	Metric:   counted("RootWithoutMFA"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1078.004"}},
	Runbook: []string{
		"See root-usage: it fires with this one, and what to do is the same.",
		"Afterwards give root an MFA device and delete its access keys, or remove root's credentials " +
			"(centralized root access).",
	},
	Query: `fields @timestamp, recipientAccountId, eventName, sourceIPAddress, userAgent, userIdentity.accessKeyId, userIdentity.sessionContext.attributes.mfaAuthenticated, additionalEventData.MFAUsed
| filter userIdentity.type = "Root"
| sort @timestamp desc
| limit 100`,
}
