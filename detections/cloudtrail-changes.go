package detections

var cloudtrailChanges = Detection{
	ID:       "cloudtrail-changes",
	Title:    "CloudTrail configuration changed",
	Severity: High,
	Meaning: "A trail was made, changed, deleted, started or stopped, in any account. The graver of these have " +
		"entries of their own: trail-stopped and trail-demoted.",
	Filters: []Filter{
		{Name: "CloudTrailChanges", Pattern: `{ ($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail) || ($.eventName = StartLogging) || ($.eventName = StopLogging) }`},
	},
	Metric:   counted("CloudTrailChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.5", SecurityHub: []string{"CloudWatch.5"}, ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Compare the trail with the stack: pulumi preview --refresh shows what is no longer as declared.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.name, errorCode, sourceIPAddress, awsRegion, recipientAccountId
| filter eventName in ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]
| sort @timestamp desc
| limit 100`,
}
