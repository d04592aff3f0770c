// Package cli is the trailkeep command line, one file a command. A command
// parses flags, calls the package that does the work, and renders what it got;
// it decides nothing about AWS by itself.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/trailkeep/trailkeep/internal/local"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// Exit codes of every command.
const (
	exitOK      = 0 // all of it holds
	exitFinding = 1 // something does not hold, or could not be done
	exitUsage   = 2 // wrong use: flags, arguments, configuration
)

// app is what a command needs of the outside.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	format string // text or json
}

// commands is filled by each command's own file.
var commands []func(*app) *cobra.Command

func register(command func(*app) *cobra.Command) { commands = append(commands, command) }

// errFinding ends a command with exitFinding when its output has said why.
var errFinding = errors.New("finding")

// usageError is a mistake of the person at the keyboard.
type usageError struct {
	err  error
	hint string
}

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usagef(hint, format string, args ...any) error {
	return &usageError{fmt.Errorf(format, args...), hint}
}

// Run executes one command line, given without the program's name, and returns
// the exit code: 0 when all of it holds, 1 for a finding or a failure, 2 for
// wrong use.
func Run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// A second interrupt ends the process at once.
	go func() { <-ctx.Done(); stop() }()

	root := rootCommand(&app{stdin: stdin, stdout: stdout, stderr: stderr})
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	return explain(stderr, root.ExecuteContext(ctx))
}

func rootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "trailkeep",
		Short: "The audit trail of an AWS organization",
		Long: `Trailkeep keeps the audit trail of an AWS organization: a Pulumi program declares
it, this command brings it up on a laptop, and says whether it holds.

Exit codes: 0 when all of it holds, 1 for a finding or a failure, 2 for wrong use.`,
		Example: `  trailkeep local up                     # the whole organization, on this machine
  eval "$(trailkeep local env)"          # point the aws command at it
  aws cloudtrail describe-trails
  trailkeep local down`,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noSuchCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("trailkeep {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usagef("see "+cmd.CommandPath()+" --help", "%w", err)
	})
	root.PersistentFlags().StringVar(&a.format, "format", "text", "what is printed: text or json")
	if err := root.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the flag was declared above
	}
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.format != "text" && a.format != "json" {
			return usagef("use --format text or --format json", "--format is %q", a.format)
		}
		return nil
	}
	for _, command := range commands {
		root.AddCommand(command(a))
	}
	return root
}

// noSuchCommand refuses an argument of a command that only holds others, with
// the commands that may have been meant.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	hint := "see " + cmd.CommandPath() + " --help"
	// cobra's own default is set where it suggests by itself, which is not here.
	cmd.SuggestionsMinimumDistance = 2
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usagef(hint, "unknown command %q for %q", args[0], cmd.CommandPath())
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usagef("see "+cmd.CommandPath()+" --help", "%s takes no arguments, found %q", cmd.CommandPath(), strings.Join(args, " "))
}

// explain prints an error with its next step and returns the exit code.
func explain(w io.Writer, err error) int {
	var usage *usageError
	var hinted *local.Error
	var problems config.Problems
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errFinding):
		return exitFinding
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintf(w, "trailkeep: %s\n", p)
		}
		fmt.Fprintln(w, "hint: trailkeep config documents every key")
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(w, "trailkeep: %v\nhint: %s\n", err, usage.hint)
		return exitUsage
	case errors.As(err, &hinted):
		fmt.Fprintf(w, "trailkeep: %v\nhint: %s\n", err, hinted.Hint)
		if hinted.Misuse {
			return exitUsage
		}
		return exitFinding
	default:
		fmt.Fprintf(w, "trailkeep: %v\n", err)
		return exitFinding
	}
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}
