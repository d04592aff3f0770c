package detections

var logGroupChanges = Detection{
	ID:       "log-group-changes",
	Title:    "The trail's log group or its filters changed",
	Severity: Critical,
	Meaning: "All alarms but those in the audit account stand on metric filters of this log group. Somebody " +
		"deleted it or a stream, changed a filter, shortened how long it keeps events, took its key or a " +
		"subscription away. A deployment that changes a filter fires this too: it says who looked after the " +
		"alarms.",
	Filters: []Filter{
		{Name: "LogGroupChanges", Pattern: `{ $.eventSource = "logs.amazonaws.com" && ($.requestParameters.logGroupName = "${LogGroup}" || $.requestParameters.resourceIdentifier = "*:log-group:${LogGroup}") && (($.eventName = "PutMetricFilter") || ($.eventName = "DeleteMetricFilter") || ($.eventName = "DeleteLogGroup") || ($.eventName = "DeleteLogStream") || ($.eventName = "PutRetentionPolicy") || ($.eventName = "DisassociateKmsKey") || ($.eventName = "DeleteSubscriptionFilter")) }`},
	},
	Metric:   counted("LogGroupChanges"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"Is it the deployment, and is there a merged change? Then nothing else.",
		"If not: pulumi up puts filters, retention and key back. Deleted events stay in the archive bucket: " +
			"query them there.",
		"Between the change and its repair no alarm can be trusted: replay that time's files, trailkeep drill " +
			"--events PATH.",
		"Disable the credentials that did it.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.filterName, requestParameters.logStreamName, requestParameters.retentionInDays, errorCode, sourceIPAddress
| filter eventSource = "logs.amazonaws.com" and requestParameters.logGroupName = "${LogGroup}" and eventName not like /^(Get|List|Describe)/
| sort @timestamp desc
| limit 100`,
}
