package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// providerInfo describes the served provider to the bridge: the running Terraform provider seen through the token
// table.
func providerInfo(ctx context.Context, terraform tfprotov6.ProviderServer) (tfbridge.ProviderInfo, error) {
	provider := proto.New(ctx, terraform)
	info := tfbridge.ProviderInfo{
		P:              provider,
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
		resource, ok := provider.ResourcesMap().GetOk(name)
		if !ok {
			missing = append(missing, fmt.Errorf("the Terraform provider has no resource %s", name))
			continue
		}
		info.Resources[name] = resourceInfo(name, resource.Schema())
	}
	for _, name := range slices.Sorted(maps.Keys(dataSourceTokens)) {
		if _, ok := provider.DataSourcesMap().GetOk(name); !ok {
			missing = append(missing, fmt.Errorf("the Terraform provider has no data source %s", name))
			continue
		}
		info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: dataSourceTokens[name]}
	}
	// Every resource with a name that no override renames is named after its Pulumi name where the program gives none.
	info.SetAutonaming(255, "-")
	return info, errors.Join(missing...)
}

func resourceInfo(name string, schema shim.SchemaMap) *tfbridge.ResourceInfo {
	overrides := maps.Clone(resourceFields[name])
	if overrides == nil {
		overrides = fields{}
	}
	// tags_all may be set by Terraform's own bookkeeping only.
	if _, ok := schema.GetOk("tags_all"); ok {
		overrides["tags_all"] = &tfbridge.SchemaInfo{MarkAsComputedOnly: tfbridge.True()}
	}
	// For most resources pulumi-aws has timeouts as an option, customTimeouts, and not as a property.
	if _, ok := schema.GetOk("timeouts"); ok && overrides["timeouts"] == nil {
		overrides["timeouts"] = &tfbridge.SchemaInfo{Omit: true}
	}
	values := newValueTranslation(schema, overrides)
	return &tfbridge.ResourceInfo{
		Tok:              resourceTokens[name],
		Fields:           overrides,
		PreCheckCallback: values.check,
		TransformOutputs: values.outputs,
	}
}
