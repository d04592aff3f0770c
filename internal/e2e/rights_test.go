package e2e

import (
	"strings"

	"github.com/trailkeep/trailkeep/internal/preflight"
	"github.com/trailkeep/trailkeep/policydocuments"
	"github.com/trailkeep/trailkeep/stacks/config"
)

// leastPrivilege compares what the deploy role has called since a line of the
// call log with the policies that docs/deploy-role.md gives it: no call that
// they do not allow, nothing allowed that no call needs.
func (o *organization) leastPrivilege(cfg *config.Config, from int) {
	o.t.Helper()
	calls, _ := o.calls(from)
	for _, policy := range preflight.DeployPolicies(cfg) {
		var made []policydocuments.Call
		for _, c := range calls {
			if c.Account == policy.Account && strings.Contains(c.Principal, "/"+cfg.Access.DeployRole) {
				made = append(made, policydocuments.Call{Service: c.Service, Operation: c.Operation, Error: c.Error})
			}
		}
		if len(made) == 0 {
			o.t.Errorf("the deploy role made no call in account %s", policy.Account)
			continue
		}
		missing, unused := policydocuments.DeployGaps(made, policy.Document)
		for _, gap := range missing {
			o.t.Errorf("deploy role in %s (%s): %s", policy.Name, policy.Account, gap)
		}
		for _, action := range unused {
			o.t.Errorf("deploy role in %s (%s): %s is allowed, and no call needs it", policy.Name, policy.Account, action)
		}
	}
}
