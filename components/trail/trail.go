// Package trail is the management account's half of the audit trail: the trail
// itself, its log group with the role that fills it, their key, and an optional
// delivery topic.
//
// It is a Pulumi component that any Pulumi Go program can use alone. It knows
// AWS resources and the documents of policydocuments; it knows nothing of stack
// files, and of the archive only names and the key's ARN.
package trail

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/awspolicy"
	"github.com/trailkeep/trailkeep/internal/evidence"
	"github.com/trailkeep/trailkeep/policydocuments"
)

// Args are the inputs of a Trail.
type Args struct {
	// AccountID and Region are where the trail lives: those of the component's
	// AWS provider. For an organization trail it is the management account.
	AccountID pulumi.StringInput
	Region    string
	// Name of the trail. It decides the trail's ARN, which the archive's
	// policies name, so it is never generated.
	Name pulumi.StringInput
	// OrganizationID makes it an organization trail; nil for one account.
	OrganizationID pulumi.StringInput

	// BucketName, Prefix and LogKeyARN are the archive's. Bucket and key
	// policies have to exist before the trail: name them in Needs.
	BucketName pulumi.StringInput
	Prefix     pulumi.StringInput // before AWSLogs/, none by default
	LogKeyARN  pulumi.StringInput
	// Needs is what has to exist before the trail itself, such as the archive's
	// Ready(). A dependency of the whole component would hold up its key, role
	// and log group too.
	Needs []pulumi.Resource
	// LogBuckets are the names of all buckets that hold logs. Their objects are
	// left out of every data event selector: recording the delivery of a
	// record would record itself without end.
	LogBuckets pulumi.StringArrayInput

	DeployRoleARN     pulumi.StringInput // in the trail's account
	BreakGlassRoleARN pulumi.StringInput

	LogGroupName          pulumi.StringInput // /aws/cloudtrail/NAME by default
	LogGroupRetentionDays int                // 365 when 0
	// Insights are the insight types to analyse: ApiCallRateInsight,
	// ApiErrorRateInsight. None by default, since they are billed.
	Insights []string
	// DataEvents adds data events. None by default, since they are billed.
	DataEvents []DataEvent
	// DeliveryTopicName, when set, makes an SNS topic that is told of each
	// delivered log file.
	DeliveryTopicName pulumi.StringInput

	RoleName     pulumi.StringInput // TrailkeepCloudTrail by default
	KeyAliasName pulumi.StringInput // alias/trailkeep-NAME by default

	// Disposable leaves out protection and DenyKeyLoss.
	Disposable bool
}

// Trail is the trail and what it needs in its own account.
type Trail struct {
	pulumi.ResourceState

	ARN          pulumi.StringOutput
	Name         pulumi.StringOutput
	LogGroupName pulumi.StringOutput
	LogGroupARN  pulumi.StringOutput
	RoleARN      pulumi.StringOutput
	KeyARN       pulumi.StringOutput
	// DeliveryTopicARN is empty without a topic.
	DeliveryTopicARN pulumi.StringOutput

	resources []pulumi.Resource
}

// Resources is everything that the trail declared, for pulumi.DependsOn. A
// dependency on the component itself covers only those children that happen to
// be registered when it is resolved: the Go SDK adds them concurrently.
func (c *Trail) Resources() []pulumi.Resource { return slices.Clone(c.resources) }

// New declares a trail. It fails when a required argument is missing or a
// selector is one that CloudTrail would refuse.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Trail, error) {
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("trail %q: %w", name, err)
	}
	c := &Trail{}
	if err := ctx.RegisterComponentResource("trailkeep:trail:Trail", name, c, append(opts, evidence.Keep(args.Disposable)...)...); err != nil {
		return nil, err
	}
	if err := c.declare(ctx, name, args); err != nil {
		return nil, fmt.Errorf("trail %q: %w", name, err)
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"arn":              c.ARN,
		"name":             c.Name,
		"logGroupName":     c.LogGroupName,
		"logGroupArn":      c.LogGroupARN,
		"roleArn":          c.RoleARN,
		"keyArn":           c.KeyARN,
		"deliveryTopicArn": c.DeliveryTopicARN,
	})
}

func (a *Args) check() error {
	if a == nil {
		return fmt.Errorf("args are missing")
	}
	for _, required := range []struct {
		name  string
		value pulumi.StringInput
	}{
		{"AccountID", a.AccountID}, {"Name", a.Name}, {"BucketName", a.BucketName}, {"LogKeyARN", a.LogKeyARN},
		{"DeployRoleARN", a.DeployRoleARN}, {"BreakGlassRoleARN", a.BreakGlassRoleARN},
	} {
		if required.value == nil {
			return fmt.Errorf("%s is missing", required.name)
		}
	}
	if a.Region == "" {
		return fmt.Errorf("the region is missing: give the region of the component's AWS provider")
	}
	if len(a.DataEvents) > 0 && a.LogBuckets == nil {
		return fmt.Errorf("data events are asked for and LogBuckets is missing: name every bucket that holds logs, so that the trail does not record its own deliveries")
	}
	for _, e := range a.DataEvents {
		if err := e.check(); err != nil {
			return err
		}
	}
	return nil
}

func orDefault(given pulumi.StringInput, format string, args ...any) pulumi.StringOutput {
	if given != nil {
		return given.ToStringOutput()
	}
	return pulumi.Sprintf(format, args...)
}

