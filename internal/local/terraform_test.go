package local

import (
	"archive/zip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// touch makes an executable file with its folders.
func touch(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// inMirror is where a mirror keeps a version of the AWS provider.
func inMirror(root, version string) string {
	return filepath.Join(root, "registry.terraform.io", "hashicorp", "aws", version, runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-aws_v"+version+"_x5")
}

func newSearch(t *testing.T) *terraformSearch {
	t.Helper()
	root := t.TempDir()
	s := &terraformSearch{
		env:  map[string]string{},
		home: filepath.Join(root, "home"), cwd: filepath.Join(root, "cwd"), opt: filepath.Join(root, "opt"),
		system: []string{filepath.Join(root, "usr")},
	}
	for _, dir := range []string{s.home, s.cwd, s.opt} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestTerraformSearchOrder(t *testing.T) {
	s := newSearch(t)
	expect := func(want, origin string) {
		t.Helper()
		got, err := s.find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.binary != want || !strings.HasPrefix(got.origin, origin) {
			t.Errorf("found %s (%s), want %s (%s)", got.binary, got.origin, want, origin)
		}
	}
	// From the last resort to the first choice: each wins over those before it.
	expect(touch(t, inMirror(filepath.Join(s.opt, "image", "plugins"), terraformProviderVersion)), "found under "+s.opt)
	expect(touch(t, inMirror(s.system[0], terraformProviderVersion)), "an implied mirror folder")
	expect(touch(t, inMirror(filepath.Join(s.home, ".terraform.d", "plugins"), terraformProviderVersion)), "an implied mirror folder")

	s.env["TF_PLUGIN_CACHE_DIR"] = filepath.Join(s.home, "cache")
	expect(touch(t, inMirror(s.env["TF_PLUGIN_CACHE_DIR"], terraformProviderVersion)), "Terraform's plugin cache")

	if err := os.WriteFile(filepath.Join(s.home, ".terraformrc"), []byte(`provider_installation { filesystem_mirror { path = "~/mirror" } }`), 0o644); err != nil {
		t.Fatal(err)
	}
	expect(touch(t, inMirror(filepath.Join(s.home, "mirror"), terraformProviderVersion)), "filesystem_mirror of "+s.home)

	s.env["TF_CLI_CONFIG_FILE"] = filepath.Join(s.home, "other.tfrc")
	if err := os.WriteFile(s.env["TF_CLI_CONFIG_FILE"], []byte(`provider_installation { filesystem_mirror { path = "`+s.home+`/second" } }`), 0o644); err != nil {
		t.Fatal(err)
	}
	expect(touch(t, inMirror(filepath.Join(s.home, "second"), terraformProviderVersion)), "filesystem_mirror of "+s.env["TF_CLI_CONFIG_FILE"])

	s.env[terraformProviderEnv] = touch(t, filepath.Join(s.home, "terraform-provider-aws_v"+terraformProviderVersion))
	expect(s.env[terraformProviderEnv], terraformProviderEnv)
}

func TestTerraformSearchPackedMirror(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir()) // where macOS derives the cache from
	s := newSearch(t)
	packed := filepath.Join(s.home, ".terraform.d", "plugins", "registry.terraform.io", "hashicorp", "aws",
		"terraform-provider-aws_"+terraformProviderVersion+"_"+runtime.GOOS+"_"+runtime.GOARCH+".zip")
	touch(t, packed)
	f, err := os.Create(packed)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for name, content := range map[string]string{"LICENSE.txt": "MPL", "terraform-provider-aws_v" + terraformProviderVersion + "_x5": "the binary"} {
		e, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := s.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(got.binary)
	if err != nil || string(data) != "the binary" || !executable(got.binary) {
		t.Errorf("unpacked %s: %q, %v", got.binary, data, err)
	}
}

func TestTerraformSearchRefuses(t *testing.T) {
	tests := []struct {
		name  string
		setup func(t *testing.T, s *terraformSearch)
		want  []string // parts of the error
		hint  string
	}{
		{"nothing anywhere", func(*testing.T, *terraformSearch) {},
			[]string{"no terraform-provider-aws 5.100.0", ".terraform.d", "opt"}, terraformProviderEnv},
		{"another version in a mirror", func(t *testing.T, s *terraformSearch) {
			touch(t, inMirror(filepath.Join(s.home, ".terraform.d", "plugins"), "6.0.0"))
		}, []string{"no terraform-provider-aws 5.100.0", "other versions found, not used", "6.0.0"}, "terraform providers mirror"},
		{"another version under opt", func(t *testing.T, s *terraformSearch) {
			touch(t, filepath.Join(s.opt, "bin", "terraform-provider-aws_v4.67.0_x5"))
		}, []string{"not used", "v4.67.0"}, terraformProviderEnv},
		{"another version by name", func(t *testing.T, s *terraformSearch) {
			s.env[terraformProviderEnv] = touch(t, filepath.Join(s.home, "terraform-provider-aws_v5.99.1_x5"))
		}, []string{"is version 5.99.1", "serves 5.100.0 only"}, "5.100.0"},
		{"a name that tells no version", func(t *testing.T, s *terraformSearch) {
			s.env[terraformProviderEnv] = touch(t, filepath.Join(s.home, "aws-provider"))
		}, []string{"is version unknown"}, "5.100.0"},
		{"a file that is not there", func(_ *testing.T, s *terraformSearch) {
			s.env[terraformProviderEnv] = filepath.Join(s.home, "nowhere")
		}, []string{"nowhere"}, "correct or unset"},
		{"a folder", func(_ *testing.T, s *terraformSearch) {
			s.env[terraformProviderEnv] = s.home
		}, []string{"not an executable file"}, "name the file"},
		{"too deep under opt", func(t *testing.T, s *terraformSearch) {
			touch(t, filepath.Join(s.opt, strings.Repeat("d/", 15), "terraform-provider-aws_v5.100.0_x5"))
		}, []string{"no terraform-provider-aws"}, terraformProviderEnv},
		{"for another machine", func(t *testing.T, s *terraformSearch) {
			touch(t, filepath.Join(s.opt, "hashicorp", "aws", "5.100.0", "windows_386", "terraform-provider-aws_v5.100.0_x5"))
		}, []string{"no terraform-provider-aws"}, terraformProviderEnv},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newSearch(t)
			tt.setup(t, s)
			got, err := s.find(t.Context())
			if err == nil {
				t.Fatalf("found %s", got.binary)
			}
			expectError(t, err, tt.hint, tt.want...)
		})
	}
}

func TestTerraformVersionByFolder(t *testing.T) {
	path := touch(t, filepath.Join(t.TempDir(), "hashicorp", "aws", "5.31.0", "linux_amd64", "terraform-provider-aws"))
	if v := terraformVersion(path); v != "5.31.0" {
		t.Errorf("version = %s, want 5.31.0", v)
	}
}
