package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// terraformProviderVersion is the Terraform AWS provider that pulumi-aws 6.83
// is generated from. The bridge serves that one's schema under Pulumi's tokens,
// so another version would serve other properties.
const terraformProviderVersion = "5.100.0"

// plugin is the provider that the engine will start.
type plugin struct {
	binary    string
	version   string // of pulumi-aws, without v
	official  bool
	terraform string // the Terraform provider's binary behind the bridge
	origin    string // where the latter was found, for people
}

// findPlugin returns the official pulumi-aws plugin of the pinned version where
// it is installed already, else the bridge over a Terraform provider binary.
func findPlugin(ctx context.Context, source string, step func(string)) (*plugin, error) {
	version, err := requiredVersion(filepath.Join(source, "go.mod"), providerModule)
	if err != nil {
		return nil, err
	}
	p := &plugin{version: strings.TrimPrefix(version, "v")}
	if binary := officialPlugin(ctx, version); binary != "" {
		p.binary, p.official = binary, true
		step("official pulumi-resource-aws " + version + " from " + binary)
		return p, nil
	}

	search := newTerraformSearch(os.Environ())
	found, err := search.find(ctx)
	if err != nil {
		return nil, err
	}
	p.terraform, p.origin = found.binary, found.origin

	bridge := filepath.Join(source, "internal", "local", "bridge")
	names, err := goSources(bridge)
	if err != nil {
		return nil, err
	}
	hash, err := fingerprint(bridge, names, runtime.GOOS, runtime.GOARCH)
	if err != nil {
		return nil, err
	}
	dir, err := cached(ctx, "bridge", hash, func(dir string) error {
		step("building the provider bridge (the first time only, about 2 minutes on 2 cores)")
		// No flag that changes what is compiled: the bridge's own tests then
		// share the compiled packages.
		return goBuild(ctx, bridge, filepath.Join(dir, "pulumi-resource-aws"), ".", "-ldflags", "-s -w")
	})
	if err != nil {
		return nil, fmt.Errorf("build the provider bridge: %w", err)
	}
	p.binary = filepath.Join(dir, "pulumi-resource-aws")
	step("bridge to terraform-provider-aws " + terraformProviderVersion + " from " + found.binary + " (" + found.origin + ")")
	return p, nil
}

// officialPlugin looks where "pulumi plugin install" puts plugins, then on PATH.
func officialPlugin(ctx context.Context, version string) string {
	home := os.Getenv("PULUMI_HOME")
	if home == "" {
		if user, err := os.UserHomeDir(); err == nil {
			home = filepath.Join(user, ".pulumi")
		}
	}
	installed := filepath.Join(home, "plugins", "resource-aws-"+version, "pulumi-resource-aws")
	if info, err := os.Stat(installed); err == nil && info.Mode().IsRegular() {
		return installed
	}
	onPath, err := exec.LookPath("pulumi-resource-aws")
	if err != nil {
		return ""
	}
	out, err := run(ctx, "", os.Environ(), onPath, "--version")
	if err != nil || strings.TrimPrefix(strings.TrimSpace(out), "v") != strings.TrimPrefix(version, "v") {
		return ""
	}
	return onPath
}

// install puts the plugin where an engine with this home looks for it. On PATH
// it would work too, but with a warning on every run.
func (p *plugin) install(home string) error {
	dir := filepath.Join(home, "plugins", "resource-aws-v"+p.version)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return diskError(err)
	}
	link := filepath.Join(dir, "pulumi-resource-aws")
	if now, err := os.Readlink(link); err == nil && now == p.binary {
		return nil
	}
	if err := os.Remove(link); err != nil && !os.IsNotExist(err) {
		return err
	}
	return diskError(os.Symlink(p.binary, link))
}
