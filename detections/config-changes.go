package detections

var configChanges = Detection{
	ID:       "config-changes",
	Title:    "AWS Config recorder or delivery changed",
	Severity: Medium,
	Meaning: "AWS Config was stopped, or its recorder or delivery channel changed: the history of resources may " +
		"have a gap. Deleting the recorder, which the benchmark leaves out, is config-recorder-deleted.",
	Filters: []Filter{
		{Name: "ConfigChanges", Pattern: `{ ($.eventSource = config.amazonaws.com) && (($.eventName=StopConfigurationRecorder)||($.eventName=DeleteDeliveryChannel)||($.eventName=PutDeliveryChannel)||($.eventName=PutConfigurationRecorder)) }`},
	},
	Metric:   counted("ConfigChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.9", SecurityHub: []string{"CloudWatch.9"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"aws configservice describe-configuration-recorder-status: is it recording, and delivering?",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter eventSource = "config.amazonaws.com"
| filter eventName in ["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"]
| sort @timestamp desc
| limit 100`,
}
