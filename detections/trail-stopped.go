package detections

var trailStopped = Detection{
	ID:       "trail-stopped",
	Title:    "A trail was stopped or deleted",
	Severity: Critical,
	Meaning: "CloudTrail records no more on this trail. The record of the stop is the last one delivered, which is " +
		"why this alarm can fire at all; whatever follows is not seen. A refused attempt fires it too: " +
		"somebody tried.",
	Filters: []Filter{
		{Name: "TrailStopped", Pattern: `{ $.eventSource = "cloudtrail.amazonaws.com" && (($.eventName = "StopLogging") || ($.eventName = "DeleteTrail")) }`},
	},
	Metric:   counted("TrailStopped"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"Start it again at once: aws cloudtrail start-logging --name ARN; a deleted trail comes back with " +
			"pulumi up.",
		"Disable the credentials that stopped it. Assume that what they did afterwards is not in the log.",
		"Fill the gap from what still recorded: event history of each account and region (aws cloudtrail " +
			"lookup-events, 90 days), VPC flow logs, S3 access logs, AWS Config.",
		"Check the log files over the gap: a missing digest is the proof of when it began and ended.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.name, errorCode, sourceIPAddress, userAgent, recipientAccountId
| filter eventName in ["StopLogging", "DeleteTrail", "StartLogging", "CreateTrail"]
| sort @timestamp desc
| limit 100`,
}
