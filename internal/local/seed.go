package local

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/trailkeep/trailkeep/stacks/config"
)

// The person at the keyboard: an IAM user of the management account, as the
// first administrator of an organization usually is. The key is public; it
// opens nothing but an emulator.
const (
	engineerName   = "platform-engineer"
	engineerKey    = "AKIATRAILKEEPLOCAL00"
	engineerSecret = "trailkeep-local-opens-only-the-emulator"
)

// memberRole is what AWS Organizations makes in every account it creates, the
// emulator's too, and which trusts the management account
// (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_access.html).
const memberRole = "OrganizationAccountAccessRole"

const administratorAccess = "arn:aws:iam::aws:policy/AdministratorAccess"

// Account is one account of the emulated organization.
type Account struct {
	ID   string `json:"id"`
	Name string `json:"name"` // the CLI profile's name too
	Unit string `json:"unit,omitempty"`
}

// seed is what the emulator plants before the first call: everything that on
// AWS exists before Trailkeep comes.
type seed struct {
	Account            string                  `json:"account,omitempty"` // without an organization
	Organization       *seedOrganization       `json:"organization,omitempty"`
	Roles              []seedRole              `json:"roles"`
	Users              []seedUser              `json:"users"`
	ServiceLinkedRoles []seedServiceLinkedRole `json:"serviceLinkedRoles"`
}

type seedOrganization struct {
	ID                string     `json:"id"`
	ManagementAccount string     `json:"managementAccount"`
	TrustedAccess     []string   `json:"trustedAccess"`
	PolicyTypes       []string   `json:"policyTypes"`
	Units             []seedUnit `json:"units"`
}

type seedUnit struct {
	Name     string       `json:"name"`
	Accounts []seedMember `json:"accounts"`
}

type seedMember struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

type seedRole struct {
	Account         string   `json:"account"`
	Name            string   `json:"name"`
	Path            string   `json:"path"`
	Trust           []string `json:"trust"`
	Description     string   `json:"description"`
	ManagedPolicies []string `json:"managedPolicies"`
}

type seedUser struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	Key     string `json:"accessKeyId"`
	Secret  string `json:"secretAccessKey"`
}

type seedServiceLinkedRole struct {
	Account string `json:"account"`
	Service string `json:"service"`
}

// planted is the seed for one or more stack files of the same organization: an
// archive and a trail stack share one emulator, whichever comes up first.
func planted(configs ...*config.Config) seed {
	home := homeAccount(configs[0])
	engineer := "arn:aws:iam::" + home + ":user/" + engineerName
	s := seed{
		Users:              []seedUser{{home, engineerName, engineerKey, engineerSecret}},
		ServiceLinkedRoles: []seedServiceLinkedRole{{home, "cloudtrail.amazonaws.com"}},
	}
	if configs[0].Organization == nil {
		s.Account = home
	} else {
		s.Organization = plantedOrganization(configs)
	}
	for _, c := range configs {
		for _, account := range touched(c) {
			trust := []string{engineer}
			if account != home && c.Access.DeployRole != "" {
				trust = append(trust, roleARN(home, c.Access.DeployRole))
			}
			s.addRole(account, c.Access.DeployRole, "Deploys the audit trail", trust, administratorAccess)
			if account != home || c.Organization == nil {
				s.addRole(account, c.Access.BreakGlassRole, "For the day nothing else can", []string{engineer}, administratorAccess)
			}
		}
		for _, arn := range c.Access.Readers {
			s.addReader(arn, engineer)
		}
	}
	return s
}

// homeAccount is the account that the person at the keyboard works from.
func homeAccount(c *config.Config) string {
	if c.Organization == nil {
		return c.Account
	}
	return c.Organization.ManagementAccount
}

// touched lists the accounts that a stack, or the stack joined to it, deploys to.
func touched(c *config.Config) []string {
	accounts := []string{homeAccount(c)}
	if c.Organization != nil {
		accounts = append(accounts, c.Organization.AuditAccount)
	}
	if r := c.Archive.Replica; r != nil && r.Account != "" && !slices.Contains(accounts, r.Account) {
		accounts = append(accounts, r.Account)
	}
	return accounts
}

