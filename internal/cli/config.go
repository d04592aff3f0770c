package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/trailkeep/trailkeep/stacks/config"
)

func init() { register(configCommand) }

func configCommand(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Document every configuration key, or check a stack file",
		Long: `Prints every key of a stack file (Pulumi.NAME.yaml) with its type, default, allowed
values and reason. Editors show the same from schema/pulumi-stack.schema.json.`,
		Example: `  trailkeep config
  trailkeep config --as markdown > keys.md
  trailkeep config check Pulumi.dev.yaml`,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			format := a.format
			if cmd.Flags().Changed("as") {
				format = as
			}
			if !slices.Contains(config.ReferenceFormats(), format) {
				return usagef("use --as "+strings.Join(config.ReferenceFormats(), ", --as "), "--as is %q", format)
			}
			return config.WriteReference(a.stdout, format)
		},
	}
	cmd.Flags().StringVar(&as, "as", "text", "how it is written: "+strings.Join(config.ReferenceFormats(), ", "))

	check := &cobra.Command{
		Use:   "check FILE...",
		Short: "Say every mistake in stack files, without reaching AWS",
		Long:  "Checks stack files as an up would before it creates anything. Exits 2 when one has a mistake.",
		Example: `  trailkeep config check Pulumi.dev.yaml
  trailkeep config check Pulumi.*.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("see "+cmd.CommandPath()+" --help", "no stack file is named")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var all config.Problems
			for _, file := range args {
				if _, err := config.Load(file); err != nil {
					problems, ok := err.(config.Problems)
					if !ok {
						return err
					}
					all = append(all, problems...)
				}
			}
			if len(all) > 0 {
				return all
			}
			cmd.Printf("%s: no mistakes\n", strings.Join(args, ", "))
			return nil
		},
	}
	cmd.AddCommand(check)
	return cmd
}
