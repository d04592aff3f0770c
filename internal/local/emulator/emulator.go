// Package emulator holds the Python sources of the emulated AWS organization.
//
// It embeds them and knows nothing else: who writes them to disk, finds a
// Python with the right moto and starts server.py is package local.
package emulator

import "embed"

// Sources holds server.py and everything it imports besides moto. A folder
// that they are written to, names kept, can be run as `python server.py`.
//
//go:embed *.py extensions/*.py
var Sources embed.FS
