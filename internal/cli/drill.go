package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/trailkeep/trailkeep/detections"
	"github.com/trailkeep/trailkeep/internal/drill"
	"github.com/trailkeep/trailkeep/stacks/config"
)

func init() { register(drillCommand) }

func drillCommand(a *app) *cobra.Command {
	var events []string
	var stackFile string
	cmd := &cobra.Command{
		Use:   "drill [ALARM...]",
		Short: "Prove that every alarm fires, or see what alarms make of your own events",
		Long: `Takes CloudTrail events through the metric filters, CloudWatch's clock and the
alarms, on this machine: no AWS account is asked.

Alone, it proves the catalogue: each alarm's own events have to fire it, and its
near misses have to leave it silent. With names of alarms it drills these, and
shows every case and what the notification would say.

With --events it replays CloudTrail files (.json, .json.gz, directories; any of
the shapes in which AWS gives records), and says which alarms would have fired,
how often, by whom and when. What cannot be read is named by file and record, and
the rest is read. Alarms that watch things by their names, such as the log bucket,
need --stack-file.

Exits 0 when every alarm did what it has to or every record was read, 1 when not.`,
		Example: `  trailkeep drill
  trailkeep drill root-usage console-brute-force
  trailkeep drill --events ./AWSLogs --stack-file Pulumi.prod.yaml
  trailkeep drill --events trail.json.gz --format json | jq '.alarms[] | select(.fired | length > 0)'`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return alarmIDs(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			chosen, err := chooseAlarms(args)
			if err != nil {
				return err
			}
			if !cmd.Flags().Changed("events") {
				if stackFile != "" {
					return usagef("add --events PATH, or leave --stack-file out", "--stack-file names a deployment, and without --events the catalogue's own events are drilled")
				}
				return drillCatalogue(a, chosen, len(args) > 0)
			}
			if stackFile != "" {
				if chosen, err = withNamesOf(stackFile, chosen); err != nil {
					return err
				}
			}
			return drillEvents(cmd.Context(), a, events, chosen)
		},
	}
	cmd.Flags().StringSliceVar(&events, "events", nil, "CloudTrail files or directories to replay")
	cmd.Flags().StringVar(&stackFile, "stack-file", "", "stack file whose names the alarms watch; only with --events")
	return cmd
}

func alarmIDs() []string {
	var ids []string
	for _, d := range detections.All() {
		ids = append(ids, d.ID)
	}
	return ids
}

// chooseAlarms returns the entries of these ids, all for none.
func chooseAlarms(ids []string) ([]detections.Detection, error) {
	all := detections.All()
	if len(ids) == 0 {
		return all, nil
	}
	var chosen []detections.Detection
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(d detections.Detection) bool { return d.ID == id }) {
			return nil, usagef("the alarms are "+strings.Join(alarmIDs(), ", "), "there is no alarm %q", id)
		}
	}
	for _, d := range all {
		if slices.Contains(ids, d.ID) {
			chosen = append(chosen, d)
		}
	}
	return chosen, nil
}

// withNamesOf puts a deployment's names into the patterns.
func withNamesOf(stackFile string, entries []detections.Detection) ([]detections.Detection, error) {
	cfg, err := config.Load(stackFile)
	if err != nil {
		return nil, err
	}
	named := make([]detections.Detection, len(entries))
	for i, d := range entries {
		if named[i], err = d.For(namesOf(cfg)); err != nil {
			return nil, usagef("drill with the stack file of the trail", "stack file %s: %w", stackFile, err)
		}
	}
	return named, nil
}

// namesOf are the names by which a stack's alarms know what they watch.
func namesOf(cfg *config.Config) detections.Names {
	n := detections.Names{
		ManagementAccount: cfg.Account,
		AuditAccount:      cfg.Account,
		TrailName:         cfg.Trail.Name,
		LogBucket:         cfg.Archive.BucketName,
		LogGroup:          cfg.Trail.LogGroup.Name,
		Topic:             detections.ExampleNames().Topic,
	}
	if cfg.Organization != nil {
		n.ManagementAccount, n.AuditAccount = cfg.Organization.ManagementAccount, cfg.Organization.AuditAccount
	}
	return n
}

func drillCatalogue(a *app, chosen []detections.Detection, cases bool) error {
	var err error
	for i := range chosen {
		if chosen[i], err = chosen[i].For(detections.ExampleNames()); err != nil {
			return err
		}
	}
	proofs, err := drill.Prove(chosen)
	if err != nil {
		return err
	}
	if a.format == "json" {
		err = writeJSON(a.stdout, proofs)
	} else {
		_, colour := terminal(a.stdout)
		err = drill.Text(a.stdout, proofs, cases, colour)
	}
	if err == nil && slices.ContainsFunc(proofs, func(p drill.Proof) bool { return !p.Passed() }) {
		err = errFinding
	}
	return err
}

func drillEvents(ctx context.Context, a *app, paths []string, chosen []detections.Detection) error {
	var progress drill.Progress
	stop := showCount(a.stderr, &progress)
	report, err := drill.Replay(ctx, paths, chosen, &progress)
	stop()
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("name a CloudTrail file or a directory of them", "--events: %w", err)
	}
	if err != nil {
		return err
	}
	if report.Files == 0 {
		return usagef("name a CloudTrail file or a directory of them", "--events: %s: no .json or .json.gz file in it", strings.Join(paths, ", "))
	}
	if a.format == "json" {
		err = writeJSON(a.stdout, report)
	} else {
		_, colour := terminal(a.stdout)
		err = report.Text(a.stdout, colour)
	}
	if err == nil && len(report.Problems) > 0 {
		err = errFinding
	}
	return err
}

// showCount shows on a terminal how far something has come, from its second
// second on, until the function that it returns is called.
func showCount(w io.Writer, count fmt.Stringer) (stop func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(f, "\r\x1b[K%s", count)
			case <-quit:
				fmt.Fprint(f, "\r\x1b[K")
				return
			}
		}
	}()
	return func() { close(quit); <-done }
}
