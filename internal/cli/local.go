package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/trailkeep/trailkeep/internal/local"
	"github.com/trailkeep/trailkeep/internal/preflight"
	"github.com/trailkeep/trailkeep/stacks"
	"github.com/trailkeep/trailkeep/stacks/config"
)

func init() { register(localCommand) }

func localCommand(a *app) *cobra.Command {
	var opts local.Options
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Bring the organization up on this machine, without an AWS account",
		Long: `Brings a stack up with the real Pulumi engine and the real AWS provider against an
emulated AWS organization: a management account, an audit account and a few
members, with the roles and people that on AWS exist beforehand.

Engine, provider and emulator are found, or built once and kept in the user's
cache folder. Everything else is kept in .trailkeep/local of the project. The
emulator keeps running until "down".

The engine reads the same Pulumi.yaml and Pulumi.NAME.yaml as "pulumi up" would.`,
		Example: `  trailkeep local up
  eval "$(trailkeep local env)"
  aws cloudtrail describe-trails
  aws cloudtrail stop-logging --name organization-trail   # break something
  trailkeep local preview                                 # it is seen
  trailkeep local up                                      # and repaired
  trailkeep local down`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := cmd.PersistentFlags()
	flags.StringVarP(&opts.Stack, "stack", "s", "dev", "stack file to use: Pulumi.NAME.yaml")
	flags.StringVar(&opts.Project, "project", "", "folder with Pulumi.yaml (default: the nearest one at or above this)")
	flags.StringVar(&opts.State, "state", "", "folder that keeps everything (default: .trailkeep/local of the project)")
	endpoint := func(cmd *cobra.Command) {
		cmd.Flags().StringVar(&opts.Endpoint, "endpoint", "", "URL of an AWS emulator that runs already; it is never ended")
		cmd.Flags().IntVar(&opts.Port, "port", local.DefaultPort, "port of the emulator that is started")
		cmd.MarkFlagsMutuallyExclusive("endpoint", "port")
	}

	up := &cobra.Command{
		Use:   "up",
		Short: "Make the organization what the stack file declares",
		Long: `Starts the emulator if none runs, brings the stack up, and says what exists where,
what protects it and what is left to do by hand. A second run changes nothing,
unless something was changed behind its back: then it is repaired.

A run that was cut off, whatever by, is taken up where it stopped.`,
		Example: `  trailkeep local up
  trailkeep local up --stack archive && trailkeep local up --stack trail
  trailkeep local up --endpoint http://127.0.0.1:4566     # LocalStack, for instance`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.operate(cmd, opts, (*local.Organization).Up, func(o *local.Organization, r *local.Result) error {
				return writeSummary(a.stdout, o, r, again(cmd))
			})
		},
	}
	endpoint(up)
	preview := &cobra.Command{
		Use:   "preview",
		Short: "Say what up would change, drift included",
		Long: `Reads everything from the emulated AWS and compares it with the program. Nothing is
changed. Exits 0 when all is as declared, 1 when up would change something.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.operate(cmd, opts, (*local.Organization).Preview, func(_ *local.Organization, r *local.Result) error {
				writeChanges(a.stdout, "would be ", r)
				return nil
			})
		},
	}
	endpoint(preview)
	status := &cobra.Command{
		Use:   "status",
		Short: "Say what runs, and which stacks are up in it",
		Long:  "Looks without starting or changing anything. Exits 0 when the emulator runs, 1 when it does not.",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := local.Inspect(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if a.format == "json" {
				err = writeJSON(a.stdout, s)
			} else {
				writeStatus(a.stdout, s)
			}
			if err == nil && !s.Running {
				err = errFinding
			}
			return err
		},
	}
	env := &cobra.Command{
		Use:   "env",
		Short: "Print what points the aws command at the local organization",
		Long: `Prints export lines for a POSIX shell. The profile management is the default; every
other account has a profile of its name, and deploy, break-glass and reader are
the roles of the same names. Your own AWS configuration is not touched.`,
		Example: `  eval "$(trailkeep local env)"
  aws sts get-caller-identity
  aws --profile audit s3 ls
  aws --profile reader s3 ls        # asks for an MFA code: any six digits`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := local.Open(opts)
			if err != nil {
				return err
			}
			env, err := o.Env(os.Environ())
			if err != nil {
				return err
			}
			if a.format == "json" {
				return writeJSON(a.stdout, environment(env))
			}
			_, err = fmt.Fprint(a.stdout, env)
			return err
		},
	}
	down := &cobra.Command{
		Use:   "down",
		Short: "End the emulator and forget the state",
		Long: `Ends the emulator that "up" started, and with it everything in it, and deletes the
state folder. An endpoint that was given is left running. Nothing to take down is
no error.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			was, err := local.Down(cmd.Context(), opts)
			if err != nil {
				return err
			}
			if a.format == "json" {
				return writeJSON(a.stdout, map[string]bool{"removed": was})
			}
			if was {
				fmt.Fprintln(a.stdout, "The local organization is gone.")
			} else {
				fmt.Fprintln(a.stdout, "There is no local organization.")
			}
			return nil
		},
	}
	cmd.AddCommand(up, preview, status, env, down)
	return cmd
}

// operate runs one operation of the engine with progress, and renders its
// result. Changes that a preview found, and recoveries that need a person, are
// findings.
func (a *app) operate(cmd *cobra.Command, opts local.Options, do func(*local.Organization, context.Context) (*local.Result, error), text func(*local.Organization, *local.Result) error) error {
	if opts.Stack == "" {
		return usagef("name the stack: NAME of Pulumi.NAME.yaml", "--stack is empty")
	}
	p := newProgress(a.stderr)
	opts.Program, opts.Progress = stacks.Run, p.event
	var report preflight.Report
	var cfg *config.Config
	opts.Before = func(ctx context.Context, caller aws.Config, known func(token, id string) bool) (err error) {
		report, err = preflight.Run(ctx, cfg, preflight.Clients{Caller: caller, Known: known})
		if err == nil && !report.Passed() {
			err = errFinding
		}
		return err
	}
	o, err := local.Open(opts)
	if err != nil {
		return err
	}
	cfg = o.Config()
	p.start()
	result, err := do(o, cmd.Context())
	p.stop()
	if err != nil {
		if errors.Is(err, errFinding) {
			return errors.Join(a.refuse(report), errFinding)
		}
		return err
	}
	if a.format == "json" {
		err = writeJSON(a.stdout, result)
	} else {
		err = text(o, result)
	}
	if err != nil {
		return err
	}
	if result.Recovered != nil && len(result.Recovered.Manual) > 0 {
		return errFinding
	}
	if cmd.Name() == "preview" && len(result.Changes)+len(result.Drift) > 0 {
		return errFinding
	}
	return nil
}

// again is how this command line is begun once more, so that what is suggested
// can be pasted: the program as it was called, and the flags that choose a
// folder or a stack.
func again(cmd *cobra.Command) func(verb string) string {
	program := os.Args[0]
	if !strings.ContainsRune(program, os.PathSeparator) || filepath.IsAbs(program) && strings.HasPrefix(program, os.TempDir()) {
		program = "trailkeep"
	}
	var flags string
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if f.Name == "stack" || f.Name == "project" || f.Name == "state" {
			value := f.Value.String()
			if strings.ContainsAny(value, " '\"$&;|<>()*?`\\") {
				value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
			}
			flags += " --" + f.Name + " " + value
		}
	})
	return func(verb string) string { return program + " local " + verb + flags }
}

// refuse prints a preflight that found what would stop the up.
func (a *app) refuse(report preflight.Report) error {
	if a.format == "json" {
		return writeJSON(a.stdout, report)
	}
	width, colour := terminal(a.stderr)
	return report.Text(a.stderr, width, colour)
}

// environment reads the export lines back into a map.
func environment(lines string) map[string]string {
	env := map[string]string{}
	for line := range strings.Lines(lines) {
		if kv, ok := strings.CutPrefix(strings.TrimSpace(line), "export "); ok {
			name, value, _ := strings.Cut(kv, "=")
			env[name] = strings.Trim(value, "'")
		}
	}
	return env
}

func writeJSON(w interface{ Write([]byte) (int, error) }, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
