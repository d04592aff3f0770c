package config

import (
	"fmt"
	"strings"
)

// relation reports a fault that lies between values, at the one that is named.
func (d *decoder) relation(path string, f *fault) {
	n, ok := d.at[path]
	if !ok {
		d.report(path, place{}, Problem{Message: f.message, Allowed: f.allowed, Nearest: f.nearest, Hint: f.hint})
		return
	}
	p := Problem{Message: f.message, Found: n.written(), Allowed: f.allowed, Nearest: f.nearest, Hint: f.hint}
	at := n.place
	if n.kind == mappingNode || n.kind == sequenceNode {
		p.Found, at = "", d.keyAt[path]
	}
	d.report(path, at, p)
}

// sound reports whether none of the keys has a problem of its own: a relation
// to a wrong value would only repeat it.
func (d *decoder) sound(paths ...string) bool {
	for _, path := range paths {
		if d.bad[path] {
			return false
		}
	}
	return true
}

// given reports whether the stack sets the key itself.
func (d *decoder) given(path string) bool { _, ok := d.at[path]; return ok }

// relations checks values against each other. It runs when every value has been
// judged by itself and every default is known.
func (d *decoder) relations() {
	d.accounts()
	d.roles()
	d.buckets()
	d.retention()
	d.protection()
	d.join()
	d.dataEvents()
}

func (d *decoder) accounts() {
	c := d.config
	if o := c.Organization; o != nil {
		if o.ManagementAccount != "" && o.ManagementAccount == o.AuditAccount {
			d.relation("organization.auditAccount", &fault{
				message: "is the management account too, so that whoever takes that over reaches the logs",
				allowed: "an account of its own", hint: "create an account for the archive, or use a stack of kind account",
			})
		}
		if r := c.Archive.Replica; r != nil && r.Account != "" && r.Account == o.ManagementAccount && d.sound("archive.replica.account") {
			d.relation("archive.replica.account", &fault{
				message: "is the management account, so that whoever takes that over reaches the replica",
				allowed: "the audit account, or an account of its own",
			})
		}
		if o.Manage != nil && d.sound("organization.manage.serviceAccess") {
			d.requireCloudTrailAccess(o.Manage.ServiceAccess)
		}
	}
	if c.Archive.Replica == nil || !d.sound("region", "archive.replica", "archive.replica.region") {
		return
	}
	r := c.Archive.Replica
	switch {
	case c.Region == "" || r.Region == "":
	case PartitionOf(r.Region) != c.Partition():
		d.relation("archive.replica.region", &fault{message: "is in the partition " + PartitionOf(r.Region) + ", and S3 replicates within one partition",
			allowed: "a region in the partition " + c.Partition()})
	case r.Region == c.Region && r.Account == c.LogAccount() && d.sound("archive.replica.account"):
		d.relation("archive.replica.region", &fault{message: "is the region of the archive, in the same account: one failure or one intruder reaches both",
			allowed: "another region than " + c.Region + ", or another account in archive.replica.account"})
	}
}

func (d *decoder) requireCloudTrailAccess(services []string) {
	for _, service := range services {
		if service == "cloudtrail.amazonaws.com" {
			return
		}
	}
	d.relation("organization.manage.serviceAccess", &fault{
		message: "leaves out cloudtrail.amazonaws.com: without trusted access the organization trail silently becomes one of the management account alone",
		allowed: "a list that holds cloudtrail.amazonaws.com",
	})
}

func (d *decoder) roles() {
	c := d.config
	// IAM holds role names apart by neither case nor path.
	name := func(role string) string { return strings.ToLower(role[strings.LastIndexByte(role, '/')+1:]) }
	if d.sound("access.deployRole", "access.breakGlassRole") && c.Access.DeployRole != "" && name(c.Access.DeployRole) == name(c.Access.BreakGlassRole) {
		path, other := "access.breakGlassRole", "access.deployRole"
		if !d.given(path) {
			path, other = other, path
		}
		d.relation(path, &fault{message: "is the same role as " + other + ", so that one lock-out hits both", allowed: "two different roles"})
	}
	for _, path := range []string{"access.deployRole", "access.breakGlassRole"} {
		role := c.Access.DeployRole
		if path == "access.breakGlassRole" {
			role = c.Access.BreakGlassRole
		}
		if c.Archive.ReaderRole != "" && d.sound(path, "archive.readerRole") && name(role) == name(c.Archive.ReaderRole) {
			d.relation("archive.readerRole", &fault{message: "is the name of " + path + ", so that readers could change the archive", allowed: "a name of its own"})
		}
	}
	if !d.sound("region") || c.Region == "" || c.Stack == StackTrail { // which takes no readers
		return
	}
	list, ok := d.at["access.readers"]
	if !ok {
		return
	}
	for i, reader := range list.items {
		path := fmt.Sprintf("access.readers[%d]", i)
		if prefix := "arn:" + c.Partition() + ":"; d.sound(path) && !strings.HasPrefix(reader.text, prefix) {
			d.relation(path, &fault{message: "is in another partition than the stack's region, where it can assume no role", allowed: "ARNs that begin with " + prefix})
		}
	}
}

