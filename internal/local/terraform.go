package local

import (
	"archive/zip"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// terraformProviderEnv names the provider binary outright.
const terraformProviderEnv = "TRAILKEEP_TERRAFORM_PROVIDER_AWS"

// terraformRevision is the commit that HashiCorp tagged v5.100.0. Their builds
// carry it, whatever name the file was given.
const terraformRevision = "f7a3b98da589ab1d52756b0dcee0dbf2de83d635"

// terraformSearch looks for a Terraform AWS provider binary in the places where
// Terraform itself would (https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation).
type terraformSearch struct {
	env    map[string]string
	home   string
	cwd    string
	system []string // implied mirrors of the whole machine
	opt    string   // searched last, to a fixed depth
}

type terraformProvider struct {
	binary string
	origin string
}

func newTerraformSearch(environ []string) *terraformSearch {
	s := &terraformSearch{env: map[string]string{}, opt: "/opt"}
	s.system = []string{"/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"}
	if runtime.GOOS == "darwin" {
		s.system = []string{"/Library/Application Support/io.terraform/plugins"}
	}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		s.env[name] = value
	}
	s.home, _ = os.UserHomeDir()
	s.cwd, _ = os.Getwd()
	return s
}

type place struct{ dir, origin string }

// places lists the folders to look in, best first.
func (s *terraformSearch) places() []place {
	var places []place
	config := s.env["TF_CLI_CONFIG_FILE"]
	if config == "" {
		config = filepath.Join(s.home, ".terraformrc")
	}
	pluginCache := s.env["TF_PLUGIN_CACHE_DIR"]
	var fromConfig []string
	if data, err := os.ReadFile(config); err == nil {
		// A file that Terraform would refuse is Terraform's to report.
		parsed, _ := parseCLIConfig(string(data))
		fromConfig = parsed.mirrors
		if pluginCache == "" {
			pluginCache = parsed.pluginCacheDir
		}
	}
	for _, dir := range fromConfig {
		places = append(places, place{s.expand(dir), "filesystem_mirror of " + config})
	}
	if pluginCache != "" {
		places = append(places, place{s.expand(pluginCache), "Terraform's plugin cache"})
	}
	data := s.env["XDG_DATA_HOME"]
	if data == "" {
		data = filepath.Join(s.home, ".local", "share")
	}
	implied := []string{
		filepath.Join(s.cwd, "terraform.d", "plugins"),
		filepath.Join(s.home, ".terraform.d", "plugins"),
		filepath.Join(data, "terraform", "plugins"),
	}
	if runtime.GOOS == "darwin" {
		implied = append(implied, filepath.Join(s.home, "Library", "Application Support", "io.terraform", "plugins"))
	}
	for _, dir := range append(implied, s.system...) {
		places = append(places, place{dir, "an implied mirror folder"})
	}
	return places
}

func (s *terraformSearch) expand(dir string) string {
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		return filepath.Join(s.home, rest)
	}
	if !filepath.IsAbs(dir) {
		return filepath.Join(s.cwd, dir)
	}
	return dir
}

// find returns the provider binary, or an error that says where it looked and
// which other versions it passed over.
func (s *terraformSearch) find(ctx context.Context) (terraformProvider, error) {
	if named := s.env[terraformProviderEnv]; named != "" {
		info, err := os.Stat(named)
		if err != nil {
			return terraformProvider{}, hinted("correct or unset "+terraformProviderEnv, "%s: %w", terraformProviderEnv, err)
		}
		if info.IsDir() || info.Mode()&0o111 == 0 {
			return terraformProvider{}, hinted("name the file terraform-provider-aws_v"+terraformProviderVersion+"_x5 itself",
				"%s=%s is not an executable file", terraformProviderEnv, named)
		}
		if version := terraformVersion(named); version != terraformProviderVersion {
			return terraformProvider{}, hinted("name a binary of version "+terraformProviderVersion,
				"%s=%s is version %s, and the bridge serves %s only", terraformProviderEnv, named, version, terraformProviderVersion)
		}
		return terraformProvider{named, terraformProviderEnv}, nil
	}
	var looked, others []string
	for _, p := range s.places() {
		looked = append(looked, p.dir)
		if binary := s.mirror(ctx, p.dir, &others); binary != "" {
			return terraformProvider{binary, p.origin}, nil
		}
	}
	looked = append(looked, s.opt)
	if binary := s.walk(ctx, s.opt, &others); binary != "" {
		return terraformProvider{binary, "found under " + s.opt}, nil
	}
	var found string
	if len(others) > 0 {
		found = "; other versions found, not used: " + strings.Join(others, ", ")
	}
	return terraformProvider{}, hinted(
		fmt.Sprintf("install the official plugin (pulumi plugin install resource aws), or let Terraform fetch the provider (terraform providers mirror DIR with hashicorp/aws %s) and set %s to the binary", terraformProviderVersion, terraformProviderEnv),
		"no terraform-provider-aws %s: looked in %s%s", terraformProviderVersion, strings.Join(looked, ", "), found)
}

