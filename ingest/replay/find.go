package replay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// found is an input before anybody looked into it.
type found struct {
	path   string // to open; "-" = stdin
	rel    string // relative to the folder given, slashes
	folder bool   // it was found, not named
	tsdb   bool   // a directory of Prometheus
	once   bool   // it can be read once only: stdin, a pipe
}

// tableSuffixes are what a folder's files are taken by; a file that is named
// itself may be called anything.
var tableSuffixes = []string{".csv", ".json", ".jsonl", ".ndjson", ".om", ".openmetrics", ".prom"}

// find lists the inputs: files as named, folders walked in sorted order.
func find(paths []string) (in []found, ignored []Ignored, err error) {
	var errs []error
	for _, p := range paths {
		if p == "-" {
			in = append(in, found{path: p, rel: "stdin", once: true})
			continue
		}
		st, err := os.Stat(p)
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("input: %w", err))
		case !st.IsDir():
			in = append(in, found{path: p, rel: filepath.Base(p), once: !st.Mode().IsRegular()})
		case isBlock(p):
			errs = append(errs, fmt.Errorf("%s is one block of a TSDB: give the directory above it", p))
		case isTSDB(p):
			in = append(in, found{path: p, rel: baseOf(p), tsdb: true})
		default:
			fs, more, err := walk(p)
			if err == nil && len(fs) == 0 {
				err = fmt.Errorf("%s: the folder holds no %s or .log file", p, strings.Join(tableSuffixes, ", "))
			}
			if err != nil {
				errs = append(errs, err)
			}
			in, ignored = append(in, fs...), append(ignored, more...)
		}
	}
	if len(paths) == 0 {
		errs = append(errs, errors.New("no input: name files or folders, or - for stdin"))
	}
	return in, ignored, errors.Join(errs...)
}

// baseOf names a directory, also where it was given as "." or "..".
func baseOf(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return filepath.Base(abs)
	}
	return filepath.Base(dir)
}

func walk(root string) (in []found, ignored []Ignored, err error) {
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		hidden := p != root && strings.HasPrefix(d.Name(), ".")
		switch {
		case d.IsDir() && hidden:
			ignored = append(ignored, Ignored{p, "hidden"})
			return filepath.SkipDir
		case d.IsDir() && isTSDB(p):
			rel, err := filepath.Rel(root, p)
			if err != nil {
				return fmt.Errorf("input: %w", err)
			}
			in = append(in, found{path: p, rel: filepath.ToSlash(rel), folder: true, tsdb: true})
			return filepath.SkipDir
		case d.IsDir():
			return nil
		case hidden:
			ignored = append(ignored, Ignored{p, "hidden"})
			return nil
		case !isTable(d.Name()) && !isLog(d.Name()):
			ignored = append(ignored, Ignored{p, "not named like a table"})
			return nil
		}
		st, err := os.Stat(p)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		if !st.Mode().IsRegular() {
			ignored = append(ignored, Ignored{p, "no regular file"})
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return fmt.Errorf("input: %w", err)
		}
		in = append(in, found{path: p, rel: filepath.ToSlash(rel), folder: true})
		return nil
	})
	return in, ignored, err
}

func isTable(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	for _, s := range tableSuffixes {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

// stem drops the endings of a path that say only how a file is written.
func stem(rel string) string {
	for _, s := range append([]string{".gz"}, tableSuffixes...) {
		if cut := len(rel) - len(s); cut > 0 && strings.EqualFold(rel[cut:], s) && rel[cut-1] != '/' {
			rel = rel[:cut]
		}
	}
	if isLog(rel) {
		return logStem(rel)
	}
	return rel
}

// tenants names each input's own tenant: its path without endings. Where two
// would share a name, the endings stay, and then the path as it was given.
func tenants(in []found) ([]string, error) {
	forms := []func(found) string{
		func(f found) string { return stem(f.rel) },
		func(f found) string { return f.rel },
		func(f found) string { return path.Clean(filepath.ToSlash(f.path)) },
	}
	names := make([]string, len(in))
	level := make([]int, len(in))
	for {
		owner := map[string][]int{}
		for i, f := range in {
			names[i] = forms[level[i]](f)
			owner[names[i]] = append(owner[names[i]], i)
		}
		again := false
		for n, is := range owner {
			if len(is) == 1 {
				continue
			}
			for _, i := range is {
				if level[i]++; level[i] == len(forms) {
					return nil, fmt.Errorf("input %s is given twice", n)
				}
			}
			again = true
		}
		if !again {
			return names, nil
		}
	}
}

// openRaw opens an input's bytes. Stdin is there once.
func openRaw(f found, stdin io.Reader) (io.ReadCloser, error) {
	if f.path == "-" {
		if stdin == nil {
			return nil, errors.New("there is no stdin to read")
		}
		return io.NopCloser(stdin), nil
	}
	return os.Open(f.path)
}
