package detections

var consoleBruteForce = Detection{
	ID:       "console-brute-force",
	Title:    "Console sign-ins are being guessed",
	Severity: High,
	Meaning: "More than 5 sign-ins to the console failed within 5 minutes, for a wrong password or a wrong user " +
		"name, in all accounts together. The window slides: six failures across the turn of a clock's five " +
		"minutes count. A metric carries no address; the query groups by it.",
	Filters: []Filter{
		{Name: "ConsoleLoginFailures", Pattern: `{ $.eventSource = "signin.amazonaws.com" && $.eventName = "ConsoleLogin" && $.responseElements.ConsoleLogin = "Failure" }`},
	},
	Metric: counted("ConsoleLoginFailures"),
	Alarm: Alarm{
		Period:            300,
		EvaluationPeriods: 1,
		DatapointsToAlarm: 1,
		Threshold:         5,
		Comparison:        GreaterThanThreshold,
		MissingData:       NotBreaching,
	},
	Controls: Controls{ATTACK: []string{"T1110"}},
	Runbook: []string{
		"Run the query: one address, or many? One user, or a list of names?",
		"Did one of the addresses or users succeed in the same hours? Then it is a break-in: disable the " +
			"user, read what it did.",
		"Users who were aimed at get another password and have MFA.",
		"The console itself cannot stand behind a firewall of yours; what can is what the sessions reach.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter eventName = "ConsoleLogin"
| stats sum(strcontains(responseElements.ConsoleLogin, "Failure")) as failures, sum(strcontains(responseElements.ConsoleLogin, "Success")) as successes, count_distinct(userIdentity.userName) as users, min(@timestamp) as firstSeen, max(@timestamp) as lastSeen by sourceIPAddress
| sort failures desc
| limit 50`,
}
