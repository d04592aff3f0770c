package detections

var vpcChanges = Detection{
	ID:       "vpc-changes",
	Title:    "VPC changed",
	Severity: Low,
	Meaning: "A VPC was made, deleted or changed, or connected to another one. ClassicLink is retired; its four " +
		"names stay because the checkers compare the text.",
	Filters: []Filter{
		{Name: "VPCChanges", Pattern: `{ ($.eventName = CreateVpc) || ($.eventName = DeleteVpc) || ($.eventName = ModifyVpcAttribute) || ($.eventName = AcceptVpcPeeringConnection) || ($.eventName = CreateVpcPeeringConnection) || ($.eventName = DeleteVpcPeeringConnection) || ($.eventName = RejectVpcPeeringConnection) || ($.eventName = AttachClassicLinkVpc) || ($.eventName = DetachClassicLinkVpc) || ($.eventName = DisableVpcClassicLink) || ($.eventName = EnableVpcClassicLink) }`},
	},
	Metric:   counted("VPCChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.14", SecurityHub: []string{"CloudWatch.14"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"With whom was a peering connection made or accepted? A foreign account needs an answer at once.",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.vpcId, requestParameters.peerOwnerId, errorCode, awsRegion, recipientAccountId
| filter eventName in ["CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"]
| sort @timestamp desc
| limit 100`,
}
