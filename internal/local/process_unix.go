//go:build unix

package local

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// lockExclusive takes the advisory lock of an open file. The kernel drops it
// when the process ends, however it ends, so a killed run never leaves one.
// Without wait it returns errLocked when another process holds it.
func lockExclusive(f *os.File, wait bool) error {
	how := syscall.LOCK_EX
	if !wait {
		how |= syscall.LOCK_NB
	}
	for {
		err := syscall.Flock(int(f.Fd()), how)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errLocked
		}
		return err
	}
}

// processAlive says whether a process with this id exists.
func processAlive(pid int) bool {
	if pid <= 0 {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// detach gives a command its own session, so that it outlives this process and
// its terminal.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

func interrupt(p *os.Process) error { return p.Signal(syscall.SIGINT) }
func terminate(pid int) error       { return syscall.Kill(pid, syscall.SIGTERM) }
func kill(pid int) error            { return syscall.Kill(pid, syscall.SIGKILL) }
