package main

import (
	"context"
	"errors"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"
)

// appliesTo answers every apply with one response.
type appliesTo struct {
	tfprotov6.ProviderServer
	resp *tfprotov6.ApplyResourceChangeResponse
}

func (a appliesTo) ApplyResourceChange(
	context.Context, *tfprotov6.ApplyResourceChangeRequest,
) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return a.resp, nil
}

// bridged creates as the bridge does: an error diagnostic is an error, a state is not looked at then.
type bridged struct {
	pulumirpc.UnimplementedResourceProviderServer
	terraform tfprotov6.ProviderServer
}

func (b bridged) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	resp, err := b.terraform.ApplyResourceChange(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return nil, errors.New(d.Summary)
		}
	}
	state, _ := structpb.NewStruct(map[string]any{"arn": "arn:aws:kms:::key/1"})
	return &pulumirpc.CreateResponse{Id: "1", Properties: state}, nil
}

func TestCreateKeepsAnIncompleteResource(t *testing.T) {
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": tftypes.String}}
	dynamic := func(v any) *tfprotov6.DynamicValue {
		value, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, v))
		if err != nil {
			t.Fatal(err)
		}
		return &value
	}
	some := dynamic(map[string]tftypes.Value{"id": tftypes.NewValue(tftypes.String, "1")})
	failed := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityError, Summary: "waiting for KMS Key"}
	warned := &tfprotov6.Diagnostic{Severity: tfprotov6.DiagnosticSeverityWarning, Summary: "deprecated"}

	for _, test := range []struct {
		name       string
		resp       tfprotov6.ApplyResourceChangeResponse
		fails      bool
		incomplete string // the id of what is recorded all the same
	}{
		{"created", tfprotov6.ApplyResourceChangeResponse{NewState: some, Diagnostics: []*tfprotov6.Diagnostic{warned}}, false, ""},
		{"not created", tfprotov6.ApplyResourceChangeResponse{NewState: dynamic(nil), Diagnostics: []*tfprotov6.Diagnostic{failed}}, true, ""},
		{"no answer", tfprotov6.ApplyResourceChangeResponse{Diagnostics: []*tfprotov6.Diagnostic{failed}}, true, ""},
		{"incomplete", tfprotov6.ApplyResourceChangeResponse{NewState: some, Diagnostics: []*tfprotov6.Diagnostic{warned, failed}}, true, "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			terraform := &terraformProvider{ProviderServer: appliesTo{resp: &test.resp}}
			s := &server{ResourceProviderServer: bridged{terraform: terraform}, terraform: terraform}
			inputs, _ := structpb.NewStruct(map[string]any{"description": "d"})
			_, err := s.Create(t.Context(), &pulumirpc.CreateRequest{Properties: inputs})
			if (err != nil) != test.fails {
				t.Fatalf("got error %v, want one: %t", err, test.fails)
			}
			var recorded *pulumirpc.ErrorResourceInitFailed
			if rpc, ok := rpcerror.FromError(err); ok {
				for _, detail := range rpc.Details() {
					recorded, _ = detail.(*pulumirpc.ErrorResourceInitFailed)
				}
			}
			if recorded.GetId() != test.incomplete {
				t.Fatalf("recorded %q, want %q", recorded.GetId(), test.incomplete)
			}
			if test.incomplete != "" && (recorded.Properties.Fields["arn"] == nil ||
				recorded.Inputs.Fields["description"] == nil ||
				len(recorded.Reasons) != 1 || recorded.Reasons[0] != failed.Summary) {
				t.Errorf("recorded %v", recorded)
			}
		})
	}
}

func TestUpdateKeepsItsErrors(t *testing.T) {
	resp := &tfprotov6.ApplyResourceChangeResponse{Diagnostics: []*tfprotov6.Diagnostic{
		{Severity: tfprotov6.DiagnosticSeverityError, Summary: "refused"},
	}}
	got, err := (&terraformProvider{ProviderServer: appliesTo{resp: resp}}).ApplyResourceChange(t.Context(), nil)
	if err != nil || len(got.Diagnostics) != 1 {
		t.Errorf("got %v, %v; an apply outside a create must not lose its errors", got, err)
	}
}
