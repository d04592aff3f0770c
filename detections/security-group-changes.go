package detections

var securityGroupChanges = Detection{
	ID:       "security-group-changes",
	Title:    "Security group changed",
	Severity: Low,
	Meaning: "A security group was made or deleted, or one of its rules added, removed or modified. The second " +
		"filter adds ModifySecurityGroupRules, which changes a rule in place and which the benchmark names " +
		"from v5.0 on.",
	Filters: []Filter{
		{Name: "SecurityGroupChanges", Pattern: `{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) }`},
		{Name: "SecurityGroupChanges-ext", Pattern: `{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }`},
	},
	Metric:   counted("SecurityGroupChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.10", SecurityHub: []string{"CloudWatch.10"}, ATTACK: []string{"T1562.007"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Does the new rule open a port to 0.0.0.0/0 or ::/0? Close it first, ask later.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.groupId, errorCode, sourceIPAddress, awsRegion, recipientAccountId
| filter eventName in ["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup", "ModifySecurityGroupRules"]
| sort @timestamp desc
| limit 100`,
}
