package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/trailkeep/trailkeep/cloudtrail"
)

func init() { register(explainCommand) }

func explainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain FILE...|-",
		Short: "Read CloudTrail records out in plain English",
		Long: `Says of each record who did what, when, from where and with what result, and nothing
that the record does not say. It reads what AWS writes: log, digest and Insights
files (.json or .json.gz), single records, an answer of lookup-events, events of
EventBridge and of CloudWatch Logs.

What cannot be read is named with file, record and place; the rest is read all the
same. Exits 1 when there was such a thing.`,
		Example: `  trailkeep explain 123456789012_CloudTrail_eu-central-1_20261124T1030Z_abc.json.gz
  aws cloudtrail lookup-events --max-results 5 | trailkeep explain -
  trailkeep explain --format json event.json`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name a file, or - for standard input", "no file is named")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			failed := false
			for _, name := range args {
				ok, err := a.explainFile(name)
				if err != nil {
					return err
				}
				failed = failed || !ok
			}
			if failed {
				return errFinding
			}
			return nil
		},
	}
}

// explainFile reports whether all of a file could be read.
func (a *app) explainFile(name string) (bool, error) {
	file, from := io.Reader(a.stdin), "standard input"
	if name != "-" {
		opened, err := os.Open(name)
		if err != nil {
			fmt.Fprintf(a.stderr, "trailkeep: %v\n", err)
			return false, nil
		}
		defer opened.Close()
		file, from = opened, name
	}
	ok := true
	for entry, err := range cloudtrail.Read(from, file) {
		if err != nil {
			fmt.Fprintf(a.stderr, "trailkeep: %v\n", err)
			ok = false
			continue
		}
		var explanation cloudtrail.Explanation
		if entry.Digest != nil {
			explanation = cloudtrail.ExplainDigest(entry.Digest)
		} else {
			explanation = cloudtrail.Explain(entry.Record)
		}
		if err := a.writeExplanation(explanation); err != nil {
			return false, err
		}
	}
	return ok, nil
}

func (a *app) writeExplanation(e cloudtrail.Explanation) error {
	if a.format == "json" {
		return json.NewEncoder(a.stdout).Encode(e)
	}
	_, err := fmt.Fprintln(a.stdout, e.Text)
	return err
}
