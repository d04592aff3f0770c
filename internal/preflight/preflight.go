// Package preflight looks, before a stack is brought up, for what would make
// the `up` fail half-way, lock its maker out, or cost twice.
//
// It asks AWS by read-only calls alone, with the credentials that the `up` will
// use, and works the same against an emulator. It knows the configuration and
// the policy documents; it knows nothing of the engine and its state, except
// what the caller tells it is recorded there.
package preflight

import (
	"context"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailkeep/trailkeep/stacks/config"
)

// Outcome is what a check came to.
type Outcome string

const (
	OK      Outcome = "ok"
	Finding Outcome = "finding"
	// Unknown means that AWS did not let the caller look, or did not answer.
	Unknown Outcome = "unknown"
)

// Severity weighs a finding.
type Severity string

const (
	// Error stops an up, locks its maker out, or breaks a promise of the archive.
	Error Severity = "error"
	// Warning costs something, or leaves something undone; the up works.
	Warning Severity = "warning"
)

// Check is the outcome of one check.
type Check struct {
	// ID is stable from release to release, such as log-bucket.
	ID    string `json:"id"`
	Title string `json:"title"`
	// Account is where it was looked.
	Account  string   `json:"account,omitempty"`
	Outcome  Outcome  `json:"outcome"`
	Severity Severity `json:"severity,omitempty"` // of a finding
	// Found says what is there, as a sentence without its period.
	Found string `json:"found"`
	// Permission is the IAM action that the caller lacks, if that is why the
	// outcome is unknown.
	Permission string `json:"permission,omitempty"`
	// Remedy is a command, or a key of the stack file to change. An ok check
	// has one where a person still has something to do by hand.
	Remedy string `json:"remedy,omitempty"`
}

// Report is all checks that apply to a stack, in a fixed order.
type Report struct {
	Stack   config.Stack `json:"stack"`
	Account string       `json:"account"` // the caller's
	Caller  string       `json:"caller"`  // ARN
	Region  string       `json:"region"`
	Checks  []Check      `json:"checks"`
}

// Count returns the number of checks of one outcome; for findings, of one
// severity.
func (r Report) Count(o Outcome, s Severity) int {
	n := 0
	for _, c := range r.Checks {
		if c.Outcome == o && (o != Finding || c.Severity == s) {
			n++
		}
	}
	return n
}

// Passed reports whether no check is an error. Warnings and what could not be
// looked at do not keep anybody from an up.
func (r Report) Passed() bool { return r.Count(Finding, Error) == 0 }

// Clients is how the checks reach AWS.
type Clients struct {
	// Caller has the credentials that the up will use. Deploy roles of other
	// accounts are assumed from it, as the stack's own providers do.
	Caller aws.Config
	// Known tells whether the stack's state records a resource, by Pulumi type
	// token and id, such as aws:s3/bucketV2:BucketV2 and the bucket's name.
	// What is recorded is no finding because it exists, and what is not
	// recorded is to be adopted first. Nil means that the state is not at hand:
	// what is ours by its own settings then counts as recorded.
	Known func(typ, id string) bool
}

// Failure is why a preflight could not be made at all, with the next step.
type Failure struct {
	Err  error
	Hint string
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// Run makes every check that applies to the stack. The error, a *Failure, says
// that no check could be made: no or expired credentials, an endpoint that does
// not answer. Everything else is in the report.
func Run(ctx context.Context, cfg *config.Config, clients Clients) (Report, error) {
	caller, err := connect(ctx, cfg, clients.Caller)
	if err != nil {
		return Report{}, err
	}
	return run(ctx, cfg, caller, clients.Known), nil
}

// view is what the checks may ask of one account: reading calls and no others.
// Names that do not exist are errNotFound, refusals a *denied.
type view interface {
	identity() identity
	// assume returns the view of another account's deploy role.
	assume(ctx context.Context, roleARN, region string) (view, error)

	organization(ctx context.Context) (organization, error)
	serviceAccess(ctx context.Context) ([]string, error)
	policyTypes(ctx context.Context) ([]string, error)
	delegatedAdministrators(ctx context.Context, service string) ([]string, error)

	role(ctx context.Context, name string) (role, error)
	user(ctx context.Context, name string) error

	// trails are all trails of the account, in every region, and those of its
	// organization.
	trails(ctx context.Context) ([]trail, error)
	// recordsManagementEvents reads a trail's selectors.
	recordsManagementEvents(ctx context.Context, t trail) (bool, error)

	// bucket looks for a bucket of the account; its settings are read if it is
	// the caller's own.
	bucket(ctx context.Context, name, owner string) (bucket, error)
	alias(ctx context.Context, name string) (key, error)
	logGroup(ctx context.Context, name string) error
	topic(ctx context.Context, arn string) error
}

type identity struct{ account, arn string }

type organization struct{ id, managementAccount, featureSet string }

// role is an IAM role. Its description tells one of ours from a stranger's of
// the same name.
type role struct{ arn, description string }

type trail struct {
	name, arn, region, bucket string
	logGroupARN, topicARN     string
	organization              bool
	// counts says that it counts towards the limit of the region that was
	// asked: a trail of that region, or one of all regions.
	counts bool
}

type bucket struct {
	owner      ownership
	region     string // where it is, if elsewhere
	policy     string // "" for none
	locked     bool
	versioning string
	mfaDelete  bool
	// unread is what the caller may not read of it.
	unread []*denied
}

// cannot returns the refusal of one action, nil if there was none.
func (b bucket) cannot(action string) *denied {
	for _, d := range b.unread {
		if d.action == action {
			return d
		}
	}
	return nil
}

type ownership int

const (
	asExpected ownership = iota
	foreign
	elsewhere // in another region; whose is not told
)

type key struct {
	arn, name       string // name is its tag trailkeep:name
	pendingDeletion bool
}

// check is one entry of the catalogue.
type check struct {
	id, title string
	// account is where it looks; "" where that is the organization.
	account string
	run     func(context.Context) result
}

// result is a Check without what the catalogue knows.
type result struct {
	outcome    Outcome
	severity   Severity
	found      string
	permission string
	remedy     string
}

func ok(format string, args ...any) result {
	return result{outcome: OK, found: fmt.Sprintf(format, args...)}
}

func (r result) todo(format string, args ...any) result {
	r.remedy = fmt.Sprintf(format, args...)
	return r
}

func fail(found, remedy string) result {
	return result{outcome: Finding, severity: Error, found: found, remedy: remedy}
}

func warn(found, remedy string) result {
	return result{outcome: Finding, severity: Warning, found: found, remedy: remedy}
}

// parallel bounds the calls under way: AWS Organizations throttles early.
const parallel = 8

// run makes the checks, all at once.
func run(ctx context.Context, cfg *config.Config, caller view, known func(typ, id string) bool) Report {
	p := newPreflight(ctx, cfg, caller, known)
	checks := p.catalogue()
	report := Report{
		Stack: cfg.Stack, Region: cfg.Region,
		Account: caller.identity().account, Caller: caller.identity().arn,
		Checks: make([]Check, len(checks)),
	}
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			r := c.run(ctx)
			report.Checks[i] = Check{
				ID: c.id, Title: c.title, Account: c.account, Outcome: r.outcome, Severity: r.severity,
				Found: r.found, Permission: r.permission, Remedy: r.remedy,
			}
		})
	}
	wg.Wait()
	return report
}
