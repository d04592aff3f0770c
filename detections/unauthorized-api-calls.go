package detections

// The benchmark's own texts cannot be used: that of v1.4 to v3.0 joins all four conditions by ||
// and matches nearly every event; that of v4.0 and later lacks the brackets. This is what they mean.
// Security Hub's exact text is the entry unauthorized-api-calls-exact.
var unauthorizedAPICalls = Detection{
	ID:       "unauthorized-api-calls",
	Title:    "API call denied",
	Severity: Medium,
	Meaning: "A call was refused for want of permission. One refusal is mostly a mistake in a policy; a row of " +
		"them, over many services, is somebody finding out what stolen credentials can do. Two refusals that " +
		"AWS's own services cause by the thousand are left out: the delivery of logs, and HeadBucket.",
	Filters: []Filter{
		{Name: "UnauthorizedAPICalls", Pattern: `{ (($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")) && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }`},
	},
	Metric:   counted("UnauthorizedAPICalls"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.1"},
	Runbook: []string{
		"Run the query: which caller, how many refusals, over how many different calls?",
		"One caller and one call: a policy lacks a permission. Tell the owner of the role.",
		"One caller and many different calls, above all List, Get and Describe: treat the credentials as " +
			"stolen, disable them, and read what succeeded in the same hours.",
		"If a deployment role causes it at every run, mend its policy rather than mute the alarm.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter errorCode like /UnauthorizedOperation$/ or errorCode like /^AccessDenied/
| stats count(*) as refusals, count_distinct(eventName) as calls, min(@timestamp) as firstSeen, max(@timestamp) as lastSeen by userIdentity.arn, sourceIPAddress, recipientAccountId
| sort refusals desc
| limit 50`,
}
