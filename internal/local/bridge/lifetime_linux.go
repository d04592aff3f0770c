package main

import (
	"os/exec"
	"syscall"
)

// dieWithParent makes the kernel kill the command when the thread that starts it ends (prctl(2), PR_SET_PDEATHSIG),
// so that even a plugin killed by signal 9 leaves no provider behind.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
