// Package detections is the catalogue of what is watched: one entry an alarm,
// one file an entry, with the events that must and must not fire it.
//
// [All] lists the entries. An entry says everything about its alarm: the metric
// filters, the metric, the alarm's settings, the controls it answers, what to do
// when it fires and the query to run next. Its events stand under events/ in a
// folder named for its ID and come with [Detection.Cases]. The page
// docs/detections.md is made from both.
//
// To add an alarm, write a file with a Detection, name it in [All], and put its
// cases.json and events beside it; one test walks them all.
//
// The package may know CloudTrail's events, CloudWatch's alarms and the controls
// of CIS, Security Hub and MITRE ATT&CK. It may not know Pulumi, the network, or
// any account: what a deployment calls its bucket, log group and accounts comes
// in as [Names].
package detections
