package detections

var assumeRoot = Detection{
	ID:       "assume-root",
	Title:    "A root session was taken for a member account",
	Severity: High,
	Meaning: "sts:AssumeRoot gave somebody in the management or a delegated account a short root session in a " +
		"member account, limited to one task policy. It can delete a bucket policy that locks everybody out, " +
		"and root's credentials. A refused attempt fires it too.",
	Filters: []Filter{
		{Name: "AssumeRoot", Pattern: `{ $.eventSource = "sts.amazonaws.com" && $.eventName = "AssumeRoot" }`},
	},
	Metric: counted("AssumeRoot"),
	Alarm:  eachEvent,
	Runbook: []string{
		"Which task policy, on which account? The query shows both.",
		"Is it a known recovery? If not, disable the credentials that asked for it.",
		"Read what the session did: it is root in that account, with sessionContext.assumedRoot.",
	},
	Query: `fields @timestamp, userIdentity.arn, requestParameters.targetPrincipal, requestParameters.taskPolicyArn.arn, errorCode, sourceIPAddress
| filter eventName = "AssumeRoot"
| sort @timestamp desc
| limit 100`,
}
