package detections

var networkGatewayChanges = Detection{
	ID:       "network-gateway-changes",
	Title:    "Network gateway changed",
	Severity: Low,
	Meaning: "An internet or customer gateway was made, deleted, attached or detached: a VPC got, or lost, a way " +
		"out.",
	Filters: []Filter{
		{Name: "NetworkGatewayChanges", Pattern: `{ ($.eventName = CreateCustomerGateway) || ($.eventName = DeleteCustomerGateway) || ($.eventName = AttachInternetGateway) || ($.eventName = CreateInternetGateway) || ($.eventName = DeleteInternetGateway) || ($.eventName = DetachInternetGateway) }`},
	},
	Metric:   counted("NetworkGatewayChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.12", SecurityHub: []string{"CloudWatch.12"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Was a VPC attached to the internet that should have no way out? Detach it first, ask later.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.internetGatewayId, requestParameters.vpcId, errorCode, awsRegion, recipientAccountId
| filter eventName in ["CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"]
| sort @timestamp desc
| limit 100`,
}
