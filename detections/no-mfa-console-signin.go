package detections

// The four-clause text of the benchmark. The two-clause one fires on every single sign-on.
var noMFAConsoleSignin = Detection{
	ID:       "no-mfa-console-signin",
	Title:    "Console sign-in without MFA",
	Severity: High,
	Meaning: "An IAM user signed in to the console with a password alone. Users of IAM Identity Center and of SAML " +
		"providers are not meant: their MFA is at the provider, and AWS records MFAUsed as No for them. Root " +
		"is watched by root-usage and root-without-mfa.",
	Filters: []Filter{
		{Name: "NoMFAConsoleSignin", Pattern: `{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }`},
	},
	Metric:   counted("NoMFAConsoleSignin"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.2", SecurityHub: []string{"CloudWatch.3"}, ATTACK: []string{"T1078.004"}},
	Runbook: []string{
		"Ask the user whether it was them, by a way other than e-mail.",
		"If not: disable the password (aws iam delete-login-profile) and the user's access keys, and read " +
			"what the session did.",
		"If so: have an MFA device registered, and deny what needs one without it " +
			"(aws:MultiFactorAuthPresent).",
	},
	Query: `fields @timestamp, userIdentity.userName, recipientAccountId, sourceIPAddress, userAgent, responseElements.ConsoleLogin
| filter eventName = "ConsoleLogin" and additionalEventData.MFAUsed != "Yes" and userIdentity.type = "IAMUser"
| sort @timestamp desc
| limit 100`,
}
