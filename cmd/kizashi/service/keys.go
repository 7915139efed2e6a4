package service

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kizashi-ops/kizashi/store/durable"
)

// Keys in the data directory, made at the first start and readable by its
// owner only.
const (
	TokenFile   = "api-token" // what a request that changes something has to show
	linkKeyFile = "link-key"  // signs the links in messages
	keyBytes    = 32
)

// key reads a key of the data directory, and makes it if it is not there.
func key(dir, name string) ([]byte, error) {
	file := filepath.Join(dir, name)
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		b = make([]byte, keyBytes)
		_, _ = rand.Read(b) // it never fails: crypto/rand ends the program first
		text := hex.EncodeToString(b) + "\n"
		err := durable.WriteFile(file, nil, func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	k, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil || len(k) != keyBytes {
		return nil, fmt.Errorf("%s: want %d bytes in hexadecimal digits; remove the file, and the next start makes another one", file, keyBytes)
	}
	if st, err := os.Stat(file); err == nil && st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: others may read it (mode %v); chmod 600 it", file, st.Mode().Perm())
	}
	return k, nil
}
