package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Source is what a stack is configured with.
type Source struct {
	// File is the stack file. Beside Values it gives them lines, as far as it
	// holds the same; it may then be missing, or not be the one in use.
	File string
	// Values is the whole configuration that the engine hands the program, by
	// full key, objects as JSON (PULUMI_CONFIG). When it is set it is the truth:
	// it holds what was decrypted and what Pulumi.yaml and environments add.
	// Nil means that File is read in the engine's stead.
	Values map[string]string
	// Secrets lists the keys of Values that were encrypted
	// (PULUMI_CONFIG_SECRET_KEYS); no error shows their values.
	Secrets []string
}

// Load reads and checks a stack file, together with the values that a
// Pulumi.yaml of the project above it adds. The error is of type [Problems] and
// holds every mistake.
func Load(path string) (*Config, error) {
	return Decode(Source{File: path})
}

// Decode checks a configuration. The error is of type [Problems] and holds
// every mistake; the configuration is nil unless all is well.
func Decode(source Source) (*Config, error) {
	var values *node
	var problems Problems
	if source.Values == nil {
		values, problems = fileValues(source.File)
	} else {
		values, problems = engineValues(source)
	}
	if values == nil {
		return nil, problems.sorted()
	}
	d := newDecoder()
	d.problems = problems
	if source.Values == nil {
		d.file = source.File
	}
	d.decode(values)
	if len(d.problems) > 0 {
		return nil, d.problems.sorted()
	}
	return d.config, nil
}

// Engine returns the source of a program that the Pulumi engine runs, from the
// environment variables by which language hosts hand over the configuration.
// The stack file is taken to lie in the project's folder, where Pulumi looks
// for it unless --config-file names another.
func Engine(getenv func(string) string) (Source, error) {
	source := Source{Values: map[string]string{}}
	for name, value := range map[string]any{"PULUMI_CONFIG": &source.Values, "PULUMI_CONFIG_SECRET_KEYS": &source.Secrets} {
		if text := getenv(name); text != "" {
			if err := json.Unmarshal([]byte(text), value); err != nil {
				return Source{}, fmt.Errorf("%s is not what a Pulumi language host sets: %w", name, err)
			}
		}
	}
	if source.Values == nil { // JSON's null
		source.Values = map[string]string{}
	}
	if root, stack := getenv("PULUMI_ROOT_DIRECTORY"), getenv("PULUMI_STACK"); root != "" && stack != "" {
		source.File = filepath.Join(root, "Pulumi."+strings.ReplaceAll(stack, "/", "-")+".yaml")
	}
	return source, nil
}

// stackFileKeys are the keys that Pulumi itself knows in a stack file
// (ProjectStack in the SDK's go/common/workspace).
var stackFileKeys = []string{"config", "secretsprovider", "encryptedkey", "encryptionsalt", "environment"}

// fileValues returns a mapping of the project's keys in the file and in the
// project's Pulumi.yaml, or nil when the file can't be read as such.
func fileValues(path string) (*node, Problems) {
	data, problem := readFile(path)
	if problem != nil {
		return nil, Problems{*problem}
	}
	root, problems := readYAML(path, data)
	if root == nil {
		return nil, problems
	}
	if root.kind != mappingNode {
		return nil, append(problems, Problem{File: path, Line: root.place.line, Column: root.place.column,
			Message: "is no stack file", Found: root.written(), Allowed: strings.Join(stackFileKeys, ", ")})
	}
	for _, e := range root.entries {
		if slices.Contains(stackFileKeys, e.name) {
			continue
		}
		p := Problem{File: path, Line: e.place.line, Column: e.place.column, Key: e.name,
			Message: "unknown key of a stack file", Allowed: strings.Join(stackFileKeys, ", ")}
		if strings.Contains(e.name, ":") {
			p.Message, p.Hint = "stands beside config instead of under it", "indent it under config:"
		} else {
			p.Nearest = nearest(e.name, stackFileKeys)
		}
		problems = append(problems, p)
	}
	values := &node{kind: mappingNode}
	if config, ok := root.get("config"); ok {
		values.place = config.place
		if config.value.kind != mappingNode {
			return nil, append(problems, Problem{File: path, Line: config.value.place.line, Column: config.value.place.column,
				Key: "config", Message: "is no group of keys", Found: config.value.written(), Allowed: "keys such as " + Namespace + ":region"})
		}
		for _, e := range config.value.entries {
			name, p := projectKey(e.name)
			if p != nil {
				p.File, p.Line, p.Column = path, e.place.line, e.place.column
				problems = append(problems, *p)
			}
			if name == "" {
				continue
			}
			if earlier, twice := values.get(name); twice {
				problems = append(problems, Problem{File: path, Line: e.place.line, Column: e.place.column, Key: e.name,
					Message: "stands twice", Hint: fmt.Sprintf("with and without %s: it is the same key; the first is on line %d", Namespace, earlier.place.line)})
				continue
			}
			values.entries = append(values.entries, entry{name, e.place, e.value})
		}
	}
	for _, e := range projectDefaults(path) {
		if _, ok := values.get(e.name); !ok {
			values.entries = append(values.entries, e)
		}
	}
	return values, problems
}

