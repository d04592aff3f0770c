// A Pulumi program of its own that uses one Trailkeep component: a log archive
// for an organization trail that something else creates, such as Control Tower.
//
//	pulumi config set organization o-exampleorg1
//	pulumi config set managementAccount 123456789012
//	pulumi up
//
// Run it with the credentials of the deploy role in the archive's account.
package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"github.com/trailkeep/trailkeep/components/logarchive"
)

func main() { pulumi.Run(archive) }

func archive(ctx *pulumi.Context) error {
	settings := config.New(ctx, "")
	account := settings.Require("auditAccount")
	provider, err := aws.NewProvider(ctx, "audit", &aws.ProviderArgs{
		Region:            pulumi.String("eu-central-1"),
		AllowedAccountIds: pulumi.StringArray{pulumi.String(account)},
	})
	if err != nil {
		return err
	}
	logs, err := logarchive.New(ctx, "logs", &logarchive.Args{
		AccountID:         pulumi.String(account),
		Region:            "eu-central-1",
		TrailAccountID:    pulumi.String(settings.Require("managementAccount")),
		TrailName:         pulumi.String("aws-controltower-BaselineCloudTrail"),
		OrganizationID:    pulumi.String(settings.Require("organization")),
		DeployRoleARN:     pulumi.Sprintf("arn:aws:iam::%s:role/Deploy", account),
		BreakGlassRoleARN: pulumi.Sprintf("arn:aws:iam::%s:role/BreakGlass", account),
		Readers:           pulumi.StringArray{pulumi.Sprintf("arn:aws:iam::%s:role/Responder", account)},
		Protection:        logarchive.WORM,
		ObjectLock:        &logarchive.ObjectLock{Mode: "GOVERNANCE", RetentionYears: 3, ExpirationDays: 1200},
	}, pulumi.Provider(provider))
	if err != nil {
		return err
	}
	ctx.Export("bucket", logs.BucketName)
	ctx.Export("keyArn", logs.KeyARN)
	return nil
}
