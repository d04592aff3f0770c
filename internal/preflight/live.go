package preflight

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	cloudtrailtypes "github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	organizationstypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// callTimeout bounds one call, its retries included.
const callTimeout = 15 * time.Second

// live is the view of an account through the AWS SDK.
type live struct {
	cfg aws.Config
	who identity
}

// connect checks the credentials and learns whose they are.
func connect(ctx context.Context, cfg *config.Config, caller aws.Config) (*live, error) {
	caller = caller.Copy()
	caller.Region = cfg.Region
	const sign = "sign in as the deploy role and try again: aws sso login, or export AWS_PROFILE or AWS_ACCESS_KEY_ID and its companions"
	if caller.Credentials == nil {
		return nil, &Failure{errors.New("there are no AWS credentials"), sign}
	}
	within, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if _, err := caller.Credentials.Retrieve(within); err != nil {
		// The machine's own role comes last in the SDK's chain, so its failure
		// says that there was nothing before it.
		if strings.Contains(err.Error(), "IMDS") {
			return nil, &Failure{errors.New("there are no AWS credentials: none in the environment, the AWS configuration files or the machine's own role"), sign}
		}
		return nil, connectFailure(err, caller, "there are no usable AWS credentials", sign)
	}
	l := &live{cfg: caller}
	err := l.identify(ctx)
	if err == nil {
		return l, nil
	}
	// A region that is not enabled refuses valid keys with the words for
	// invalid ones; a region that is always enabled tells them apart.
	// https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
	if home := alwaysEnabled[policydocuments.Partition(cfg.Region)]; isInvalidKey(err) && home != "" && home != cfg.Region {
		elsewhere := &live{cfg: caller.Copy()}
		elsewhere.cfg.Region = home
		if elsewhere.identify(ctx) == nil {
			return nil, &Failure{
				fmt.Errorf("trailkeep:region: account %s has not enabled the region %s", elsewhere.who.account, cfg.Region),
				"enable it (aws account enable-region --region-name " + cfg.Region + "), in the audit account too, or choose another region",
			}
		}
	}
	return nil, connectFailure(err, caller, "AWS does not accept the credentials", sign)
}

// alwaysEnabled is a region of each partition that no account can do without.
var alwaysEnabled = map[string]string{"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}

// connectFailure turns what went wrong with the first call into a sentence.
func connectFailure(err error, cfg aws.Config, otherwise, sign string) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
			return &Failure{fmt.Errorf("the AWS credentials have expired (%s)", api.ErrorMessage()), sign}
		}
		return &Failure{fmt.Errorf("%s: %s (%s)", otherwise, api.ErrorMessage(), api.ErrorCode()), sign}
	}
	var netErr net.Error
	var op *net.OpError
	var sent *smithyhttp.RequestSendError
	if errors.As(err, &op) || errors.As(err, &sent) || errors.As(err, &netErr) || errors.Is(err, context.DeadlineExceeded) {
		where := "AWS in " + cfg.Region
		hint := "see that this machine reaches AWS (a proxy, a VPN, AWS_ENDPOINT_URL) and try again"
		if cfg.BaseEndpoint != nil {
			where = *cfg.BaseEndpoint
			hint = "start what should listen there (trailkeep local up starts an emulator), or unset AWS_ENDPOINT_URL"
		}
		return &Failure{fmt.Errorf("%s does not answer: %w", where, rootCause(err)), hint}
	}
	return &Failure{fmt.Errorf("%s: %w", otherwise, rootCause(err)), sign}
}

// rootCause is the innermost error, since the SDK's chain repeats itself.
func rootCause(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		if _, ok := err.(*net.OpError); ok {
			return err
		}
		err = next
	}
}

func isInvalidKey(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains([]string{"InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken"}, api.ErrorCode())
}

func (l *live) identify(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := sts.NewFromConfig(l.cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return err
	}
	l.who = identity{aws.ToString(out.Account), aws.ToString(out.Arn)}
	return nil
}

