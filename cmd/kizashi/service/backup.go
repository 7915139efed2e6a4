package service

import (
	"encoding/json"
	"errors"
	"net/http"
	"path/filepath"

	"github.com/kizashi-ops/kizashi/store"
)

// backup is a copy that somebody asked for and waits for.
type backup struct {
	dir  string
	done chan error
}

// answerBackup writes a copy of the data directory while the service runs.
func (s *Service) answerBackup(w http.ResponseWriter, r *http.Request) {
	if !s.trusted(r) {
		s.json(w, http.StatusUnauthorized, map[string]string{"error": "it needs the token of the data directory (file " + TokenFile + ")"})
		return
	}
	var ask struct{ Dir string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, longestAct)).Decode(&ask); err != nil || ask.Dir == "" {
		s.json(w, http.StatusBadRequest, map[string]string{"error": `want {"dir": "/absolute/path"}`})
		return
	}
	if !s.ready.Load() {
		s.refuse(w, errEarly)
		return
	}
	b := backup{filepath.Clean(ask.Dir), make(chan error, 1)}
	select {
	case s.backups <- b:
	case <-r.Context().Done():
		return
	}
	select {
	case err := <-b.done:
		switch {
		case errors.Is(err, store.ErrBackupPlace):
			s.json(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		case err != nil:
			s.opt.Log.Error("backup", "dir", b.dir, "err", err)
			s.json(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		default:
			s.json(w, http.StatusCreated, map[string]string{"dir": b.dir})
		}
	case <-r.Context().Done():
	}
}

// backUp makes the copy that is waited for, if one is. A copy that fails ends
// nothing: the disk that it goes to is another one, mostly.
func (s *Service) backUp() error {
	select {
	case b := <-s.backups:
		if err := s.save(); err != nil {
			b.done <- err
			return err
		}
		err := s.store.Backup(b.dir)
		s.opt.Log.Info("backup", "dir", b.dir, "ok", err == nil)
		b.done <- err
	default:
	}
	return nil
}
