package peers

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/kizashi-ops/kizashi/bench/incidents"
)

//go:embed rcf/Scores.java
var program []byte

// ErrAbsent says that a peer is not there to be measured: it is neither better
// nor worse.
var ErrAbsent = errors.New("absent")

// forest is AWS's random cut forest, in Java: 50 trees of 256 samples, shingles
// of 8, a score for each point before it is learned.
type forest struct{ jar string }

// Forest is what was measured while it ran.
type Forest struct {
	PerSample time.Duration // CPU
	Bytes     int64         // of one forest
}

// command is the program, from its source, with the library beside it.
func (f forest) command() (*exec.Cmd, func(), error) {
	java, err := exec.LookPath("java")
	if err != nil {
		return nil, nil, fmt.Errorf("%w: no java: %w", ErrAbsent, err)
	}
	if _, err := os.Stat(f.jar); err != nil {
		return nil, nil, fmt.Errorf("%w: no library: %w", ErrAbsent, err)
	}
	dir, err := os.MkdirTemp("", "kizashi-peers-")
	if err != nil {
		return nil, nil, err
	}
	source := filepath.Join(dir, "Scores.java")
	if err := os.WriteFile(source, program, 0o600); err != nil {
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	cmd := exec.Command(java, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4", "-cp", f.jar, source)
	cmd.Stderr = os.Stderr
	return cmd, func() { os.RemoveAll(dir) }, nil
}

func (f forest) score(scenes []*incidents.Scene) ([][][]float64, error) {
	scores, _, err := f.run(scenes)
	return scores, err
}

// run scores all members of all scenes with one program.
func (f forest) run(scenes []*incidents.Scene) (_ [][][]float64, m Forest, err error) {
	cmd, clean, err := f.command()
	if err != nil {
		return nil, m, err
	}
	defer clean()
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, m, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, m, err
	}
	if err := cmd.Start(); err != nil {
		return nil, m, err
	}
	sent := make(chan error, 1)
	go func() { sent <- send(in, scenes) }()
	var all [][]float64
	r := bufio.NewReaderSize(out, 1<<20)
	for _, s := range scenes {
		for _, vs := range s.Values {
			scores := make([]float64, len(vs))
			if err = binary.Read(r, binary.BigEndian, scores); err != nil {
				break
			}
			all = append(all, scores)
		}
	}
	var tail [3]int64
	if err == nil {
		err = binary.Read(r, binary.BigEndian, &tail)
	}
	if err != nil {
		cmd.Process.Kill()
	}
	if err := errors.Join(err, <-sent, cmd.Wait()); err != nil {
		return nil, m, fmt.Errorf("random cut forest: %w", err)
	}
	m = Forest{Bytes: tail[2]}
	if tail[1] > 0 {
		m.PerSample = time.Duration(tail[0] / tail[1])
	}
	return split(scenes, all), m, nil
}

// send writes all series, and the end.
func send(w io.WriteCloser, scenes []*incidents.Scene) error {
	b := bufio.NewWriterSize(w, 1<<20)
	var word [8]byte
	number := func(n int) error {
		binary.BigEndian.PutUint32(word[:4], uint32(n))
		_, err := b.Write(word[:4])
		return err
	}
	for _, s := range scenes {
		for _, vs := range s.Values {
			if err := number(len(vs)); err != nil {
				return errors.Join(err, w.Close())
			}
			for _, v := range vs {
				binary.BigEndian.PutUint64(word[:], math.Float64bits(v))
				if _, err := b.Write(word[:]); err != nil {
					return errors.Join(err, w.Close())
				}
			}
		}
	}
	return errors.Join(number(0), b.Flush(), w.Close())
}
