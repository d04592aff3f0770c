package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/internal/fixup"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// providerInfo describes the served provider to the bridge: the running Terraform provider seen through the token
// table.
func providerInfo(ctx context.Context, terraform tfprotov6.ProviderServer) (tfbridge.ProviderInfo, error) {
	shim := proto.New(ctx, terraform)
	info := tfbridge.ProviderInfo{
		P:              shim,
		Name:           "aws",
		Version:        version,
		ResourcePrefix: "aws",
		Config:         providerFields,
		Resources:      map[string]*tfbridge.ResourceInfo{},
		DataSources:    map[string]*tfbridge.DataSourceInfo{},
		MetadataInfo:   &tfbridge.MetadataInfo{Data: tfbridge.ProviderMetadata(nil)},
	}
	var missing []error
	for _, name := range slices.Sorted(maps.Keys(resourceTokens)) {
		if _, ok := shim.ResourcesMap().GetOk(name); !ok {
			missing = append(missing, fmt.Errorf("the Terraform provider has no resource %s", name))
		}
		info.Resources[name] = &tfbridge.ResourceInfo{Tok: resourceTokens[name], Fields: resourceFields[name]}
	}
	for _, name := range slices.Sorted(maps.Keys(dataSourceTokens)) {
		if _, ok := shim.DataSourcesMap().GetOk(name); !ok {
			missing = append(missing, fmt.Errorf("the Terraform provider has no data source %s", name))
		}
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: dataSourceTokens[name], Fields: dataSourceFields[name]}
	}
	if err := errors.Join(missing...); err != nil {
		return info, err
	}
	if err := fixup.Default(&info); err != nil {
		return info, fmt.Errorf("bridge the Terraform provider's schema: %w", err)
	}
	info.SetAutonaming(255, "-")
	return info, nil
}
