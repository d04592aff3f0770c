// Package bridgeparity proves that the bridge plugin serves the properties which programs written against pulumi-aws
// v6 send and read: its test compares the plugin's package schema with the structs of the Go SDK. It holds no code of
// its own, so that the product does not depend on the plugin's schema.
package bridgeparity
