package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
)

// A create that fails after the object exists (a wait that times out or is interrupted, a tag that is refused) answers
// with both an error and a state. The bridge keeps only the error, which would leave the object behind unrecorded. So
// the Terraform side below notes the error and lets the state pass, and the Pulumi side returns both in the form that
// makes the engine record the resource and repair it in the next run.

// incomplete collects what went wrong while one resource was created.
type incomplete struct{ reasons []string }

type incompleteKey struct{}

// ApplyResourceChange hides the errors of a create that has a state.
func (p *terraformProvider) ApplyResourceChange(
	ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := p.ProviderServer.ApplyResourceChange(ctx, req)
	creation, creating := ctx.Value(incompleteKey{}).(*incomplete)
	if err != nil || !creating || isNull(resp.NewState) {
		return resp, err
	}
	resp.Diagnostics = slices.DeleteFunc(resp.Diagnostics, func(d *tfprotov6.Diagnostic) bool {
		if d.Severity != tfprotov6.DiagnosticSeverityError {
			return false
		}
		creation.reasons = append(creation.reasons, strings.TrimSpace(d.Summary+" "+d.Detail))
		return true
	})
	return resp, nil
}

// isNull tells whether a state says that there is no object, or nothing that could be recorded.
func isNull(state *tfprotov6.DynamicValue) bool {
	if state == nil {
		return true
	}
	null, err := state.IsNull()
	return null || err != nil
}

// Create reports a resource that exists and is not complete as such.
func (s *server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	creation := new(incomplete)
	resp, err := s.ResourceProviderServer.Create(context.WithValue(ctx, incompleteKey{}, creation), req)
	if len(creation.reasons) == 0 {
		return resp, err
	}
	if err != nil {
		return nil, errors.Join(errors.New(strings.Join(creation.reasons, "; ")), err)
	}
	return nil, rpcerror.WithDetails(
		rpcerror.New(codes.Unknown, strings.Join(creation.reasons, "; ")),
		&pulumirpc.ErrorResourceInitFailed{
			Id: resp.GetId(), Properties: resp.GetProperties(), Inputs: req.GetProperties(), Reasons: creation.reasons,
		})
}
