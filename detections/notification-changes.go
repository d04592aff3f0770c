package detections

var notificationChanges = Detection{
	ID:       "notification-changes",
	Title:    "The alarms' topic or a subscription changed",
	Severity: Critical,
	Meaning: "Alarms fire into the void when their topic is gone, its policy or key is changed, or the subscriber " +
		"was taken away. SNS records an unsubscription by a link in an e-mail with no caller at all.",
	Filters: []Filter{
		{Name: "NotificationChanges", Pattern: `{ $.eventSource = "sns.amazonaws.com" && ((($.eventName = "DeleteTopic" || $.eventName = "SetTopicAttributes" || $.eventName = "RemovePermission") && $.requestParameters.topicArn = "*:${Topic}*") || (($.eventName = "Unsubscribe" || $.eventName = "SetSubscriptionAttributes") && $.requestParameters.subscriptionArn = "*:${Topic}*")) }`},
	},
	Metric:   counted("NotificationChanges"),
	Alarm:    eachEvent,
	Controls: Controls{ATTACK: []string{"T1562.001"}},
	Runbook: []string{
		"aws sns list-subscriptions-by-topic: is everybody there who should be told, and confirmed?",
		"pulumi up puts topic, policy and subscriptions back; e-mail has to be confirmed again.",
		"Prove the way to the end: set an alarm's state by hand (aws cloudwatch set-alarm-state) and wait for " +
			"the message.",
		"Look at the alarms' history for what nobody was told in between.",
	},
	Query: `fields @timestamp, userIdentity.arn, eventName, requestParameters.topicArn, requestParameters.subscriptionArn, requestParameters.attributeName, errorCode, sourceIPAddress
| filter eventSource = "sns.amazonaws.com"
| filter eventName in ["DeleteTopic", "SetTopicAttributes", "RemovePermission", "Unsubscribe", "SetSubscriptionAttributes"]
| sort @timestamp desc
| limit 100`,
}
