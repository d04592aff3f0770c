package main

import (
	"net"
	"testing"
)

func TestEngineAnswers(t *testing.T) {
	engine, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := engine.Addr().String()
	if err := engineAnswers([]string{"-tracing", "http://127.0.0.1:9411", address}); err != nil {
		t.Errorf("a running engine: %v", err)
	}
	engine.Close()
	if err := engineAnswers([]string{address}); err == nil {
		t.Error("an engine that has ended is taken for a running one")
	}
	if err := engineAnswers(nil); err != nil {
		t.Errorf("no address: %v", err)
	}
}