// mirror looks into one folder of the layout HOST/NAMESPACE/TYPE/VERSION/OS_ARCH
// or its packed form HOST/NAMESPACE/TYPE/terraform-provider-aws_VERSION_OS_ARCH.zip.
func (s *terraformSearch) mirror(ctx context.Context, root string, others *[]string) string {
	target := runtime.GOOS + "_" + runtime.GOARCH
	types, _ := filepath.Glob(filepath.Join(root, "*", "hashicorp", "aws"))
	for _, dir := range types {
		files, _ := filepath.Glob(filepath.Join(dir, "*", target, "terraform-provider-aws*"))
		for _, f := range files {
			if version := terraformVersion(f); version != terraformProviderVersion {
				*others = append(*others, f)
			} else if executable(f) {
				return f
			}
		}
		packed := filepath.Join(dir, "terraform-provider-aws_"+terraformProviderVersion+"_"+target+".zip")
		if _, err := os.Stat(packed); err == nil {
			if binary, err := s.unpack(ctx, packed); err == nil {
				return binary
			}
		}
	}
	return ""
}

// walk looks under a folder to a depth that holds a mirror with its seven
// levels, and no further: /opt may hold anything.
func (s *terraformSearch) walk(ctx context.Context, root string, others *[]string) string {
	const maxDepth, maxEntries = 9, 200_000
	var found string
	seen := 0
	stop := errors.New("stop")
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return fs.SkipDir
		}
		if seen++; seen > maxEntries || ctx.Err() != nil {
			return stop
		}
		if d.IsDir() {
			if strings.Count(strings.TrimPrefix(path, root), string(filepath.Separator)) > maxDepth {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasPrefix(d.Name(), "terraform-provider-aws") || strings.HasSuffix(d.Name(), ".zip") || !executable(path) {
			return nil
		}
		if terraformVersion(path) != terraformProviderVersion {
			*others = append(*others, path)
			return nil
		}
		if other := osArch.FindString(path); other != "" && other != runtime.GOOS+"_"+runtime.GOARCH {
			return nil
		}
		found = path
		return stop
	})
	return found
}

var osArch = regexp.MustCompile(`(linux|darwin|windows|freebsd)_(amd64|arm64|386|arm)\b`)

// unpack takes the binary out of a packed mirror into the cache.
func (s *terraformSearch) unpack(ctx context.Context, packed string) (string, error) {
	info, err := os.Stat(packed)
	if err != nil {
		return "", err
	}
	hash, err := fingerprint("", nil, packed, info.ModTime().String(), fmt.Sprint(info.Size()))
	if err != nil {
		return "", err
	}
	const name = "terraform-provider-aws_v" + terraformProviderVersion
	dir, err := cached(ctx, "terraform-provider-aws", hash, func(dir string) error {
		r, err := zip.OpenReader(packed)
		if err != nil {
			return err
		}
		defer r.Close()
		i := slices.IndexFunc(r.File, func(f *zip.File) bool { return strings.HasPrefix(f.Name, "terraform-provider-aws") })
		if i < 0 {
			return fmt.Errorf("%s holds no provider", packed)
		}
		src, err := r.File[i].Open()
		if err != nil {
			return err
		}
		defer src.Close()
		dst, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_WRONLY, 0o755)
		if err != nil {
			return err
		}
		_, err = io.Copy(dst, src)
		return errors.Join(err, dst.Close())
	})
	return filepath.Join(dir, name), err
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var versionInName = regexp.MustCompile(`terraform-provider-aws_v?(\d+\.\d+\.\d+)`)

// terraformVersion tells a provider binary's version: by the commit recorded in
// it, by its name, or by the mirror folder it lies in. "unknown" otherwise.
func terraformVersion(path string) string {
	if info, err := buildinfo.ReadFile(path); err == nil {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && s.Value == terraformRevision {
				return terraformProviderVersion
			}
		}
	}
	if m := versionInName.FindStringSubmatch(filepath.Base(path)); m != nil {
		return m[1]
	}
	// HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/binary
	if v := filepath.Base(filepath.Dir(filepath.Dir(path))); regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(v) {
		return v
	}
	return "unknown"
}
