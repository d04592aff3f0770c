package trail

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/policydocuments"
)

// s3ObjectType is the one resource type whose data events can be those of the
// trail's own deliveries.
const s3ObjectType = "AWS::S3::Object"

// DataEvent asks for the data events of one resource type.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
type DataEvent struct {
	Name string // shown in the console; the type when empty
	Type string // resources.type, such as AWS::S3::Object or AWS::DynamoDB::Table
	// ReadWrite is read, write or all.
	ReadWrite string
	// ARNPrefixes says which resources: those whose ARN starts with one of
	// them. None means every resource of the type in every recorded account,
	// and needs AcknowledgeCost, since each event is billed.
	ARNPrefixes     []string
	AcknowledgeCost bool
}

func (e DataEvent) check() error {
	switch {
	case strings.Count(e.Type, "::") != 2:
		return fmt.Errorf("data event type is %q; a resource type is needed, such as %s", e.Type, s3ObjectType)
	case e.ReadWrite != "read" && e.ReadWrite != "write" && e.ReadWrite != "all":
		return fmt.Errorf("data event %s: ReadWrite is %q; allowed are read, write and all", e.Type, e.ReadWrite)
	case len(e.ARNPrefixes) == 0 && !e.AcknowledgeCost:
		return fmt.Errorf("data event %s: no ARN prefix asks for every resource in every recorded account, billed by the event; name prefixes, or set AcknowledgeCost", e.Type)
	}
	return nil
}

// selectors are always the advanced ones, management events among them: basic
// and advanced selectors exclude each other, and a trail whose selectors are
// implicit is one that posture checkers cannot read.
func selectors(args *Args) cloudtrail.TrailAdvancedEventSelectorArray {
	all := cloudtrail.TrailAdvancedEventSelectorArray{&cloudtrail.TrailAdvancedEventSelectorArgs{
		Name: pulumi.String("Management events"),
		FieldSelectors: cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{
			equals("eventCategory", "Management"),
		},
	}}
	for _, event := range args.DataEvents {
		name := event.Name
		if name == "" {
			name = event.Type
		}
		fields := cloudtrail.TrailAdvancedEventSelectorFieldSelectorArray{
			equals("eventCategory", "Data"),
			equals("resources.type", event.Type),
		}
		switch event.ReadWrite {
		case "read":
			fields = append(fields, equals("readOnly", "true"))
		case "write":
			fields = append(fields, equals("readOnly", "false"))
		}
		if arn := arnSelector(args, event); arn != nil {
			fields = append(fields, arn)
		}
		all = append(all, &cloudtrail.TrailAdvancedEventSelectorArgs{Name: pulumi.String(name), FieldSelectors: fields})
	}
	return all
}

// arnSelector narrows by ARN, and for S3 objects leaves the log buckets out by
// construction: a trail that records its own deliveries feeds itself
// (awslabs/landing-zone-accelerator-on-aws#1192 counts a billion events).
func arnSelector(args *Args, event DataEvent) *cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs {
	if event.Type != s3ObjectType && len(event.ARNPrefixes) == 0 {
		return nil
	}
	arn := &cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{Field: pulumi.String("resources.ARN")}
	if len(event.ARNPrefixes) > 0 {
		arn.StartsWiths = pulumi.ToStringArray(event.ARNPrefixes)
	}
	if event.Type == s3ObjectType {
		arn.NotStartsWiths = args.LogBuckets.ToStringArrayOutput().ApplyT(func(buckets []string) []string {
			var prefixes []string
			for _, b := range buckets {
				if b != "" {
					prefixes = append(prefixes, policydocuments.BucketARN(args.Region, b)+"/")
				}
			}
			return prefixes
		}).(pulumi.StringArrayOutput)
	}
	return arn
}

func equals(field, value string) *cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs {
	return &cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs{
		Field:  pulumi.String(field),
		Equals: pulumi.StringArray{pulumi.String(value)},
	}
}
