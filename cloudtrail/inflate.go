package cloudtrail

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// ErrTrailingData says that bytes follow the end of a file's gzip stream.
// CloudTrail never writes any, the digest's hash is of the first stream alone,
// and many readers would take a second stream for a part of the log: it is how
// a forged record is slipped into a validated file. They are not read.
var ErrTrailingData = errors.New("data follows the end of the gzip stream and was not read")

const (
	// freeInflation is what a file may inflate to whatever its compressed size.
	freeInflation = 256 << 20
	// maxRatio is the most a larger file may inflate by. CloudTrail's files
	// inflate 10 to 20 times; gzip's own limit, which a bomb comes near, is
	// about 1,000.
	maxRatio = 200
)

// inflate returns what r holds: inflated where its first bytes are gzip's,
// whatever its name says.
func inflate(r io.Reader) io.Reader {
	in := &counter{r: r}
	b := bufio.NewReaderSize(in, chunk)
	if magic, err := b.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return b
	}
	return &inflater{in: b, read: in, free: freeInflation}
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

type inflater struct {
	in   *bufio.Reader
	read *counter
	z    *gzip.Reader
	out  int64
	free int64
}

func (f *inflater) Read(p []byte) (int, error) {
	if f.z == nil {
		z, err := gzip.NewReader(f.in)
		if err != nil {
			return 0, fmt.Errorf("the gzip header is broken: %w", early(err))
		}
		z.Multistream(false)
		f.z = z
	}
	n, err := f.z.Read(p)
	f.out += int64(n)
	switch {
	case err == io.EOF:
		if _, more := f.in.Peek(1); more == nil {
			return n, ErrTrailingData
		}
		return n, io.EOF
	case err != nil:
		return n, fmt.Errorf("the gzip stream is broken: %w", early(err))
	case f.out > f.free && f.out/maxRatio > f.read.n:
		return n, fmt.Errorf("the file inflates more than %d times, as no CloudTrail file does; the rest was not read", maxRatio)
	}
	return n, nil
}

func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
