package detections

var rootUsage = Detection{
	ID:       "root-usage",
	Title:    "Root user used",
	Severity: Critical,
	Meaning: "The root user of an account made a call or signed in. Nothing in daily work needs root, no IAM " +
		"policy binds it, and in the management account not even a service control policy does. Calls that " +
		"AWS makes for root on its own are left out.",
	Filters: []Filter{
		{Name: "RootUsage", Pattern: `{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }`},
	},
	Metric:   counted("RootUsage"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.3", SecurityHub: []string{"CloudWatch.1"}, ATTACK: []string{"T1078.004"}},
	Runbook: []string{
		"Which account, and is a root ceremony (MFA delete, account recovery) in the calendar for this hour?",
		"If not: reset the root password through the account's e-mail, whose mailbox may be lost too, and " +
			"delete root's access keys.",
		"Read all that root did since, above all in IAM, Organizations and CloudTrail, and undo it.",
		"For member accounts, remove root's credentials altogether (centralized root access).",
	},
	Query: `fields @timestamp, recipientAccountId, eventName, eventSource, sourceIPAddress, userAgent, additionalEventData.MFAUsed, errorMessage
| filter userIdentity.type = "Root"
| sort @timestamp desc
| limit 100`,
}
