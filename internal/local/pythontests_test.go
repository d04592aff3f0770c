package local

import (
	"os/exec"
	"testing"
)

// TestEmulatorExtensions runs the emulator's own tests, in Python, with the
// interpreter that the emulator would run with; it is installed if need be.
func TestEmulatorExtensions(t *testing.T) {
	t.Parallel()
	python, err := findPython(t.Context(), func(step string) { t.Log(step) })
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-B", "-m", "unittest")
	cmd.Dir = "emulator"
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
