package awspolicy

import "fmt"

// statement judges one statement: whether it matches, how it names the
// caller, and the element that decided. An element that does not match
// settles it, whatever could not be judged beside it.
func (e *evaluation) statement(kind PolicyKind, s *Statement) (truth, grant, string) {
	verdict, why := yes, "matches"
	and := func(t truth, element string) bool {
		if t < verdict {
			verdict, why = t, element
		}
		return verdict != no
	}
	if s.Effect != Allow && s.Effect != Deny {
		and(unknown, fmt.Sprintf("Effect: %q is neither Allow nor Deny", s.Effect))
	}
	t, g, element := e.principal(kind, s)
	if and(t, element) && and(e.actions(s)) {
		t, element := e.resources(kind, s)
		if and(t, element) {
			for _, c := range s.Conditions {
				if t, element := e.condition(c); !and(t, element) {
					break
				}
			}
		}
	}
	return verdict, g, why
}

func (e *evaluation) principal(kind PolicyKind, s *Statement) (truth, grant, string) {
	c := e.request.Principal
	named := s.Principal != nil || s.NotPrincipal != nil
	switch kind {
	case ResourceBasedPolicy:
		if !named {
			return unknown, noGrant, "Principal: is missing, which a resource policy must have"
		}
	case ResourceControlPolicy:
		// An RCP's only principal is "*".
		if !named {
			return unknown, noGrant, "Principal: is missing; in an RCP it is \"*\""
		}
	default:
		if named {
			return unknown, noGrant, "Principal: is not allowed in this policy"
		}
		return yes, noGrant, ""
	}
	if s.Principal != nil && s.NotPrincipal != nil {
		return unknown, noGrant, "Principal: stands beside NotPrincipal"
	}
	if s.Principal != nil {
		g, unjudged := s.Principal.names(c)
		switch {
		case unjudged != "":
			return unknown, noGrant, "Principal: " + unjudged
		case g == noGrant:
			return no, noGrant, "Principal: does not name the caller"
		}
		return yes, g, ""
	}
	if s.Effect == Allow {
		return unknown, noGrant, "NotPrincipal: AWS does not support it with Allow"
	}
	if e.boundary && (c.Kind == UserCaller || c.Kind == RoleSessionCaller) && !s.NotPrincipal.Everyone {
		// "The NotPrincipal element with a Deny effect will always deny any
		// IAM principal that has a permissions boundary policy attached".
		// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
		return yes, noGrant, ""
	}
	switch s.NotPrincipal.excepts(c) {
	case yes:
		return no, noGrant, "NotPrincipal: excepts the caller"
	case unknown:
		return unknown, noGrant, "NotPrincipal: lists only a part of account, role and session (or user), on which services differ"
	}
	return yes, noGrant, ""
}

func (e *evaluation) actions(s *Statement) (truth, string) {
	switch {
	case s.Actions == nil && s.NotActions == nil:
		return unknown, "Action: is missing"
	case s.Actions != nil && s.NotActions != nil:
		return unknown, "Action: stands beside NotAction"
	}
	for _, a := range s.NotActions {
		if e.matchAction(a) {
			return no, "NotAction: excepts the action by " + a
		}
	}
	if s.NotActions != nil {
		return yes, ""
	}
	for _, a := range s.Actions {
		if e.matchAction(a) {
			return yes, ""
		}
	}
	return no, "Action: does not list the action"
}

func (e *evaluation) resources(kind PolicyKind, s *Statement) (truth, string) {
	switch {
	case s.Resources != nil && s.NotResources != nil:
		return unknown, "Resource: stands beside NotResource"
	case s.Resources == nil && s.NotResources == nil:
		if kind == ResourceBasedPolicy {
			return yes, "" // The resource is the one that the policy is attached to.
		}
		return unknown, "Resource: is missing"
	}
	list, name := s.Resources, "Resource"
	if s.NotResources != nil {
		list, name = s.NotResources, "NotResource"
	}
	verdict, by := no, ""
	var problem error
	for _, r := range list {
		t, err := e.matchResource(r)
		if err != nil {
			problem = err
			if s.NotResources != nil {
				// What is not a resource that cannot be named? AWS calls the
				// statement invalid.
				t = unknown
			}
		}
		if t > verdict {
			verdict, by = t, r
		}
	}
	switch {
	case verdict == unknown:
		return unknown, name + ": " + problem.Error()
	case s.NotResources != nil && verdict == yes:
		return no, "NotResource: excepts the resource by " + by
	case s.NotResources != nil || verdict == yes:
		return yes, ""
	case problem != nil:
		return no, "Resource: " + problem.Error()
	}
	return no, "Resource: does not cover the resource"
}
