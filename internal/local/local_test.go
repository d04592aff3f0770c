package local

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file under testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, diff)
	}
}

// expectError wants a hinted error whose text holds every part.
func expectError(t *testing.T, err error, hint string, parts ...string) {
	t.Helper()
	var hinted *Error
	if !errors.As(err, &hinted) {
		t.Fatalf("error %v has no hint", err)
	}
	if !strings.Contains(hinted.Hint, hint) {
		t.Errorf("hint %q lacks %q", hinted.Hint, hint)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}
