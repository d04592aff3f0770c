package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func privateCache(t *testing.T) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
}

func TestCachedMakesOnce(t *testing.T) {
	privateCache(t)
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			dir, err := cached(t.Context(), "tool", "abc", func(dir string) error {
				made.Add(1)
				return os.WriteFile(filepath.Join(dir, "tool"), []byte("x"), 0o755)
			})
			if err != nil || !executable(filepath.Join(dir, "tool")) {
				t.Errorf("cached: %v in %s", err, dir)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("made %d times", made.Load())
	}
}

func TestCachedLeavesNothingHalfDone(t *testing.T) {
	privateCache(t)
	fail := errors.New("the build failed")
	_, err := cached(t.Context(), "tool", "abc", func(dir string) error {
		if err := os.WriteFile(filepath.Join(dir, "half"), nil, 0o644); err != nil {
			t.Error(err)
		}
		return fail
	})
	if !errors.Is(err, fail) {
		t.Fatalf("error %v", err)
	}
	// What a killed build left is not taken for a whole one either.
	root, err := cacheDir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(root, "tool-abc.partial", "leftover"), 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := cached(t.Context(), "tool", "abc", func(dir string) error {
		entries, err := os.ReadDir(dir)
		if len(entries) > 0 {
			t.Errorf("the folder holds %v", entries)
		}
		return err
	})
	if err != nil || filepath.Base(dir) != "tool-abc" {
		t.Errorf("cached: %s, %v", dir, err)
	}
}

func TestCachedHeedsCancel(t *testing.T) {
	privateCache(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := cached(ctx, "tool", "abc", func(string) error { t.Error("made"); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestFingerprintSeesEveryChange(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	print := func(extra ...string) string {
		t.Helper()
		names, err := goSources(dir)
		if err != nil {
			t.Fatal(err)
		}
		h, err := fingerprint(dir, names, extra...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	write("a.go", "package a")
	write("go.mod", "module a")
	seen := []string{print()}
	differs := func(what string, h string) {
		t.Helper()
		if slices.Contains(seen, h) {
			t.Errorf("%s goes unseen", what)
		}
		seen = append(seen, h)
	}
	write("a.go", "package b")
	differs("a changed source", print())
	write("b.go", "package b")
	differs("a new source", print())
	write("go.mod", "module b")
	differs("a changed go.mod", print())
	differs("another platform", print("linux"))
	differs("a shifted boundary", print("li", "nux"))
	before := print()
	write("a_test.go", "package b")
	write("README.md", "text")
	if print() != before {
		t.Error("a test or a text changes what is built")
	}
}

func TestDiskError(t *testing.T) {
	full := fmt.Errorf("write x: %w", syscall.ENOSPC)
	expectError(t, diskError(full), "free about 2 GB", "the disk is full")
	expectError(t, diskError(errors.New("go build: write /tmp/x: no space left on device")), "GOCACHE", "the disk is full")
	expectError(t, diskError(syscall.EDQUOT), "quota", "quota")
	if err := diskError(os.ErrPermission); !errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "full") {
		t.Errorf("another error became %v", err)
	}
	if diskError(nil) != nil {
		t.Error("no error became one")
	}
}

func TestWriteFileReplacesInOneStep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.json")
	for _, content := range []string{"old", "new"} {
		if err := writeFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("read %q, %v", got, err)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("left %v, %v", entries, err)
	}
	if err := writeFile("/dev/full/state.json", nil, 0o600); err == nil {
		t.Error("wrote below a device")
	}
}