func (c *Trail) declare(ctx *pulumi.Context, name string, args *Args) error {
	options := func(more ...pulumi.ResourceOption) []pulumi.ResourceOption {
		return append(append([]pulumi.ResourceOption{pulumi.Parent(c)}, evidence.Keep(args.Disposable)...), more...)
	}
	logGroupName := orDefault(args.LogGroupName, "/aws/cloudtrail/%s", args.Name)
	delivery := pulumi.All(args.AccountID, args.Name, orDefault(args.OrganizationID, ""), logGroupName, orDefault(args.DeliveryTopicName, ""), args.DeployRoleARN, args.BreakGlassRoleARN).
		ApplyT(func(v []any) policydocuments.Delivery {
			s := func(i int) string { return v[i].(string) }
			return policydocuments.Delivery{
				Trail:    policydocuments.Trail{AccountID: s(0), Region: args.Region, Name: s(1), OrganizationID: s(2)},
				LogGroup: s(3), Topic: s(4), DeployRoleARN: s(5), BreakGlassRoleARN: s(6), Disposable: args.Disposable,
			}
		})
	document := func(of func(policydocuments.Delivery) awspolicy.Document) pulumi.StringOutput {
		return delivery.ApplyT(func(v any) string { return of(v.(policydocuments.Delivery)).JSON() }).(pulumi.StringOutput)
	}

	key, err := evidence.NewKey(ctx, name+"-key", "Encrypts the CloudTrail log group and delivery topic", document(policydocuments.DeliveryKey), options()...)
	if err != nil {
		return fmt.Errorf("key: %w", err)
	}
	c.KeyARN = key.Arn
	alias, err := kms.NewAlias(ctx, name+"-key", &kms.AliasArgs{
		Name:        orDefault(args.KeyAliasName, "alias/trailkeep-%s", args.Name),
		TargetKeyId: key.KeyId,
	}, options()...)
	if err != nil {
		return fmt.Errorf("key alias: %w", err)
	}

	retention := args.LogGroupRetentionDays
	if retention == 0 {
		retention = 365
	}
	group, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            logGroupName,
		RetentionInDays: pulumi.Int(retention),
		KmsKeyId:        key.Arn,
	}, options()...)
	if err != nil {
		return fmt.Errorf("log group: %w", err)
	}
	c.LogGroupName = group.Name
	c.LogGroupARN = group.Arn

	role, err := iam.NewRole(ctx, name+"-logs", &iam.RoleArgs{
		Name:             orDefault(args.RoleName, "TrailkeepCloudTrail"),
		Description:      pulumi.String("CloudTrail writes to its log group as this role."),
		AssumeRolePolicy: document(policydocuments.TrailRoleTrust),
	}, options()...)
	if err != nil {
		return fmt.Errorf("role: %w", err)
	}
	c.RoleARN = role.Arn
	grant, err := iam.NewRolePolicy(ctx, name+"-logs", &iam.RolePolicyArgs{
		Name:   pulumi.String("WriteLogStreams"),
		Role:   role.Name,
		Policy: document(policydocuments.TrailRole),
	}, options()...)
	if err != nil {
		return fmt.Errorf("role policy: %w", err)
	}
	// CloudTrail tries bucket, key, role and topic with their policies when the
	// trail is made or changed.
	needs := append(slices.Clone(args.Needs), grant)
	c.resources = append(c.resources, key, alias, group, role, grant)

	trailArgs := &cloudtrail.TrailArgs{
		Name:                       args.Name.ToStringOutput().ToStringPtrOutput(),
		S3BucketName:               args.BucketName,
		KmsKeyId:                   args.LogKeyARN.ToStringOutput().ToStringPtrOutput(),
		IsMultiRegionTrail:         pulumi.Bool(true),
		IsOrganizationTrail:        pulumi.Bool(args.OrganizationID != nil),
		IncludeGlobalServiceEvents: pulumi.Bool(true),
		EnableLogFileValidation:    pulumi.Bool(true),
		EnableLogging:              pulumi.Bool(true),
		CloudWatchLogsGroupArn:     pulumi.Sprintf("%s:*", group.Arn),
		CloudWatchLogsRoleArn:      role.Arn,
		AdvancedEventSelectors:     selectors(args),
	}
	if args.Prefix != nil {
		trailArgs.S3KeyPrefix = args.Prefix.ToStringOutput().ToStringPtrOutput()
	}
	var insights cloudtrail.TrailInsightSelectorArray
	for _, insight := range args.Insights {
		insights = append(insights, &cloudtrail.TrailInsightSelectorArgs{InsightType: pulumi.String(insight)})
	}
	if insights != nil {
		trailArgs.InsightSelectors = insights
	}
	c.DeliveryTopicARN = pulumi.String("").ToStringOutput()
	if args.DeliveryTopicName != nil {
		topic, err := sns.NewTopic(ctx, name+"-delivery", &sns.TopicArgs{
			Name:           args.DeliveryTopicName.ToStringOutput().ToStringPtrOutput(),
			KmsMasterKeyId: key.Arn,
		}, options()...)
		if err != nil {
			return fmt.Errorf("delivery topic: %w", err)
		}
		policy, err := sns.NewTopicPolicy(ctx, name+"-delivery", &sns.TopicPolicyArgs{
			Arn:    topic.Arn,
			Policy: document(policydocuments.DeliveryTopic),
		}, options()...)
		if err != nil {
			return fmt.Errorf("delivery topic policy: %w", err)
		}
		needs = append(needs, policy)
		c.resources = append(c.resources, topic, policy)
		// By name, as CloudTrail answers it: an ARN would show as a change for ever.
		trailArgs.SnsTopicName = topic.Name
		c.DeliveryTopicARN = topic.Arn
	}

	trail, err := cloudtrail.NewTrail(ctx, name, trailArgs, options(pulumi.DependsOn(needs))...)
	if err != nil {
		return fmt.Errorf("trail: %w", err)
	}
	c.resources = append(c.resources, trail)
	c.ARN = trail.Arn
	c.Name = trail.Name
	return nil
}
