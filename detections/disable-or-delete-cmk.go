package detections

var disableOrDeleteCmk = Detection{
	ID:       "disable-or-delete-cmk",
	Title:    "KMS key disabled or scheduled for deletion",
	Severity: High,
	Meaning: "What the key encrypts can no longer be read: at once when it is disabled, for ever when the waiting " +
		"period of 7 to 30 days ends. The keys of the audit trail are watched by log-key-changes as well.",
	Filters: []Filter{
		{Name: "DisableOrDeleteCMK", Pattern: `{($.eventSource = kms.amazonaws.com) && (($.eventName=DisableKey)||($.eventName=ScheduleKeyDeletion)) }`},
	},
	Metric:   counted("DisableOrDeleteCMK"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.7", SecurityHub: []string{"CloudWatch.7"}},
	Runbook: []string{
		"What does the key encrypt? aws kms describe-key and the query name it.",
		"If it is not a known change: aws kms cancel-key-deletion, then aws kms enable-key (cancelling leaves " +
			"the key disabled).",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.keyId, requestParameters.pendingWindowInDays, sourceIPAddress, awsRegion, recipientAccountId
| filter eventSource = "kms.amazonaws.com"
| filter eventName in ["DisableKey", "ScheduleKeyDeletion"]
| sort @timestamp desc
| limit 100`,
}
