package main

import (
	"os"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/archive"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
)

func TestCheckWritesDocumentsAsJSON(t *testing.T) {
	object := resource.NewObjectProperty(resource.PropertyMap{
		"Version":   resource.NewStringProperty("2012-10-17"),
		"Statement": resource.NewArrayProperty([]resource.PropertyValue{}),
	})
	text := resource.NewStringProperty(`{"Statement":[],"Version":"2012-10-17"}`)
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	for _, test := range []struct {
		name     string
		in, want resource.PropertyValue
	}{
		{"object", object, text},
		{"text stays", text, text},
		{"unknown stays", unknown, unknown},
		{"object with an unknown part", resource.NewObjectProperty(resource.PropertyMap{"Id": unknown}), unknown},
	} {
		t.Run(test.name, func(t *testing.T) {
			translation := valueTranslation{documents: []resource.PropertyKey{"policy"}}
			got, err := translation.check(t.Context(), resource.PropertyMap{"policy": test.in, "name": text}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !got["policy"].DeepEquals(test.want) || !got["name"].DeepEquals(text) {
				t.Errorf("got %v, want policy %v", got, test.want)
			}
		})
	}
}

func TestStoredValuesTravelAsPathsOfTheirContent(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	storedPrefix = newStoredPrefix()
	t.Cleanup(func() { storedPrefix = newStoredPrefix() })

	hello, err := asset.FromText("hello")
	if err != nil {
		t.Fatal(err)
	}
	code, err := archive.FromAssets(map[string]any{"index.py": hello})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		kind tfbridge.AssetTranslationKind
		in   resource.PropertyValue
		hash string
	}{
		{"asset", tfbridge.FileAsset, resource.NewAssetProperty(hello), hello.Hash},
		{"archive", tfbridge.FileArchive, resource.NewArchiveProperty(code), code.Hash},
	} {
		t.Run(test.name, func(t *testing.T) {
			translation := valueTranslation{stored: map[resource.PropertyKey]*tfbridge.AssetTranslation{
				"source": stored("", test.kind).Asset,
			}}
			checked, err := translation.check(t.Context(), resource.PropertyMap{"source": test.in}, nil)
			if err != nil {
				t.Fatal(err)
			}
			path := checked["source"].StringValue()
			if content, err := os.ReadFile(path); err != nil || len(content) == 0 {
				t.Fatalf("content of %s: %q, %v", path, content, err)
			}

			state, err := translation.outputs(t.Context(), checked.Copy())
			if err != nil {
				t.Fatal(err)
			}
			var hash string
			if value := state["source"]; value.IsAsset() {
				hash = value.AssetValue().Hash
			} else if value.IsArchive() {
				hash = value.ArchiveValue().Hash
			}
			if hash != test.hash {
				t.Errorf("the program reads %v, want the hash %s", state["source"], test.hash)
			}

			wire, err := plugin.MarshalProperties(state, plugin.MarshalOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := pathsOfStored(wire).Fields["source"].GetStringValue(); got != path {
				t.Errorf("delete sends %q, want %q", got, path)
			}
		})
	}
}
