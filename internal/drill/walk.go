package drill

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// walk sends the files of paths, and returns how many files of directories it
// passed over for their names. A path that lies under another one is not walked
// twice. What cannot be read below a path is told to problem and passed over.
func walk(ctx context.Context, paths []string, files chan<- string, problem func(name, message string)) (skipped int, err error) {
	kept, err := apart(paths)
	if err != nil {
		return 0, err
	}
	for _, p := range kept {
		if !p.dir {
			if err := send(ctx, files, p.given); err != nil {
				return skipped, err
			}
			continue
		}
		err = filepath.WalkDir(p.given, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				problem(name, err.Error())
				return nil
			case entry.IsDir():
				return nil
			case !logFile(name):
				skipped++
				return nil
			}
			return send(ctx, files, name)
		})
		if err != nil {
			return skipped, err
		}
	}
	return skipped, nil
}

func send(ctx context.Context, files chan<- string, name string) error {
	select {
	case files <- name:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func logFile(name string) bool {
	name = strings.ToLower(name)
	return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".json.gz")
}

type place struct {
	given, real string
	dir         bool
}

// apart drops paths that are another one of them, or lie under it.
func apart(paths []string) ([]place, error) {
	var places []place
	for _, path := range paths {
		real, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		places = append(places, place{filepath.Clean(path), real, info.IsDir()})
	}
	var kept []place
	for i, p := range places {
		covered := slices.ContainsFunc(places[:i], func(o place) bool { return o.real == p.real })
		for _, o := range places {
			below := strings.HasPrefix(p.real, strings.TrimSuffix(o.real, string(filepath.Separator))+string(filepath.Separator))
			// A file of another name is not among those that its directory gives.
			if below && o.real != p.real && (p.dir || logFile(p.real)) {
				covered = true
			}
		}
		if !covered {
			kept = append(kept, p)
		}
	}
	return kept, nil
}