func (l *live) identity() identity { return l.who }

func (l *live) assume(ctx context.Context, roleARN, region string) (view, error) {
	to := &live{cfg: l.cfg.Copy(), who: l.who}
	to.cfg.Region = region
	if roleARN != "" {
		to.cfg.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(l.cfg), roleARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = "trailkeep-preflight"
		}))
	}
	if err := to.identify(ctx); err != nil {
		if isInvalidKey(err) {
			return nil, errRegionDisabled
		}
		return nil, refusal(err)
	}
	return to, nil
}

var (
	errNotFound       = errors.New("does not exist")
	errRegionDisabled = errors.New("the region is not enabled in the account")
)

// denied is a call that the caller may not make.
type denied struct {
	action  string // the IAM action that it takes
	message string
}

func (d *denied) Error() string { return "the caller lacks " + d.action }

// signingNames maps the SDK's service ids to the names that requests are signed
// for.
var signingNames = map[string]string{"CloudWatch Logs": "logs"}

// refusal sorts a call's error: a *denied with the missing action, errNotFound,
// or what it was.
func refusal(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return err
	}
	var response *smithyhttp.ResponseError
	status := 0
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	code := api.ErrorCode()
	switch {
	case strings.HasPrefix(code, "AccessDenied"), code == "AuthorizationError", code == "UnauthorizedOperation", code == "Forbidden", status == http.StatusForbidden:
		return &denied{action: actionOf(err), message: api.ErrorMessage()}
	case status == http.StatusNotFound,
		slices.Contains([]string{"NotFound", "NotFoundException", "NoSuchEntity", "NoSuchBucket", "TrailNotFoundException"}, code):
		return errNotFound
	}
	return err
}

// actionOf names the IAM action of the call that failed.
func actionOf(err error) string {
	var op *smithy.OperationError
	// The innermost: assuming a role fails inside another call.
	for e := err; e != nil; e = errors.Unwrap(e) {
		if o, ok := e.(*smithy.OperationError); ok {
			op = o
		}
	}
	if op == nil {
		return "a permission that AWS does not name"
	}
	service := signingNames[op.ServiceID]
	if service == "" {
		service = strings.ToLower(op.ServiceID)
	}
	if actions, ok := policydocuments.ActionsForCall(service, op.OperationName); ok && len(actions) > 0 {
		return actions[0]
	}
	return service + ":" + op.OperationName
}

func bounded[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	out, err := call(ctx)
	if err != nil {
		err = refusal(err)
	}
	return out, err
}

func (l *live) organization(ctx context.Context) (organization, error) {
	return bounded(ctx, func(ctx context.Context) (organization, error) {
		out, err := organizations.NewFromConfig(l.cfg).DescribeOrganization(ctx, &organizations.DescribeOrganizationInput{})
		var outside *organizationstypes.AWSOrganizationsNotInUseException
		if errors.As(err, &outside) {
			return organization{}, errNotFound
		}
		if err != nil {
			return organization{}, err
		}
		o := out.Organization
		return organization{aws.ToString(o.Id), aws.ToString(o.MasterAccountId), string(o.FeatureSet)}, nil
	})
}

func (l *live) serviceAccess(ctx context.Context) ([]string, error) {
	return bounded(ctx, func(ctx context.Context) (names []string, err error) {
		pages := organizations.NewListAWSServiceAccessForOrganizationPaginator(organizations.NewFromConfig(l.cfg), &organizations.ListAWSServiceAccessForOrganizationInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, s := range page.EnabledServicePrincipals {
				names = append(names, aws.ToString(s.ServicePrincipal))
			}
		}
		return names, nil
	})
}

func (l *live) policyTypes(ctx context.Context) ([]string, error) {
	return bounded(ctx, func(ctx context.Context) ([]string, error) {
		out, err := organizations.NewFromConfig(l.cfg).ListRoots(ctx, &organizations.ListRootsInput{})
		if err != nil {
			return nil, err
		}
		var types []string
		for _, root := range out.Roots { // there is only ever one
			for _, t := range root.PolicyTypes {
				if t.Status == organizationstypes.PolicyTypeStatusEnabled {
					types = append(types, string(t.Type))
				}
			}
		}
		return types, nil
	})
}

