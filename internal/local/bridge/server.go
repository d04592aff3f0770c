package main

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// server is the bridge's provider with the answers of the official plugin that the bridge gives otherwise.
type server struct {
	pulumirpc.ResourceProviderServer
	terraform tfprotov6.ProviderServer
}

// Configure refuses resource references: the engine then passes a resource's id where a program passed the resource
// itself (TopicSubscription.topic, LogSubscriptionFilter.logGroup), which is what the provider's strings expect.
func (s *server) Configure(
	ctx context.Context, req *pulumirpc.ConfigureRequest,
) (*pulumirpc.ConfigureResponse, error) {
	resp, err := s.ResourceProviderServer.Configure(ctx, req)
	if resp != nil {
		resp.AcceptResources = false
	}
	return resp, err
}

// Delete hands the state of a resource with assets over in Terraform's terms.
func (s *server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	req.Properties = pathsOfStored(req.GetProperties())
	return s.ResourceProviderServer.Delete(ctx, req)
}

// Cancel stops what the Terraform provider waits for, so that an interrupted run does not sit out a minute of polling.
func (s *server) Cancel(ctx context.Context, req *emptypb.Empty) (*emptypb.Empty, error) {
	if _, err := s.terraform.StopProvider(ctx, &tfprotov6.StopProviderRequest{}); err != nil {
		return nil, err
	}
	return s.ResourceProviderServer.Cancel(ctx, req)
}
