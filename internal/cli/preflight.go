package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/trailkeep/trailkeep/internal/local"
	"github.com/trailkeep/trailkeep/internal/preflight"
	"github.com/trailkeep/trailkeep/stacks/config"
)

func init() { register(preflightCommand) }

func preflightCommand(a *app) *cobra.Command {
	var stackFile string
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: "See on AWS whether a first \"pulumi up\" will work, before it begins",
		Long: `Asks AWS, by reading calls alone and with the credentials that "pulumi up" will
use: is the caller the role that the policies exempt, are the accounts the right
ones, does the organization let CloudTrail in, do the named roles exist, do other
trails record the same events, is a name taken, is a live archive's protection
about to change. Each finding comes with its remedy.

Exits 0 when no check is an error (warnings and what may not be read are
reported), 1 when one is or when nothing could be asked, 2 for a wrong stack file.`,
		Example: `  trailkeep preflight --stack-file Pulumi.prod.yaml
  trailkeep preflight policy --account 222222222222   # what the deploy role needs
  eval "$(trailkeep local env)" && AWS_PROFILE=deploy trailkeep preflight`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := config.Load(stackFile)
			if err != nil {
				return err
			}
			aws, err := awsconfig.LoadDefaultConfig(cmd.Context(), awsconfig.WithRegion(cfg.Region), awsconfig.WithLogger(logging.Nop{}))
			if err != nil {
				return &local.Error{Err: fmt.Errorf("AWS configuration: %w", err), Hint: "see ~/.aws/config and the AWS_ variables of the environment"}
			}
			report, err := preflight.Run(cmd.Context(), cfg, preflight.Clients{Caller: aws})
			var failure *preflight.Failure
			if errors.As(err, &failure) {
				return &local.Error{Err: failure.Err, Hint: failure.Hint}
			}
			if err != nil {
				return err
			}
			if a.format == "json" {
				err = writeJSON(a.stdout, report)
			} else {
				width, colour := terminal(a.stdout)
				err = report.Text(a.stdout, width, colour)
			}
			if err == nil && !report.Passed() {
				err = errFinding
			}
			return err
		},
	}
	cmd.PersistentFlags().StringVar(&stackFile, "stack-file", "Pulumi.dev.yaml", "stack file to check")

	var account string
	policy := &cobra.Command{
		Use:   "policy",
		Short: "Print the identity policy that the deploy role needs",
		Long: `Computes, from the stack file alone, the least that the deploy role needs in each
account, and prints it as JSON. With --format json it comes with the reason of each
statement. Nothing is asked of AWS.`,
		Example: `  trailkeep preflight policy --account 123456789012 > deploy.json
  aws iam put-role-policy --role-name TrailkeepDeploy --policy-name Deploy --policy-document file://deploy.json`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			cfg, err := config.Load(stackFile)
			if err != nil {
				return err
			}
			return writeDeployPolicy(a, preflight.DeployPolicies(cfg), account)
		},
	}
	policy.Flags().StringVar(&account, "account", "", "account id, or its part in the stack: management, audit, replica, account")
	cmd.AddCommand(policy)
	return cmd
}

// writeDeployPolicy prints one policy as a file for the aws command, or all of
// them with their reasons.
func writeDeployPolicy(a *app, policies []preflight.DeployPolicy, account string) error {
	var chosen []preflight.DeployPolicy
	var names []string
	for _, p := range policies {
		names = append(names, fmt.Sprintf("%s (%s)", p.Account, p.Name))
		if account == "" || account == p.Account || account == p.Name {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		return usagef("choose one of "+strings.Join(names, ", "), "the stack does not deploy to account %q", account)
	}
	if a.format != "json" {
		if len(chosen) > 1 {
			return usagef("choose one with --account: "+strings.Join(names, ", "), "the stack deploys to %d accounts, each with a policy of its own", len(chosen))
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, []byte(chosen[0].Document.JSON()), "", "  "); err != nil {
			return err
		}
		_, err := fmt.Fprintln(a.stdout, indented.String())
		return err
	}
	type out struct {
		Account string            `json:"account"`
		Name    string            `json:"name"`
		Policy  json.RawMessage   `json:"policy"`
		Reasons map[string]string `json:"reasons"` // by Sid
	}
	all := []out{}
	for _, p := range chosen {
		o := out{p.Account, p.Name, json.RawMessage(p.Document.JSON()), map[string]string{}}
		for _, s := range p.Document.Statements {
			o.Reasons[s.Sid] = s.Reason
		}
		all = append(all, o)
	}
	return writeJSON(a.stdout, all)
}

// terminal returns the width of a terminal and whether it takes colours; 0 and
// false for a file or a pipe. NO_COLOR is heeded (https://no-color.org).
func terminal(w io.Writer) (width int, colour bool) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0
	}
	return width, os.Getenv("NO_COLOR") == ""
}
