package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"google.golang.org/grpc"
)

// asked counts how often the provider itself was asked for its schema.
type asked struct {
	tfplugin5.ProviderClient
	times    *int
	optional bool
}

func (a asked) GetSchema(
	context.Context, *tfplugin5.GetProviderSchema_Request, ...grpc.CallOption,
) (*tfplugin5.GetProviderSchema_Response, error) {
	*a.times++
	return &tfplugin5.GetProviderSchema_Response{
		Provider:           &tfplugin5.Schema{Version: 7},
		ServerCapabilities: &tfplugin5.ServerCapabilities{GetProviderSchemaOptional: a.optional},
		ResourceSchemas:    map[string]*tfplugin5.Schema{"aws_kms_key": {Version: 1}, "aws_instance": {}},
		DataSourceSchemas:  map[string]*tfplugin5.Schema{"aws_region": {Version: 2}, "aws_ami": {}},
	}, nil
}

func TestGetSchemaServesTheTableAndAsksOnce(t *testing.T) {
	for _, test := range []struct {
		name     string
		optional bool
		spoil    []byte // what the file holds before the second start
		asked    int
	}{
		{"kept", true, nil, 1},
		{"file cut short", true, []byte{0x0a, 0xff}, 2},
		{"empty file", true, []byte{}, 2},
		{"provider must be asked", false, nil, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "cache", "schema.pb")
			times := 0
			for start := range 2 {
				client := servedOnly{asked{times: &times, optional: test.optional}, file}
				got, err := client.GetSchema(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if len(got.ResourceSchemas) != 1 || got.ResourceSchemas["aws_kms_key"].GetVersion() != 1 ||
					len(got.DataSourceSchemas) != 1 || got.DataSourceSchemas["aws_region"].GetVersion() != 2 ||
					got.Provider.GetVersion() != 7 {
					t.Errorf("start %d: got %v", start, got)
				}
				if start == 0 && test.spoil != nil {
					if err := os.WriteFile(file, test.spoil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			}
			if times != test.asked {
				t.Errorf("the provider was asked %d times, want %d", times, test.asked)
			}
		})
	}
}
