package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/sig"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// valueTranslation turns the values of one resource type that Terraform knows only as strings: JSON documents given as
// objects, and assets and archives, of which Terraform takes the path. The bridge does neither for a provider that it
// reaches through the protocol.
type valueTranslation struct {
	documents []resource.PropertyKey
	stored    map[resource.PropertyKey]*tfbridge.AssetTranslation
}

func newValueTranslation(schema shim.SchemaMap, overrides fields) valueTranslation {
	t := valueTranslation{stored: map[resource.PropertyKey]*tfbridge.AssetTranslation{}}
	for name, info := range overrides {
		key := resource.PropertyKey(tfbridge.TerraformToPulumiNameV2(name, schema, overrides))
		if len(info.AltTypes) == 1 && info.AltTypes[0] == documentType {
			t.documents = append(t.documents, key)
		}
		if info.Asset != nil {
			t.stored[key] = info.Asset
		}
	}
	return t
}

// check translates a program's inputs.
func (t valueTranslation) check(_ context.Context, inputs, _ resource.PropertyMap) (resource.PropertyMap, error) {
	for _, key := range t.documents {
		value := inputs[key]
		if !value.IsObject() && !value.IsArray() {
			continue
		}
		if value.ContainsUnknowns() {
			inputs[key] = resource.MakeComputed(resource.NewStringProperty(""))
			continue
		}
		text, err := json.Marshal(value.MapRepl(nil, nil))
		if err != nil {
			return nil, fmt.Errorf("%s: write the document as JSON: %w", key, err)
		}
		inputs[key] = resource.NewStringProperty(string(text))
	}
	for key, translation := range t.stored {
		path, err := storedPath(inputs[key], translation)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		if path != "" {
			inputs[key] = resource.NewStringProperty(path)
		}
	}
	return inputs, nil
}

// storedPrefix begins the name of the file that the bridge's own translation writes; the rest is the content's hash,
// so that the same content is no change and another one is.
var storedPrefix = newStoredPrefix()

func newStoredPrefix() string { return filepath.Join(os.TempDir(), "pulumi-asset-") }

// storedPath writes an asset or archive to its file; it returns no path for any other value.
func storedPath(value resource.PropertyValue, translation *tfbridge.AssetTranslation) (string, error) {
	var path any
	var err error
	switch {
	case value.IsAsset():
		if err := value.AssetValue().EnsureHash(); err != nil {
			return "", err
		}
		path, err = translation.TranslateAsset(value.AssetValue())
	case value.IsArchive():
		if err := value.ArchiveValue().EnsureHash(); err != nil {
			return "", err
		}
		path, err = translation.TranslateArchive(value.ArchiveValue())
	default:
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return path.(string), nil // both translations of a file kind return its path
}

// outputs gives a program an asset back, known by its hash, where Terraform has the path. The way back needs
// nothing: the bridge notes beside the state that the value was an asset and finds its path by the same rule. Only its
// Delete does not look at that note, see pathsOfStored.
func (t valueTranslation) outputs(_ context.Context, state resource.PropertyMap) (resource.PropertyMap, error) {
	for key, translation := range t.stored {
		value := state[key]
		if !value.IsString() {
			continue
		}
		hash, ok := strings.CutPrefix(value.StringValue(), storedPrefix)
		switch {
		case !ok:
			// Not written by check: the value stays the path that it is.
		case translation.IsArchive():
			state[key] = resource.NewArchiveProperty(&archive.Archive{Sig: sig.ArchiveSig, Hash: hash})
		default:
			state[key] = resource.NewAssetProperty(&asset.Asset{Sig: sig.AssetSig, Hash: hash})
		}
	}
	return state, nil
}

// pathsOfStored puts the path in place of every asset and archive of a resource's state.
func pathsOfStored(state *structpb.Struct) *structpb.Struct {
	plain := proto.CloneOf(state)
	for key, value := range plain.GetFields() {
		object := value.GetStructValue().GetFields()
		switch object[sig.Key].GetStringValue() {
		case sig.AssetSig, sig.ArchiveSig:
			plain.Fields[key] = structpb.NewStringValue(storedPrefix + object["hash"].GetStringValue())
		}
	}
	return plain
}
