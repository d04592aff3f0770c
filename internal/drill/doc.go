// Package drill proves alarms without AWS: it takes CloudTrail records through
// the metric filters of the catalogue, CloudWatch's clock and the alarms, to the
// notification that would be sent.
//
// [Prove] does it with the catalogue's own cases, each of which says what has to
// come of it; [Replay] with anybody's CloudTrail files, to say which alarms would
// have fired, how often, when and by whom.
//
// The package may know the catalogue, CloudTrail's files, filter patterns, and
// how CloudWatch evaluates alarms as its user guide documents it. It may not
// know Pulumi, the network, or what is deployed.
package drill