func (l *live) delegatedAdministrators(ctx context.Context, service string) ([]string, error) {
	return bounded(ctx, func(ctx context.Context) (ids []string, err error) {
		pages := organizations.NewListDelegatedAdministratorsPaginator(organizations.NewFromConfig(l.cfg), &organizations.ListDelegatedAdministratorsInput{ServicePrincipal: &service})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, a := range page.DelegatedAdministrators {
				ids = append(ids, aws.ToString(a.Id))
			}
		}
		return ids, nil
	})
}

func (l *live) role(ctx context.Context, name string) (role, error) {
	return bounded(ctx, func(ctx context.Context) (role, error) {
		out, err := iam.NewFromConfig(l.cfg).GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			return role{}, err
		}
		return role{aws.ToString(out.Role.Arn), aws.ToString(out.Role.Description)}, nil
	})
}

func (l *live) user(ctx context.Context, name string) error {
	_, err := bounded(ctx, func(ctx context.Context) (*iam.GetUserOutput, error) {
		return iam.NewFromConfig(l.cfg).GetUser(ctx, &iam.GetUserInput{UserName: &name})
	})
	return err
}

func (l *live) trails(ctx context.Context) ([]trail, error) {
	return bounded(ctx, func(ctx context.Context) ([]trail, error) {
		client := cloudtrail.NewFromConfig(l.cfg)
		described, err := client.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(true)})
		if err != nil {
			return nil, err
		}
		var trails []trail
		for _, t := range described.TrailList {
			trails = append(trails, trailOf(t))
		}
		// DescribeTrails leaves out the trails of other regions that record
		// their own region alone; ListTrails has them, by name.
		pages := cloudtrail.NewListTrailsPaginator(client, &cloudtrail.ListTrailsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, info := range page.Trails {
				arn := aws.ToString(info.TrailARN)
				if slices.ContainsFunc(trails, func(t trail) bool { return t.arn == arn }) {
					continue
				}
				trails = append(trails, trail{name: aws.ToString(info.Name), arn: arn, region: aws.ToString(info.HomeRegion)})
			}
		}
		return trails, nil
	})
}

func trailOf(t cloudtrailtypes.Trail) trail {
	return trail{
		name: aws.ToString(t.Name), arn: aws.ToString(t.TrailARN), region: aws.ToString(t.HomeRegion), bucket: aws.ToString(t.S3BucketName),
		logGroupARN: strings.TrimSuffix(aws.ToString(t.CloudWatchLogsLogGroupArn), ":*"), topicARN: aws.ToString(t.SnsTopicARN),
		organization: aws.ToBool(t.IsOrganizationTrail), counts: true,
	}
}

func (l *live) recordsManagementEvents(ctx context.Context, t trail) (bool, error) {
	return bounded(ctx, func(ctx context.Context) (bool, error) {
		out, err := cloudtrail.NewFromConfig(l.cfg, func(o *cloudtrail.Options) { o.Region = t.region }).
			GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &t.arn})
		if err != nil {
			return false, err
		}
		for _, s := range out.EventSelectors {
			if s.IncludeManagementEvents == nil || *s.IncludeManagementEvents {
				return true, nil
			}
		}
		for _, s := range out.AdvancedEventSelectors {
			for _, f := range s.FieldSelectors {
				if aws.ToString(f.Field) == "eventCategory" && slices.Contains(f.Equals, "Management") {
					return true, nil
				}
			}
		}
		// A trail without selectors records management events.
		return len(out.EventSelectors)+len(out.AdvancedEventSelectors) == 0, nil
	})
}

