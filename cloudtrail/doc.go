// Package cloudtrail holds CloudTrail's files and records as Go values: it
// reads them, splits them fast, and reads them out in plain English.
//
// It may know CloudTrail's file formats, record fields and event names, as AWS
// documents them in the CloudTrail user guide and as services write them. It
// may not know Pulumi, the network, S3, or any account: everything it says of a
// record stands in that record. It keeps no state between records.
//
// [Read] gives decoded records of one file, whatever envelope they came in;
// [Scan] gives their raw bytes for callers that decode only a few of them;
// [Explain] turns one record into sentences together with the fields that each
// value in them was taken from.
package cloudtrail
