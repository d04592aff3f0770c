package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpstreamBinary(t *testing.T) {
	dir := t.TempDir()
	file := func(name string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	right := file("terraform-provider-aws_v5.100.0_x5")
	windows := file("terraform-provider-aws_v5.100.0_x5.exe")
	for _, test := range []struct {
		name, path, complaint string
	}{
		{"release", right, ""},
		{"release for Windows", windows, ""},
		{"unset", "", "is not set"},
		{"missing", filepath.Join(dir, "nothing"), "no such file"},
		{"directory", dir, "is not a file"},
		{"other version", file("terraform-provider-aws_v6.0.0_x5"), "is version 6.0.0, only 5.100.0"},
		{"longer version", file("terraform-provider-aws_v5.100.01_x5"), "is version 5.100.01"},
		{"version unknown", file("terraform-provider-aws"), "does not tell its version"},
		{"other provider", file("terraform-provider-awscc_v5.100.0_x5"), "does not tell its version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := upstreamBinary(func(key string) string {
				if key != upstreamVariable {
					t.Errorf("asked for %s", key)
				}
				return test.path
			})
			switch {
			case test.complaint == "" && (err != nil || got != test.path):
				t.Errorf("got %q, %v", got, err)
			case test.complaint != "" && (err == nil || !strings.Contains(err.Error(), test.complaint)):
				t.Errorf("got %q, %v; want an error with %q", got, err, test.complaint)
			case err != nil && !strings.Contains(err.Error(), upstreamVariable):
				t.Errorf("%v does not name the variable to set", err)
			}
		})
	}
}
