package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// servedOnly cuts the provider's schema down to the types of the token table before it is translated, and keeps the
// result in a file: asking for the whole schema costs each provider process a second and 100 MB.
type servedOnly struct {
	tfplugin5.ProviderClient
	file string // "" keeps nothing
}

// GetSchema answers from the file where there is one. A provider need not be asked: ours tells so
// (GetProviderSchemaOptional), and Terraform itself does the same.
// https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
func (c servedOnly) GetSchema(
	ctx context.Context, in *tfplugin5.GetProviderSchema_Request, opts ...grpc.CallOption,
) (*tfplugin5.GetProviderSchema_Response, error) {
	if known := readSchema(c.file); known != nil {
		return known, nil
	}
	all, err := c.ProviderClient.GetSchema(ctx, in, opts...)
	if err != nil {
		return nil, err
	}
	served := &tfplugin5.GetProviderSchema_Response{
		Provider:           all.Provider,
		ProviderMeta:       all.ProviderMeta,
		ServerCapabilities: all.ServerCapabilities,
		Diagnostics:        all.Diagnostics,
		ResourceSchemas:    chosen(all.ResourceSchemas, resourceTokens),
		DataSourceSchemas:  chosen(all.DataSourceSchemas, dataSourceTokens),
	}
	if len(all.Diagnostics) == 0 && all.ServerCapabilities.GetGetProviderSchemaOptional() {
		writeSchema(c.file, served)
	}
	return served, nil
}

func chosen[T any](all map[string]*tfplugin5.Schema, table map[string]T) map[string]*tfplugin5.Schema {
	part := make(map[string]*tfplugin5.Schema, len(table))
	for name := range table {
		if schema, ok := all[name]; ok {
			part[name] = schema
		}
	}
	return part
}

// schemaFile names the file for one provider binary and one token table; "" where the machine has no cache folder.
func schemaFile(binary string) string {
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	info, err := os.Stat(binary)
	if err != nil {
		return ""
	}
	key := sha256.New()
	fmt.Fprintln(key, upstreamVersion, binary, info.Size(), info.ModTime().UnixNano())
	fmt.Fprintln(key, slices.Sorted(maps.Keys(resourceTokens)), slices.Sorted(maps.Keys(dataSourceTokens)))
	return filepath.Join(cache, "trailkeep", "bridge-schema", fmt.Sprintf("%x.pb", key.Sum(nil)[:12]))
}

// readSchema returns nil for a file that is missing or not whole.
func readSchema(file string) *tfplugin5.GetProviderSchema_Response {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	schema := new(tfplugin5.GetProviderSchema_Response)
	if err := proto.Unmarshal(content, schema); err != nil || len(schema.ResourceSchemas) == 0 {
		return nil
	}
	return schema
}

// writeSchema replaces the file as a whole, since several plugins start at once. It may fail: the next start asks the
// provider again.
func writeSchema(file string, schema *tfplugin5.GetProviderSchema_Response) {
	content, err := proto.Marshal(schema)
	if file == "" || err != nil || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".draft-*")
	if err != nil {
		return
	}
	defer os.Remove(draft.Name())
	_, err = draft.Write(content)
	if draft.Close() == nil && err == nil {
		_ = os.Rename(draft.Name(), file)
	}
}
