package local

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
)

var errLocked = errors.New("locked by another process")

// cacheDir is where tools that take minutes to build are kept between runs and
// between checkouts.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find the user's cache folder: %w", err)
	}
	return filepath.Join(base, "trailkeep"), nil
}

// fingerprint names a build by what goes into it: the listed files of a folder,
// their names and contents.
func fingerprint(dir string, names []string, extra ...string) (string, error) {
	h := sha256.New()
	sort.Strings(names)
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(data))
		h.Write(data)
	}
	for _, e := range extra {
		fmt.Fprintf(h, "%d %s\n", len(e), e)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

// goSources lists what a Go build of a folder reads: sources, module files and
// whatever is not a test.
func goSources(dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if name == "testdata" || (strings.HasPrefix(name, ".") && path != dir) {
				return filepath.SkipDir
			}
			return nil
		}
		switch {
		case strings.HasSuffix(name, "_test.go"):
		case strings.HasSuffix(name, ".go"), name == "go.mod", name == "go.sum":
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			names = append(names, rel)
		}
		return nil
	})
	return names, err
}

// cached returns the folder NAME-HASH of the cache, making it first if it is
// missing. make fills a fresh folder; the result appears under its final name
// all at once, and two processes never make the same one twice.
func cached(ctx context.Context, name, hash string, make func(dir string) error) (string, error) {
	root, err := cacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, name+"-"+hash)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", diskError(err)
	}
	lock, err := os.OpenFile(dir+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return "", diskError(err)
	}
	defer lock.Close()
	if err := lockExclusive(lock, true); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	// A killed build leaves its folder; under the lock nobody else owns it.
	tmp := dir + ".partial"
	if err := os.RemoveAll(tmp); err != nil {
		return "", err
	}
	if err := os.MkdirAll(tmp, 0o755); err != nil {
		return "", diskError(err)
	}
	if err := make(tmp); err != nil {
		os.RemoveAll(tmp)
		return "", diskError(err)
	}
	if err := os.Rename(tmp, dir); err != nil {
		return "", diskError(err)
	}
	return dir, nil
}

// run executes a tool and keeps the end of what it said for the error.
func run(ctx context.Context, dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.Env = env
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		said := lastLines(errOut.String()+out.String(), 8)
		return "", fmt.Errorf("%s %s: %w%s", filepath.Base(name), strings.Join(args, " "), err, said)
	}
	return out.String(), nil
}

func lastLines(s string, n int) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	if len(lines) == 1 && lines[0] == "" {
		return ""
	}
	return "\n  " + strings.Join(lines, "\n  ")
}

// writeFile replaces a file in one step: a reader sees the old content or the
// new one, and a full disk leaves the old one.
func writeFile(path string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return diskError(err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return diskError(err)
	}
	defer os.Remove(f.Name())
	if _, err := io.Copy(f, bytes.NewReader(data)); err != nil {
		f.Close()
		return diskError(err)
	}
	if err := errors.Join(f.Chmod(mode), f.Close()); err != nil {
		return diskError(err)
	}
	return diskError(os.Rename(f.Name(), path))
}
