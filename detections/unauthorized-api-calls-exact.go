package detections

// CIS v1.2 3.1, which Security Hub's CloudWatch.2 compares word for word.
var unauthorizedAPICallsExact = Detection{
	ID:       "unauthorized-api-calls-exact",
	Title:    "Many API calls denied (the exact text of CIS and Security Hub)",
	Severity: Low,
	Meaning: "The same refusals without any exception, as Security Hub demands the filter word for word. It counts " +
		"the noise of AWS's own services too, so it looks for many at once and pages nobody.",
	Filters: []Filter{
		{Name: "UnauthorizedAPICallsExact", Pattern: `{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}`},
	},
	Metric: counted("UnauthorizedAPICallsExact"),
	Alarm: Alarm{
		Period:            300,
		EvaluationPeriods: 1,
		DatapointsToAlarm: 1,
		Threshold:         25,
		Comparison:        GreaterThanOrEqualToThreshold,
		MissingData:       NotBreaching,
	},
	Controls: Controls{SecurityHub: []string{"CloudWatch.2"}},
	Runbook: []string{
		"See unauthorized-api-calls first: it leaves the noise out and fires sooner.",
		"If only this one fired, run the query: a log delivery or a HeadBucket caller lacks a permission that " +
			"it asks for again and again. Mend that policy.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter errorCode like /UnauthorizedOperation$/ or errorCode like /^AccessDenied/
| stats count(*) as refusals by eventSource, eventName, userIdentity.arn, sourceIPAddress
| sort refusals desc
| limit 50`,
}
