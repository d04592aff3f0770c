package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// What a second copy of management events costs: the first copy in each region
// and account is free, each further one is billed by the event.
// https://aws.amazon.com/cloudtrail/pricing/
const (
	secondCopyUSD    = 2.00
	secondCopyEvents = 100_000
)

// secondCopy says the price as a month of a million events, since how many
// there are is not known before they are recorded.
func secondCopy() string {
	return fmt.Sprintf("about %.0f USD for each million events (%.2f USD per %d,000, https://aws.amazon.com/cloudtrail/pricing/)",
		secondCopyUSD*1_000_000/secondCopyEvents, secondCopyUSD, secondCopyEvents/1000)
}

// trailsPerRegion is a quota that AWS does not raise. A trail of all regions
// counts in each of them.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
const trailsPerRegion = 5

func (p *preflight) checkOtherTrails(ctx context.Context) result {
	trails, err := p.trails()
	if err != nil {
		return unknown(err)
	}
	return p.otherTrails(ctx, p.caller, trails)
}

// checkAuditTrails leaves out the organization's trails, which belong to the
// management account and are looked at there.
func (p *preflight) checkAuditTrails(ctx context.Context) result {
	v, err := p.audit()
	if err != nil {
		return unknown(&unreachable{err})
	}
	trails, err := v.trails(ctx)
	if err != nil {
		return unknown(err)
	}
	if p.management != nil {
		trails = slices.DeleteFunc(trails, func(t trail) bool { return !strings.Contains(t.arn, ":"+p.cfg.LogAccount()+":") })
	}
	return p.otherTrails(ctx, v, trails)
}

// otherTrails finds the trails that record management events beside ours.
func (p *preflight) otherTrails(ctx context.Context, v view, trails []trail) result {
	var twice, remedies []string
	data := 0
	for _, t := range trails {
		if t.arn == p.deploy.Archive.Trail.ARN() {
			continue
		}
		records, err := v.recordsManagementEvents(ctx, t)
		if err == nil && !records {
			data++
			continue
		}
		what := fmt.Sprintf("%s in %s", t.name, t.region)
		if t.organization {
			what += ", of the organization"
		}
		remedy := fmt.Sprintf("once this stack's trail delivers: aws cloudtrail delete-trail --name %s --region %s, or leave it its data events alone (put-event-selectors)", t.arn, t.region)
		if strings.HasPrefix(t.name, "aws-controltower-") {
			what += ", Control Tower's"
			remedy = t.name + ": switch CloudTrail off in Control Tower's landing zone settings once this stack's trail delivers; a guardrail keeps it from being changed otherwise"
		}
		if err != nil {
			what += ", whose selectors cannot be read"
		}
		twice, remedies = append(twice, what), append(remedies, remedy)
	}
	if len(twice) > 0 {
		return warn(fmt.Sprintf("%s: management events are recorded twice, and the second copy is billed, %s", strings.Join(twice, "; "), secondCopy()), strings.Join(remedies, "; "))
	}
	if data > 0 {
		return ok("%d other, of data events alone", data)
	}
	return ok("none")
}

func (p *preflight) checkTrailLimit(context.Context) result {
	trails, err := p.trails()
	if err != nil {
		return unknown(err)
	}
	others := 0
	for _, t := range trails {
		if t.arn == p.deploy.Archive.Trail.ARN() {
			return ok("the trail is there")
		}
		if t.counts {
			others++
		}
	}
	if others >= trailsPerRegion {
		return fail(fmt.Sprintf("there are %d trails in %s, and AWS allows %d", others, p.cfg.Region, trailsPerRegion),
			"delete one that is not needed: aws cloudtrail list-trails, then aws cloudtrail delete-trail")
	}
	return ok("%d of %d in %s", others, trailsPerRegion, p.cfg.Region)
}

func (p *preflight) ownTrail() (trail, bool, error) {
	trails, err := p.trails()
	for _, t := range trails {
		if t.arn == p.deploy.Archive.Trail.ARN() {
			return t, true, err
		}
	}
	return trail{}, false, err
}

func (p *preflight) checkTrailName(context.Context) result {
	t, found, err := p.ownTrail()
	switch {
	case err != nil:
		return unknown(err)
	case !found:
		return ok("%s is free", p.cfg.Trail.Name)
	}
	r := p.taken(claim{
		typ: "aws:cloudtrail/trail:Trail", name: "trail", id: t.arn, key: "trail.name",
		what: "a trail named " + t.name, ours: t.bucket == p.cfg.Archive.BucketName,
	})
	if r.outcome == Finding {
		r.found += "; it delivers to the bucket " + t.bucket
	}
	return r
}
