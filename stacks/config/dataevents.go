package config

import (
	"fmt"
	"regexp"
	"strings"
)

// Limits of advanced event selectors (CloudTrail user guide, "Quotas", and the
// AdvancedFieldSelector of its API).
const (
	mostSelectorValues   = 500
	longestSelectorValue = 2048
)

const (
	selectorNamePattern = `^[ -~]{1,1000}$`
	resourceTypePattern = `^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`
)

var (
	selectorNameForm = regexp.MustCompile(selectorNamePattern)
	resourceTypeForm = regexp.MustCompile(resourceTypePattern)
)

func checkSelectorName(s string) *fault {
	switch {
	case s == "":
		return &fault{message: "is empty"}
	case !selectorNameForm.MatchString(s):
		return &fault{message: "has a character that is not printable ASCII"}
	}
	return nil
}

// checkResourceType accepts what has the form of a type: AWS adds types all the
// time, and CloudTrail has the last word. Only what is so close to a known one
// that it must be a slip is refused.
func checkResourceType(s string) *fault {
	slip := ""
	for _, known := range resourceTypes {
		if s == known {
			return nil
		}
		if distance, ok := near(s, known); ok && distance <= 2 && slip == "" {
			slip = known
		}
	}
	switch {
	case slip != "":
		return &fault{message: "is not the name of a resource type that CloudTrail knows", nearest: slip}
	case !resourceTypeForm.MatchString(s):
		return &fault{message: "is no resource type", nearest: nearest(s, resourceTypes)}
	}
	return nil
}

// checkARNPrefix judges one prefix without its type, which checkPrefixOfType
// adds. CloudTrail compares with StartsWith, letter by letter.
func checkARNPrefix(s string) *fault {
	switch {
	case strings.ContainsAny(s, "*?"):
		return &fault{message: "has a wildcard, which CloudTrail compares as a plain character",
			hint: "end the prefix before it"}
	case !strings.HasPrefix(s, "arn:"):
		return &fault{message: "is not the beginning of an ARN"}
	}
	return nil
}

// arnForms says how the ARNs of the common types begin after their partition.
// The types of other services are checked for partition and form alone.
var arnForms = map[string]struct{ service, example string }{
	"AWS::S3::Object":          {"s3", "s3:::BUCKET/"},
	"AWS::S3::AccessPoint":     {"s3", "s3:REGION:ACCOUNT:accesspoint/NAME"},
	"AWS::S3Express::Object":   {"s3express", "s3express:REGION:ACCOUNT:bucket/NAME"},
	"AWS::Lambda::Function":    {"lambda", "lambda:REGION:ACCOUNT:function:NAME"},
	"AWS::DynamoDB::Table":     {"dynamodb", "dynamodb:REGION:ACCOUNT:table/NAME"},
	"AWS::DynamoDB::Stream":    {"dynamodb", "dynamodb:REGION:ACCOUNT:table/NAME"},
	"AWS::Kinesis::Stream":     {"kinesis", "kinesis:REGION:ACCOUNT:stream/NAME"},
	"AWS::SNS::Topic":          {"sns", "sns:REGION:ACCOUNT:NAME"},
	"AWS::SQS::Queue":          {"sqs", "sqs:REGION:ACCOUNT:NAME"},
	"AWS::EC2::Snapshot":       {"ec2", "ec2:REGION::snapshot/ID"},
	"AWS::RDS::DBCluster":      {"rds", "rds:REGION:ACCOUNT:cluster:NAME"},
	"AWS::SageMaker::Endpoint": {"sagemaker", "sagemaker:REGION:ACCOUNT:endpoint/NAME"},
}

// checkPrefixOfType judges a prefix beside its resource type. A prefix must
// reach into the resource's name: what ends earlier stands for every resource
// of an account, which is what an empty list and acknowledgeCost say openly.
func checkPrefixOfType(prefix, resourceType, partition string) *fault {
	form, known := arnForms[resourceType]
	example := "arn:" + partition + ":SERVICE:REGION:ACCOUNT:RESOURCE"
	if known {
		example = "arn:" + partition + ":" + form.example
	}
	parts := strings.SplitN(prefix, ":", 6)
	allowed := "the beginning of " + example
	switch {
	case len(parts) < 2 || parts[1] != partition:
		return &fault{message: "is not in the partition " + partition + " of the stack's region", allowed: allowed}
	case known && len(parts) > 2 && parts[2] != form.service:
		return &fault{message: "is no ARN of a resource of the type " + resourceType, allowed: allowed}
	case len(parts) < 6 || parts[5] == "":
		return &fault{message: "ends before the resource's name, so that it stands for all of them", allowed: allowed,
			hint: "for everything of this type leave arnPrefixes out and set acknowledgeCost: true"}
	case known && form.service == "s3" && resourceType == "AWS::S3::Object" && (parts[3] != "" || parts[4] != ""):
		return &fault{message: "has a region or an account, which an S3 object's ARN has not", allowed: allowed}
	case resourceType == "AWS::S3::Object" && !strings.Contains(parts[5], "/"):
		return &fault{message: "ends within the bucket's name, so that it also stands for every bucket whose name begins like this",
			allowed: allowed, nearest: quoted(prefix + "/")}
	case known && resourceType != "AWS::S3::Object" && PartitionOf(parts[3]) != partition:
		return &fault{message: "names no region of the partition " + partition, allowed: allowed, nearest: nearest(parts[3], Regions())}
	case known && resourceType != "AWS::S3::Object" && resourceType != "AWS::EC2::Snapshot" && !accountForm.MatchString(parts[4]):
		return &fault{message: "holds no account id of twelve digits", allowed: allowed}
	}
	return nil
}