func (l *live) bucket(ctx context.Context, name, owner string) (bucket, error) {
	client := s3.NewFromConfig(l.cfg, func(o *s3.Options) {
		// An emulator's host name carries no bucket before it.
		o.UsePathStyle = l.cfg.BaseEndpoint != nil
	})
	b, err := l.head(ctx, client, name, owner)
	if err != nil || b.owner != asExpected || owner != l.who.account {
		return b, err
	}
	// What may not be read stays unread; the checks that need it say so.
	note := func(err error) error {
		var d *denied
		if errors.As(err, &d) {
			b.unread = append(b.unread, d)
			return nil
		}
		if errors.Is(err, errNotFound) {
			return nil
		}
		return err
	}
	policy, err := bounded(ctx, func(ctx context.Context) (*s3.GetBucketPolicyOutput, error) {
		return client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	})
	if err := note(err); err != nil {
		return b, err
	}
	if policy != nil {
		b.policy = aws.ToString(policy.Policy)
	}
	lock, err := bounded(ctx, func(ctx context.Context) (*s3.GetObjectLockConfigurationOutput, error) {
		return client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &name})
	})
	if err := note(err); err != nil {
		return b, err
	}
	b.locked = lock != nil && lock.ObjectLockConfiguration != nil && lock.ObjectLockConfiguration.ObjectLockEnabled == s3types.ObjectLockEnabledEnabled
	versioning, err := bounded(ctx, func(ctx context.Context) (*s3.GetBucketVersioningOutput, error) {
		return client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	})
	if err := note(err); err != nil {
		return b, err
	}
	if versioning != nil {
		b.versioning = string(versioning.Status)
		b.mfaDelete = versioning.MFADelete == s3types.MFADeleteStatusEnabled
	}
	return b, nil
}

// head asks whether a bucket exists, and whether it is an account's: S3 refuses
// the expected owner where it is another's.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
func (l *live) head(ctx context.Context, client *s3.Client, name, owner string) (bucket, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &owner})
	if err == nil {
		return bucket{owner: asExpected}, nil
	}
	var response *smithyhttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		switch region := response.Response.Header.Get("X-Amz-Bucket-Region"); response.HTTPStatusCode() {
		case http.StatusMovedPermanently:
			return bucket{owner: elsewhere, region: region}, nil
		case http.StatusForbidden:
			return bucket{owner: foreign, region: region}, nil
		}
	}
	return bucket{}, refusal(err)
}

func (l *live) alias(ctx context.Context, name string) (key, error) {
	client := kms.NewFromConfig(l.cfg)
	k, err := bounded(ctx, func(ctx context.Context) (key, error) {
		out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
		if err != nil {
			return key{}, err
		}
		return key{arn: aws.ToString(out.KeyMetadata.Arn), pendingDeletion: out.KeyMetadata.DeletionDate != nil}, nil
	})
	if err != nil {
		return key{}, err
	}
	_, err = bounded(ctx, func(ctx context.Context) (*kms.ListResourceTagsOutput, error) {
		tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &k.arn})
		if err != nil {
			return nil, err
		}
		for _, t := range tags.Tags {
			if aws.ToString(t.TagKey) == policydocuments.KeyNameTag {
				k.name = aws.ToString(t.TagValue)
			}
		}
		return tags, nil
	})
	return k, err
}

func (l *live) logGroup(ctx context.Context, name string) error {
	_, err := bounded(ctx, func(ctx context.Context) (struct{}, error) {
		pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(cloudwatchlogs.NewFromConfig(l.cfg), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return struct{}{}, err
			}
			for _, g := range page.LogGroups {
				if aws.ToString(g.LogGroupName) == name {
					return struct{}{}, nil
				}
			}
		}
		return struct{}{}, errNotFound
	})
	return err
}

func (l *live) topic(ctx context.Context, arn string) error {
	_, err := bounded(ctx, func(ctx context.Context) (*sns.GetTopicAttributesOutput, error) {
		return sns.NewFromConfig(l.cfg).GetTopicAttributes(ctx, &sns.GetTopicAttributesInput{TopicArn: &arn})
	})
	return err
}