// engineValues returns the engine's values with the places that the stack file
// and Pulumi.yaml know for them.
func engineValues(source Source) (*node, Problems) {
	values := &node{kind: mappingNode}
	var problems Problems
	names := make([]string, 0, len(source.Values))
	for name := range source.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	var written []entry
	if data, problem := readFile(source.File); problem == nil {
		if root, _ := readYAML(source.File, data); root != nil && root.kind == mappingNode {
			if config, ok := root.get("config"); ok && config.value.kind == mappingNode {
				values.place = config.place
				written = append(written, config.value.entries...)
			}
		}
	}
	written = append(written, projectDefaults(source.File)...)
	for _, full := range names {
		name, p := projectKey(full)
		e := entry{name: name, value: readEngineValue(source.Values[full], slices.Contains(source.Secrets, full))}
		for _, w := range written {
			if w.name == full || w.name == name {
				e.place = w.place
				e.value.locate(w.value, w.place)
				break
			}
		}
		if p != nil {
			p.File, p.Line, p.Column = e.place.file, e.place.line, e.place.column
			problems = append(problems, *p)
		}
		if name != "" {
			values.entries = append(values.entries, e)
		}
	}
	return values, problems
}

// projectKey returns the name of a key of the project without its namespace,
// or "" for a key of another namespace, which is none of ours unless it is a
// slip or without effect.
func projectKey(name string) (string, *Problem) {
	namespace, bare, qualified := strings.Cut(name, ":")
	switch {
	case !qualified:
		return name, nil // Pulumi adds the project's name to such a key
	case namespace == Namespace:
		return bare, nil
	case namespace == "aws":
		return "", &Problem{Key: name, Message: "has no effect: every provider of this project is bound to its account and region, so a default provider's settings are never read",
			Hint: "take the region from " + Namespace + ":region and credentials from the environment (AWS_PROFILE)"}
	case nearest(namespace, []string{Namespace}) != "":
		return "", &Problem{Key: name, Message: "is no key of this project", Nearest: Namespace + ":" + bare}
	default:
		return "", nil
	}
}

// readFile reads a stack file of sensible size.
func readFile(path string) ([]byte, *Problem) {
	if path == "" {
		return nil, &Problem{Message: "no stack file is named", Hint: otherStackFiles(path)}
	}
	file, err := os.Open(path)
	if err != nil {
		p := &Problem{File: path, Message: "can't be read: " + cause(err)}
		if errors.Is(err, fs.ErrNotExist) {
			p.Message, p.Hint = "there is no such stack file", otherStackFiles(path)
		}
		return nil, p
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, &Problem{File: path, Message: "is a directory, not a stack file", Hint: otherStackFiles(filepath.Join(path, "Pulumi.NAME.yaml"))}
	}
	data, err := io.ReadAll(io.LimitReader(file, largestFile+1))
	switch {
	case err != nil:
		return nil, &Problem{File: path, Message: "can't be read: " + cause(err)}
	case len(data) > largestFile:
		return nil, &Problem{File: path, Message: fmt.Sprintf("is larger than %d bytes, so it is no stack file", largestFile)}
	}
	return data, nil
}

// cause returns what the operating system said, without the path, which the
// problem names already.
func cause(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err.Error()
	}
	return err.Error()
}

// otherStackFiles names the stack files beside a path.
func otherStackFiles(path string) string {
	dir := filepath.Dir(path)
	found, err := filepath.Glob(filepath.Join(globEscape(dir), "Pulumi.*.yaml"))
	if err != nil || len(found) == 0 {
		return "no file Pulumi.NAME.yaml is in " + printable(dir) + "; copy Pulumi.dev.yaml and fill it in"
	}
	for i := range found {
		found[i] = printable(filepath.Base(found[i]))
	}
	return "stack files in " + printable(dir) + ": " + strings.Join(found, ", ")
}

func globEscape(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

// projectDefaults returns the values that the project's Pulumi.yaml, in the
// folder of the stack file or above it, gives to keys which the stack file
// leaves out, as Pulumi merges them (mergeConfig in pkg/workspace): a default
// goes before a value.
func projectDefaults(stackFile string) []entry {
	path := projectFile(stackFile)
	if path == "" {
		return nil
	}
	data, problem := readFile(path)
	if problem != nil {
		return nil
	}
	root, _ := readYAML(path, data)
	if root == nil || root.kind != mappingNode {
		return nil
	}
	if name, ok := root.get("name"); !ok || name.value.text != Namespace {
		return nil // some other project's folder
	}
	config, ok := root.get("config")
	if !ok {
		return nil
	}
	var defaults []entry
	for _, e := range config.value.entries {
		namespace, bare, qualified := strings.Cut(e.name, ":")
		if !qualified {
			bare = e.name
		} else if namespace != Namespace {
			continue
		}
		if e.value.kind != mappingNode {
			defaults = append(defaults, entry{bare, e.place, e.value}) // the short form, key: value
			continue
		}
		for _, name := range []string{"default", "value"} {
			if given, ok := e.value.get(name); ok && given.value.kind != nullNode {
				defaults = append(defaults, entry{bare, e.place, given.value})
				break
			}
		}
	}
	return defaults
}

// projectFile returns the Pulumi.yaml that governs a stack file, found as
// Pulumi finds it: in the file's folder or the nearest one above.
func projectFile(stackFile string) string {
	dir, err := filepath.Abs(filepath.Dir(stackFile))
	if err != nil {
		return ""
	}
	for {
		path := filepath.Join(dir, "Pulumi.yaml")
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
