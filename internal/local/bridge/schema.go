package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/spf13/afero"
)

// packageSchema derives the Pulumi package schema that the plugin serves, as JSON.
func packageSchema(info tfbridge.ProviderInfo) ([]byte, error) {
	generator, err := tfgen.NewGenerator(tfgen.GeneratorOptions{
		Package:       info.Name,
		Version:       info.Version,
		Language:      tfgen.Schema,
		ProviderInfo:  info,
		Root:          afero.NewMemMapFs(),
		Sink:          diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never}),
		XInMemoryDocs: true,
		SkipExamples:  true,
	})
	if err != nil {
		return nil, fmt.Errorf("derive the package schema: %w", err)
	}
	generated, err := generator.Generate()
	if err != nil {
		return nil, fmt.Errorf("derive the package schema: %w", err)
	}
	generated.PackageSpec.Version = info.Version
	return json.Marshal(generated.PackageSpec)
}
