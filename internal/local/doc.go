// Package local brings a Trailkeep stack up on a laptop: the real Pulumi
// engine and the real AWS provider, against an emulated AWS organization.
//
// It finds or builds the engine and the provider, starts the emulator, hands
// the engine the same Pulumi.yaml and Pulumi.NAME.yaml that a plain "pulumi up"
// would read, and keeps everything it makes below one state folder. It takes
// the program to run as a value and knows nothing of what the program declares,
// except where an interrupted run has to be taken up again: there it knows how
// AWS names a resource of each type (importid.go).
//
// It never reads the caller's own AWS environment and never talks to anything
// but the emulator's endpoint.
package local
