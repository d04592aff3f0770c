//go:build unix && !linux

package local

import (
	"os/exec"
	"syscall"
)

// dieWithParent can only set the group here: these systems have no signal for
// a parent's death. The next run ends an engine that outlived its own.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
}
