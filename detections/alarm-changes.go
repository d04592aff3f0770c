package detections

// The names begin with AlarmPrefix.
var alarmChanges = Detection{
	ID:       "alarm-changes",
	Title:    "An alarm of this catalogue changed",
	Severity: Critical,
	Meaning: "An alarm was deleted, rewritten, or its actions disabled. A deployment that tunes an alarm fires " +
		"this too.",
	Filters: []Filter{
		{Name: "AlarmChanges", Pattern: `{ $.eventSource = "monitoring.amazonaws.com" && ((($.eventName = "DeleteAlarms" || $.eventName = "DisableAlarmActions") && $.requestParameters.alarmNames[*] = "trailkeep-*") || ($.eventName = "PutMetricAlarm" && $.requestParameters.alarmName = "trailkeep-*")) }`},
	},
	Metric:   counted("AlarmChanges"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.001"}},
	Runbook: []string{
		"Is it the deployment, and is there a merged change? Then nothing else.",
		"If not: pulumi up puts the alarm back; aws cloudwatch enable-alarm-actions its actions.",
		"Replay the time in between: trailkeep drill --events PATH.",
		"Disable the credentials that did it.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.alarmName, requestParameters.alarmNames.0, errorCode, sourceIPAddress
| filter eventSource = "monitoring.amazonaws.com"
| filter eventName in ["DeleteAlarms", "DisableAlarmActions", "PutMetricAlarm"]
| sort @timestamp desc
| limit 100`,
}
