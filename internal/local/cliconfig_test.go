package local

import (
	"slices"
	"testing"
)

func TestParseCLIConfig(t *testing.T) {
	tests := []struct {
		name, text string
		mirrors    []string
		cache      string
		fails      bool
	}{
		{name: "empty", text: ""},
		{name: "mirror", text: `provider_installation {
  filesystem_mirror {
    path    = "/usr/share/terraform/providers"
    include = ["example.com/*/*", "registry.terraform.io/hashicorp/aws"]
  }
  direct { exclude = ["example.com/*/*"] }
}`, mirrors: []string{"/usr/share/terraform/providers"}},
		{name: "two mirrors, comments, cache", text: `# first
plugin_cache_dir = "$HOME/.cache" // not expanded by Terraform either
/* a
   block */ provider_installation {
  filesystem_mirror { path = "/a b" }
  filesystem_mirror {
    path = "C:\\mirror" # escaped
  }
  network_mirror { url = "https://mirror.example.com/" }
}`, mirrors: []string{"/a b", `C:\mirror`}, cache: "$HOME/.cache"},
		{name: "a path elsewhere is no mirror", text: `credentials "app.terraform.io" { path = "/x" }
path = "/y"
provider_installation { dev_overrides { "hashicorp/aws" = "/z" } }`},
		{name: "an object as value", text: `provider_installation = { filesystem_mirror = { path = "/m" } }`, mirrors: []string{"/m"}},
		{name: "what stands before an error counts", text: `plugin_cache_dir = "/c"
provider_installation {`, cache: "/c", fails: true},
		{name: "string without end", text: `plugin_cache_dir = "/c`, fails: true},
		{name: "comment without end", text: `/* x`, fails: true},
		{name: "stray brace", text: `}`, fails: true},
		{name: "no value", text: `plugin_cache_dir =`, fails: true},
		{name: "list without end", text: `a = ["b"`, fails: true},
		{name: "name without value", text: `a b`, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := parseCLIConfig(tt.text)
			if (err != nil) != tt.fails {
				t.Fatalf("error = %v, fails = %v", err, tt.fails)
			}
			if !slices.Equal(c.mirrors, tt.mirrors) || c.pluginCacheDir != tt.cache {
				t.Errorf("got mirrors %q, cache %q; want %q, %q", c.mirrors, c.pluginCacheDir, tt.mirrors, tt.cache)
			}
		})
	}
}

// FuzzParseCLIConfig: no input makes the parser panic, loop, or find a mirror
// that the text does not spell out.
func FuzzParseCLIConfig(f *testing.F) {
	f.Add(`provider_installation { filesystem_mirror { path = "/a" } }`)
	f.Add("plugin_cache_dir = \"a\\\"b\" # c\n")
	f.Add(`a = [[["x"],]] b { c "d" {} }`)
	f.Fuzz(func(t *testing.T, text string) {
		c, _ := parseCLIConfig(text)
		for _, m := range c.mirrors {
			if len(m) > len(text) {
				t.Errorf("mirror %q is longer than its text", m)
			}
		}
	})
}