func (d *decoder) buckets() {
	c := d.config
	names := map[string]string{}
	for _, bucket := range []struct{ path, name string }{
		{"archive.bucketName", c.Archive.BucketName},
		{"archive.accessLogs.bucketName", c.Archive.AccessLogs.BucketName},
		{"archive.replica.bucketName", c.replicaBucket()},
		{"archive.replica.bucketName", c.replicaAccessLogBucket()},
	} {
		if bucket.name == "" || !d.sound(bucket.path) {
			continue
		}
		if first, twice := names[bucket.name]; twice {
			path := bucket.path
			if !d.given(path) {
				path, first = first, path
			}
			d.relation(path, &fault{message: "is also the name of " + first, allowed: "a name of its own for each bucket"})
			continue
		}
		names[bucket.name] = bucket.path
	}
}

func (c *Config) replicaBucket() string {
	if c.Archive.Replica == nil {
		return ""
	}
	return c.Archive.Replica.BucketName
}

func (c *Config) replicaAccessLogBucket() string {
	if c.Archive.Replica == nil || c.Archive.Replica.BucketName == "" {
		return ""
	}
	return c.Archive.Replica.AccessLogBucketName()
}

func (d *decoder) retention() {
	const years, days, period = "archive.objectLock.retentionYears", "archive.objectLock.expirationDays", "archive.compliancePeriodYears"
	c := d.config
	lock := c.Archive.ObjectLock
	if d.sound(years, period) && lock.RetentionYears < c.Archive.CompliancePeriodYears {
		d.relation(years, &fault{message: fmt.Sprintf("is shorter than the compliance period of %d years", c.Archive.CompliancePeriodYears),
			allowed: fmt.Sprintf("%d or more", c.Archive.CompliancePeriodYears), hint: "or correct " + Namespace + ":" + period})
		return
	}
	if shortest := daysOf(lock.RetentionYears); d.sound(years, period, days) && d.given(days) && lock.ExpirationDays <= shortest {
		d.relation(days, &fault{message: fmt.Sprintf("is not longer than the retention of %d years (%d days)", lock.RetentionYears, shortest),
			allowed: fmt.Sprintf("%d or more", shortest+1)})
	}
}

func (d *decoder) protection() {
	c := d.config
	if d.given("archive.objectLock") && d.sound("archive.protection", "archive.objectLock", "archive.replica") &&
		c.Archive.Protection == ProtectionMFADelete && c.Archive.Replica == nil {
		d.relation("archive.objectLock", &fault{
			message: "has nothing to lock: protection is mfa-delete, beside which one bucket can have neither Object Lock nor a lifecycle rule, and there is no replica",
			hint:    "set archive.protection: worm, or add archive.replica, or remove archive.objectLock",
		})
	}
	mode := "archive.objectLock.mode"
	if c.Archive.ObjectLock.Mode != "COMPLIANCE" || !d.sound(mode) {
		return
	}
	if !c.Archive.ObjectLock.AcknowledgeCompliance && d.sound("archive.objectLock.acknowledgeCompliance") {
		d.relation(mode, &fault{message: "can be shortened or removed by nobody, root and AWS included, until the retention ends",
			allowed: "GOVERNANCE, or COMPLIANCE beside acknowledgeCompliance: true"})
	}
	if c.Disposable && d.sound("disposable") {
		d.relation("disposable", &fault{message: "contradicts archive.objectLock.mode COMPLIANCE: such a bucket can't be taken down",
			allowed: "false, or GOVERNANCE"})
	}
}

// join checks how a trail stack finds the key of its archive.
func (d *decoder) join() {
	const key, stack = "trail.logKeyArn", "trail.archiveStack"
	c := d.config
	if c.Stack != StackTrail {
		return
	}
	switch {
	case d.given(key) && d.given(stack):
		d.relation(stack, &fault{message: "stands beside logKeyArn, and the two may differ", allowed: "one of the two"})
	case !d.given(key) && !d.given(stack):
		d.report(key, d.keyAt["trail"], Problem{Message: "is missing, and so is archiveStack: the trail can't encrypt without the archive's key",
			Allowed: allowedKeyARN, Hint: "set one of the two; pulumi stack output logKeyArn of the archive stack prints the ARN"})
	}
	if c.Trail.LogKeyARN == "" || !d.sound(key, "region") || c.Organization == nil {
		return
	}
	parts := strings.Split(c.Trail.LogKeyARN, ":")
	if parts[3] != c.Region {
		d.relation(key, &fault{message: "is a key in " + parts[3] + ", and CloudTrail needs the key in the region of the bucket", allowed: "a key in " + c.Region})
	}
	if parts[1] != c.Partition() {
		d.relation(key, &fault{message: "is in another partition than the stack's region", allowed: "an ARN that begins with arn:" + c.Partition() + ":"})
	}
	if parts[4] != c.Organization.AuditAccount && d.sound("organization.auditAccount") {
		d.relation(key, &fault{message: "is a key of account " + parts[4] + ", not of the audit account", allowed: "a key in account " + c.Organization.AuditAccount})
	}
}
