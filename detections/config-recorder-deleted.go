package detections

var configRecorderDeleted = Detection{
	ID:       "config-recorder-deleted",
	Title:    "AWS Config recorder deleted",
	Severity: High,
	Meaning: "The recorder of AWS Config is gone, and with it the record of what resources looked like before and " +
		"after. The benchmark watches for the stop only.",
	Filters: []Filter{
		{Name: "ConfigRecorderDeleted", Pattern: `{ $.eventSource = "config.amazonaws.com" && $.eventName = "DeleteConfigurationRecorder" }`},
	},
	Metric: counted("ConfigRecorderDeleted"),
	Alarm:  eachEvent,
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Deploy the account's baseline again: it makes the recorder anew. What was recorded before is kept.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter eventSource = "config.amazonaws.com" and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
