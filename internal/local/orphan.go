package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"

	"github.com/trailkeep/trailkeep/policydocuments"
)

// invention finds the resources of a type whose id AWS invents, by what their
// creation asked for.
type invention struct {
	find func(ctx context.Context, cfg aws.Config, in inputs) (ids []string, err error)
	// remove is the command by which a person removes one that nobody claims.
	remove func(id string) string
}

var inventions = map[string]invention{
	"aws:kms/key:Key":               {keysByTag, scheduleDeletion},
	"aws:kms/replicaKey:ReplicaKey": {keysByTag, scheduleDeletion},
	"aws:organizations/policy:Policy": {policiesByName, func(id string) string {
		return "aws organizations delete-policy --policy-id " + id
	}},
}

func scheduleDeletion(id string) string {
	return "aws kms schedule-key-deletion --pending-window-in-days 7 --key-id " + id
}

// keysByTag lists the keys with the same name tag that are not about to be
// deleted.
func keysByTag(ctx context.Context, cfg aws.Config, in inputs) ([]string, error) {
	tags, _ := in["tags"].(map[string]any)
	name, _ := tags[policydocuments.KeyNameTag].(string)
	if name == "" {
		return nil, fmt.Errorf("the key carries no tag %s to find it by", policydocuments.KeyNameTag)
	}
	client := kms.NewFromConfig(cfg)
	var ids []string
	for pages := kms.NewListKeysPaginator(client, &kms.ListKeysInput{}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, key := range page.Keys {
			tagged, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: key.KeyId})
			if err != nil {
				return nil, err
			}
			for _, tag := range tagged.Tags {
				if aws.ToString(tag.TagKey) != policydocuments.KeyNameTag || aws.ToString(tag.TagValue) != name {
					continue
				}
				described, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: key.KeyId})
				if err != nil {
					return nil, err
				}
				switch described.KeyMetadata.KeyState {
				case kmstypes.KeyStatePendingDeletion, kmstypes.KeyStatePendingReplicaDeletion:
				default:
					ids = append(ids, aws.ToString(key.KeyId))
				}
			}
		}
	}
	return ids, nil
}

func policiesByName(ctx context.Context, cfg aws.Config, in inputs) ([]string, error) {
	kind := in.text("type")
	if kind == "" {
		kind = string(orgtypes.PolicyTypeServiceControlPolicy)
	}
	var ids []string
	client := organizations.NewFromConfig(cfg)
	for pages := organizations.NewListPoliciesPaginator(client, &organizations.ListPoliciesInput{Filter: orgtypes.PolicyType(kind)}); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Policies {
			if aws.ToString(p.Name) == in.text("name") {
				ids = append(ids, aws.ToString(p.Id))
			}
		}
	}
	return ids, nil
}
