package cli

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/trailkeep/trailkeep/internal/local"
)

// progress shows what an operation is doing: a few living lines on a terminal,
// one line for each thing found or begun anywhere else.
type progress struct {
	w        io.Writer
	terminal *os.File // nil unless w is one
	begun    time.Time

	mu     sync.Mutex
	steps  []stepState // under way, in order of their begin
	drawn  int         // living lines on the screen
	quit   chan struct{}
	drawer sync.WaitGroup
}

type stepState struct {
	local.Event
	since time.Time
}

func newProgress(w io.Writer) *progress {
	p := &progress{w: w, begun: time.Now(), quit: make(chan struct{})}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" {
		p.terminal = f
	}
	return p
}

func (p *progress) start() {
	if p.terminal == nil {
		return
	}
	p.drawer.Add(1)
	go func() {
		defer p.drawer.Done()
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			select {
			case <-p.quit:
				tick.Stop()
				return
			case <-tick.C:
				p.mu.Lock()
				p.draw()
				p.mu.Unlock()
			}
		}
	}()
}

// stop removes the living lines, so that what follows starts on a clean one.
func (p *progress) stop() {
	close(p.quit)
	p.drawer.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.erase()
}

func (p *progress) event(e local.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.steps, func(s stepState) bool { return s.Step == e.Step })
	switch {
	case e.Ended:
		if i < 0 {
			return
		}
		if p.terminal != nil && e.Err == nil {
			p.erase()
			s := p.steps[i]
			fmt.Fprintf(p.w, "%-10s %s%s\n", s.Step, s.Text, took(time.Since(s.since)))
		}
		p.steps = slices.Delete(p.steps, i, i+1)
	case i < 0:
		p.steps = append(p.steps, stepState{e, time.Now()})
		p.say(e)
	default:
		if e.Text == "" {
			e.Text = p.steps[i].Text
		} else {
			p.say(e)
		}
		p.steps[i].Event = e
	}
}

// say writes a line where there are no living ones.
func (p *progress) say(e local.Event) {
	if p.terminal == nil && e.Text != "" {
		fmt.Fprintf(p.w, "%s: %s\n", e.Step, e.Text)
	}
}

const maxInFlight = 6

func (p *progress) draw() {
	p.erase()
	width, _, err := term.GetSize(int(p.terminal.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	var lines []string
	for _, s := range p.steps {
		line := fmt.Sprintf("%-10s %s", s.Step, s.Text)
		if s.Expected > 0 && s.Finished <= s.Expected {
			line += fmt.Sprintf("  %d of %d", s.Finished, s.Expected)
		} else if s.Finished > 0 {
			line += fmt.Sprintf("  %d done", s.Finished)
		}
		lines = append(lines, line+took(time.Since(s.since)))
		for i, op := range s.InFlight {
			if i == maxInFlight {
				lines = append(lines, fmt.Sprintf("           and %d more", len(s.InFlight)-i))
				break
			}
			lines = append(lines, fmt.Sprintf("           %s %s %s%s", op.Op, kind(op.Type), op.Name, took(time.Since(op.Since))))
		}
	}
	for _, line := range lines {
		if r := []rune(line); len(r) >= width {
			line = string(r[:width-2]) + "…"
		}
		fmt.Fprintln(p.w, line)
	}
	p.drawn = len(lines)
}

// erase moves up over the living lines and clears to the end of the screen.
func (p *progress) erase() {
	if p.drawn > 0 {
		fmt.Fprintf(p.w, "\x1b[%dA\x1b[J", p.drawn)
		p.drawn = 0
	}
}

// took is empty for what a person does not wait for.
func took(d time.Duration) string {
	if d < time.Second {
		return ""
	}
	return "  " + d.Round(time.Second).String()
}

// kind is the last word of a type: aws:s3/bucketV2:BucketV2 is a BucketV2.
func kind(token string) string {
	return token[strings.LastIndexByte(token, ':')+1:]
}
