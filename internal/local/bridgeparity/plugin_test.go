package bridgeparity

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// servedSchema returns the package schema of the bridge plugin, built from its module once per state of its files.
func servedSchema(t *testing.T) []byte {
	t.Helper()
	const module = "../bridge"
	sources, err := filepath.Glob(module + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.New()
	for _, file := range append(sources, module+"/go.mod", module+"/go.sum") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		digest.Write([]byte(file))
		digest.Write(text)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(cache, "trailkeep", "bridge-"+hex.EncodeToString(digest.Sum(nil)[:8]), "pulumi-resource-aws")
	if _, err := os.Stat(binary); err != nil {
		build := exec.Command("go", "build", "-o", binary, ".")
		build.Dir = module
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("build the bridge plugin: %v\n%s", err, out)
		}
	}
	schema := exec.Command(binary, "-schema")
	schema.Env = append(os.Environ(), "TRAILKEEP_TERRAFORM_PROVIDER_AWS="+terraformProvider(t))
	schema.Stderr = t.Output()
	out, err := schema.Output()
	if err != nil {
		t.Fatalf("%s -schema: %v", binary, err)
	}
	return out
}

// terraformProvider finds the Terraform AWS provider: the environment's, else one of a filesystem mirror.
// https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
func terraformProvider(t *testing.T) string {
	t.Helper()
	if path := os.Getenv("TRAILKEEP_TERRAFORM_PROVIDER_AWS"); path != "" {
		return path
	}
	home, _ := os.UserHomeDir()
	roots := []string{
		os.Getenv("TF_PLUGIN_CACHE_DIR"),
		filepath.Join(home, ".terraform.d/plugins"),
		filepath.Join(home, ".local/share/terraform/plugins"),
		"/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins", "/opt/tf-plugins",
	}
	const release = "registry.terraform.io/hashicorp/aws/5.100.0/*/terraform-provider-aws_v5.100.0_x*"
	for _, root := range roots {
		if found, _ := filepath.Glob(filepath.Join(root, release)); root != "" && len(found) > 0 {
			return found[0]
		}
	}
	t.Fatalf("the Terraform AWS provider 5.100.0 is in none of %s: set TRAILKEEP_TERRAFORM_PROVIDER_AWS to its path",
		strings.Join(roots, ", "))
	return ""
}
