package detections

var routeTableChanges = Detection{
	ID:       "route-table-changes",
	Title:    "Route table changed",
	Severity: Low,
	Meaning: "A route or route table was made, replaced, deleted or detached: traffic takes another way. AWS App " +
		"Mesh has a CreateRoute and a DeleteRoute too, which the benchmark's text counts; the second filter " +
		"names EC2 alone, as Prowler and Security Hub now want it.",
	Filters: []Filter{
		{Name: "RouteTableChanges", Pattern: `{ ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) }`},
		{Name: "RouteTableChanges-ext", Pattern: `{ ($.eventSource = ec2.amazonaws.com) && (($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable)) }`},
	},
	Metric:   counted("RouteTableChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.13", SecurityHub: []string{"CloudWatch.13"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Where does the new route lead: an internet gateway, a peering connection, an instance?",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.routeTableId, requestParameters.destinationCidrBlock, requestParameters.gatewayId, errorCode, awsRegion, recipientAccountId
| filter eventSource = "ec2.amazonaws.com"
| filter eventName in ["CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"]
| sort @timestamp desc
| limit 100`,
}