func plantedOrganization(configs []*config.Config) *seedOrganization {
	first := configs[0].Organization
	org := &seedOrganization{
		ID:                first.ID,
		ManagementAccount: first.ManagementAccount,
		TrustedAccess:     []string{"cloudtrail.amazonaws.com"},
		PolicyTypes:       []string{"SERVICE_CONTROL_POLICY"},
	}
	security := seedUnit{Name: "Security"}
	taken := []string{first.ManagementAccount}
	add := func(unit *seedUnit, id, name string) {
		taken = append(taken, id)
		unit.Accounts = append(unit.Accounts, seedMember{id, name, name + "@example.com"})
	}
	add(&security, first.AuditAccount, "audit")
	for _, c := range configs {
		// An import takes only what already is as declared, on AWS as here.
		if m := c.Organization.Manage; m != nil {
			org.TrustedAccess, org.PolicyTypes = m.ServiceAccess, m.PolicyTypes
		}
		if r := c.Archive.Replica; r != nil && r.Account != "" && !slices.Contains(taken, r.Account) {
			add(&security, r.Account, "replica")
		}
	}
	workloads, sandbox := seedUnit{Name: "Workloads"}, seedUnit{Name: "Sandbox"}
	for _, member := range []struct {
		unit *seedUnit
		name string
	}{{&workloads, "payments"}, {&workloads, "storefront"}, {&sandbox, "playground"}} {
		add(member.unit, freeAccountID(taken), member.name)
	}
	org.Units = []seedUnit{security, workloads, sandbox}
	return org
}

// freeAccountID invents an id that is easy to tell apart: one digit, twelve times.
func freeAccountID(taken []string) string {
	for digit := 3; ; digit++ {
		id := strings.Repeat(fmt.Sprint(digit%10), 12)
		if digit >= 10 {
			id = fmt.Sprintf("%012d", 900000000000+digit)
		}
		if !slices.Contains(taken, id) {
			return id
		}
	}
}

func (s *seed) addRole(account, name, description string, trust []string, policies ...string) {
	if name == "" {
		return
	}
	path, base := splitRoleName(name)
	for i, r := range s.Roles {
		if r.Account == account && r.Name == base {
			for _, t := range trust {
				if !slices.Contains(r.Trust, t) {
					s.Roles[i].Trust = append(s.Roles[i].Trust, t)
				}
			}
			return
		}
	}
	if policies == nil {
		policies = []string{}
	}
	s.Roles = append(s.Roles, seedRole{account, base, path, trust, description, policies})
}

// addReader makes a named reader exist: a role that the person at the keyboard
// may assume, or a user with a key of their own.
func (s *seed) addReader(arn, engineer string) {
	account, kind, name := principal(arn)
	switch kind {
	case "role":
		s.addRole(account, name, "May read the log archive", []string{engineer})
	case "user":
		_, base := splitRoleName(name)
		if slices.ContainsFunc(s.Users, func(u seedUser) bool { return u.Account == account && u.Name == base }) {
			return
		}
		key := fmt.Sprintf("AKIATRAILKEEPREAD%03d", len(s.Users))
		s.Users = append(s.Users, seedUser{account, base, key, engineerSecret})
	}
}

// principal takes an IAM ARN apart; kind is "" when it names no single user or
// role.
func principal(arn string) (account, kind, name string) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[2] != "iam" || strings.ContainsAny(arn, "*?") {
		return "", "", ""
	}
	kind, name, _ = strings.Cut(parts[5], "/")
	if name == "" || (kind != "user" && kind != "role") {
		return "", "", ""
	}
	return parts[4], kind, name
}

func splitRoleName(name string) (path, base string) {
	name = strings.TrimPrefix(name, "/")
	i := strings.LastIndexByte(name, '/')
	return "/" + name[:i+1], name[i+1:]
}

func roleARN(account, name string) string {
	return "arn:aws:iam::" + account + ":role/" + strings.TrimPrefix(name, "/")
}

// accounts lists what the seed plants, management account first.
func (s seed) accounts() []Account {
	if s.Organization == nil {
		return []Account{{ID: s.Account, Name: "account"}}
	}
	accounts := []Account{{ID: s.Organization.ManagementAccount, Name: "management"}}
	for _, unit := range s.Organization.Units {
		for _, m := range unit.Accounts {
			accounts = append(accounts, Account{m.ID, m.Name, unit.Name})
		}
	}
	return accounts
}

// lacks names what another seed plants and this one does not.
func (s seed) lacks(want seed) []string {
	var missing []string
	has, wants := s.accounts(), want.accounts()
	if s.Organization != nil && want.Organization != nil && s.Organization.ID != want.Organization.ID {
		missing = append(missing, "organization "+want.Organization.ID)
	}
	for _, a := range wants {
		if !slices.ContainsFunc(has, func(b Account) bool { return a.ID == b.ID }) {
			missing = append(missing, "account "+a.ID)
		}
	}
	for _, r := range want.Roles {
		if !slices.ContainsFunc(s.Roles, func(o seedRole) bool {
			return o.Account == r.Account && o.Name == r.Name && o.Path == r.Path
		}) {
			missing = append(missing, "role "+roleARN(r.Account, r.Path[1:]+r.Name))
		}
	}
	for _, u := range want.Users {
		if !slices.ContainsFunc(s.Users, func(o seedUser) bool { return o.Account == u.Account && o.Name == u.Name }) {
			missing = append(missing, "user "+u.Name+" of account "+u.Account)
		}
	}
	return missing
}

func (s seed) marshal() ([]byte, error) {
	return json.MarshalIndent(s, "", "  ")
}
