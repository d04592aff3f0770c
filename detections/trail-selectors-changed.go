package detections

var trailSelectorsChanged = Detection{
	ID:       "trail-selectors-changed",
	Title:    "Event selectors of a trail changed",
	Severity: High,
	Meaning: "What a trail records was changed: a selector can leave out management events, reads, writes or one " +
		"service, and Insights can be switched off. The trail keeps running, and several modules on the " +
		"market do not even show the change in a plan.",
	Filters: []Filter{
		{Name: "TrailSelectorsChanged", Pattern: `{ $.eventSource = "cloudtrail.amazonaws.com" && (($.eventName = "PutEventSelectors") || ($.eventName = "PutInsightSelectors")) }`},
	},
	Metric:   counted("TrailSelectorsChanged"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"aws cloudtrail get-event-selectors --trail-name ARN: are management events in, reads and writes, no " +
			"source excluded?",
		"pulumi preview --refresh shows the difference; pulumi up puts it back.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.trailName, errorCode, sourceIPAddress, recipientAccountId
| filter eventName in ["PutEventSelectors", "PutInsightSelectors"]
| sort @timestamp desc
| limit 100`,
}