// bucketOf returns the bucket of an S3 object's ARN prefix.
func bucketOf(prefix string) string {
	resource := prefix[strings.LastIndex(prefix, ":")+1:]
	bucket, _, _ := strings.Cut(resource, "/")
	return bucket
}

// selectorValues counts the values that the advanced event selectors of a trail
// will hold: one for the event category of each, one for the type, one for
// readOnly, the prefixes, and the log buckets that S3 selectors leave out.
func (c *Config) selectorValues() int {
	values := 1 // management events
	for _, e := range c.Trail.DataEvents {
		values += 2 + len(e.ARNPrefixes)
		if e.ReadWrite != "all" {
			values++
		}
		if e.Type == "AWS::S3::Object" {
			values += len(c.LogBuckets())
		}
	}
	return values
}

// dataEvents checks the elements of trail.dataEvents against each other and
// against the rest of the configuration.
func (d *decoder) dataEvents() {
	c := d.config
	node, given := d.at["trail.dataEvents"]
	if !given || d.bad["trail.dataEvents"] {
		return
	}
	partition := c.Partition()
	names := map[string]int{}
	recorded := map[string]string{} // type and prefix -> where it was first asked for
	decoded := 0
	for i, item := range node.items {
		path := fmt.Sprintf("trail.dataEvents[%d]", i)
		if item.kind != mappingNode {
			continue
		}
		event := c.Trail.DataEvents[decoded]
		decoded++
		if !d.bad[path+".name"] && event.Name != "" {
			if first, twice := names[event.Name]; twice {
				d.relation(path+".name", &fault{message: "is the name of an earlier element", allowed: "each name once",
					hint: fmt.Sprintf("the first is trail.dataEvents[%d]", first)})
			} else {
				names[event.Name] = i
			}
		}
		if d.bad[path+".type"] || event.Type == "" {
			continue
		}
		if len(event.ARNPrefixes) == 0 && !event.AcknowledgeCost && !d.bad[path+".arnPrefixes"] && !d.bad[path+".acknowledgeCost"] {
			where := path + ".arnPrefixes"
			if d.at[where] == nil {
				where = path
			}
			d.relation(where, &fault{message: fmt.Sprintf("asks for every event of the type %s in every account", event.Type),
				allowed: "arnPrefixes with at least one element, or acknowledgeCost: true",
				hint:    "each data event is paid for"})
		}
		prefixes := d.at[path+".arnPrefixes"]
		if prefixes == nil || prefixes.kind != sequenceNode || partition == "" {
			continue
		}
		for j, prefix := range prefixes.items {
			d.prefix(fmt.Sprintf("%s.arnPrefixes[%d]", path, j), prefix.text, event, partition, recorded)
		}
	}
	if values := c.selectorValues(); values > mostSelectorValues {
		d.relation("trail.dataEvents", &fault{
			message: fmt.Sprintf("needs %d values in the trail's advanced event selectors", values),
			allowed: fmt.Sprintf("at most %d, counting each prefix and, for S3, the log buckets that are left out", mostSelectorValues),
			hint:    "name common beginnings instead of single resources",
		})
	}
}

func (d *decoder) prefix(path, prefix string, event DataEvent, partition string, recorded map[string]string) {
	if d.bad[path] {
		return
	}
	if f := checkPrefixOfType(prefix, event.Type, partition); f != nil {
		d.relation(path, f)
		return
	}
	if event.Type == "AWS::S3::Object" {
		for _, bucket := range d.config.LogBuckets() {
			if bucketOf(prefix) == bucket {
				d.relation(path, &fault{message: "records the log bucket itself: each delivered file would be an event that makes the next file",
					allowed: "buckets other than " + strings.Join(d.config.LogBuckets(), ", ")})
				return
			}
		}
	}
	same := event.Type + " " + event.ReadWrite + " " + prefix
	if first, twice := recorded[same]; twice {
		d.relation(path, &fault{message: "is asked for already", hint: "the first is " + first})
		return
	}
	recorded[same] = path
}
