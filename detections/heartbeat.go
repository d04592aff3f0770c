package detections

var heartbeat = Detection{
	ID:       "heartbeat",
	Title:    "No events arrive any more",
	Severity: Critical,
	Meaning: "The log group has received nothing for 25 minutes. A working trail is never silent for so long, " +
		"since CloudTrail's own calls on bucket and key are events too. So the trail is stopped, its role may " +
		"not write, or the log group is gone, and every other alarm is blind. CloudWatch looks back over two " +
		"more periods than the three it needs, which is why silence takes five periods to show. It does not " +
		"see that the archive bucket receives nothing: that is watched from the audit account.",
	Metric: Metric{Namespace: "AWS/Logs", Name: "IncomingLogEvents", Dimensions: map[string]string{"LogGroupName": "${LogGroup}"}},
	Alarm: Alarm{
		Period:            300,
		EvaluationPeriods: 3,
		DatapointsToAlarm: 3,
		Threshold:         1,
		Comparison:        LessThanThreshold,
		MissingData:       Breaching,
	},
	Controls: Controls{ATTACK: []string{"T1562.008"}},
	Runbook: []string{
		"aws cloudtrail get-trail-status --name ARN: IsLogging, LatestCloudWatchLogsDeliveryError.",
		"Stopped: see trail-stopped. A delivery error: the role or the log group was changed; pulumi up puts " +
			"both back.",
		"Meanwhile no alarm works: watch event history in the home region and us-east-1, and replay the " +
			"archive's files afterwards: trailkeep drill --events PATH.",
	},
	Query: `fields @timestamp, @logStream
| stats count(*) as events by bin(5m)
| sort @timestamp desc`,
}
