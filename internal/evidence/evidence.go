// Package evidence declares what holds evidence, in the one way that every
// component and stack has to: kept, and its keys named. It knows Pulumi and the
// key's tag; it knows no component.
package evidence

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/trailkeep/trailkeep/policydocuments"
)

// Keep marks what holds evidence, unless it is disposable. Both options go on
// every resource, since neither a skipped preview nor a partial destroy stops at
// a parent, and a bucket without its policy or versioning is no archive any more.
func Keep(disposable bool) []pulumi.ResourceOption {
	if disposable {
		return nil
	}
	return []pulumi.ResourceOption{pulumi.Protect(true), pulumi.RetainOnDelete(true)}
}

// NewKey declares a KMS key with yearly rotation (CIS 3.6, in v6.0 and v7.0
// 4.6), the longest deletion window and its name as a tag.
func NewKey(ctx *pulumi.Context, name, description string, policy pulumi.StringInput, opts ...pulumi.ResourceOption) (*kms.Key, error) {
	return kms.NewKey(ctx, name, &kms.KeyArgs{
		Description:       pulumi.String(description),
		Policy:            policy,
		EnableKeyRotation: pulumi.Bool(true),
		// The longest window that KMS has, to notice and cancel a deletion.
		DeletionWindowInDays: pulumi.Int(30),
		Tags:                 pulumi.StringMap{policydocuments.KeyNameTag: pulumi.String(name)},
	}, opts...)
}
