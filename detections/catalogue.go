package detections

// All returns the entries of the catalogue: those of the CIS benchmark in its
// order, then the others. The slice is the caller's; what its elements point to
// is shared and not to be changed.
func All() []Detection {
	return []Detection{
		unauthorizedAPICalls,
		unauthorizedAPICallsExact,
		noMFAConsoleSignin,
		rootUsage,
		iamPolicyChanges,
		cloudtrailChanges,
		consoleAuthFailures,
		disableOrDeleteCmk,
		s3BucketPolicyChanges,
		configChanges,
		securityGroupChanges,
		naclChanges,
		networkGatewayChanges,
		routeTableChanges,
		vpcChanges,
		organizationsChanges,
		trailStopped,
		trailDemoted,
		trailSelectorsChanged,
		cloudtrailAdministration,
		logGroupChanges,
		alarmChanges,
		notificationChanges,
		serviceAccessDisabled,
		organizationDelegation,
		iamCredentials,
		iamPrivileges,
		identityProviderChanges,
		logBucketChanges,
		logKeyChanges,
		configRecorderDeleted,
		rootWithoutMfa,
		assumeRoot,
		consoleBruteForce,
		heartbeat,
	}
}
