package local

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end a command when the thread that started it
// is gone; the caller keeps that thread locked while the command runs. The
// group of its own keeps a terminal's interrupt away from it: the engine is
// told once, by us, and ends in order.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
