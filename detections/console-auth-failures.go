package detections

var consoleAuthFailures = Detection{
	ID:       "console-auth-failures",
	Title:    "Console sign-in failed",
	Severity: Low,
	Meaning: "Somebody gave a wrong password at the console. Once is a person; console-brute-force watches for the " +
		"many. A wrong user name has another message and is not counted here.",
	Filters: []Filter{
		{Name: "ConsoleAuthFailures", Pattern: `{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }`},
	},
	Metric:   counted("ConsoleAuthFailures"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.6", SecurityHub: []string{"CloudWatch.6"}, ATTACK: []string{"T1110"}},
	Runbook: []string{
		"Run the query: one user a few times is a forgotten password; many users, or one user from an address " +
			"never seen, is an attack.",
		"In an attack: see console-brute-force.",
	},
	Query: `fields @timestamp, userIdentity.arn, sourceIPAddress, eventName, errorCode, awsRegion, recipientAccountId
| filter eventName = "ConsoleLogin" and errorMessage = "Failed authentication"
| stats count(*) as failures, min(@timestamp) as firstSeen, max(@timestamp) as lastSeen by sourceIPAddress, userIdentity.userName, recipientAccountId
| sort failures desc
| limit 50`,
}
