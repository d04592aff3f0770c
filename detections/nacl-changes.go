package detections

var naclChanges = Detection{
	ID:       "nacl-changes",
	Title:    "Network ACL changed",
	Severity: Low,
	Meaning: "A network ACL, one of its entries, or the subnet it belongs to changed: traffic that was stopped at " +
		"the edge of a subnet may pass now, or the other way round.",
	Filters: []Filter{
		{Name: "NACLChanges", Pattern: `{ ($.eventName = CreateNetworkAcl) || ($.eventName = CreateNetworkAclEntry) || ($.eventName = DeleteNetworkAcl) || ($.eventName = DeleteNetworkAclEntry) || ($.eventName = ReplaceNetworkAclEntry) || ($.eventName = ReplaceNetworkAclAssociation) }`},
	},
	Metric:   counted("NACLChanges"),
	Alarm:    eachEvent,
	Controls: Controls{CIS: "4.11", SecurityHub: []string{"CloudWatch.11"}, ATTACK: []string{"T1562.007"}},
	Runbook: []string{
		"Match the caller, the time and the resource with a change request or a deployment.",
		"Which subnets use the ACL, and what passes now that did not?",
		"If it is not a known change, undo it, and treat the credentials that made it as stolen: disable " +
			"them, then read all they did.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.networkAclId, requestParameters.cidrBlock, errorCode, awsRegion, recipientAccountId
| filter eventName in ["CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"]
| sort @timestamp desc
| limit 100`,
}
