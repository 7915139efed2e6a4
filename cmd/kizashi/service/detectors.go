package service

import (
	"github.com/kizashi-ops/kizashi/detect"
	"github.com/kizashi-ops/kizashi/models"
)

// table is that of all detectors.
func (s *Service) table() []detect.Row { return append(models.All(), s.opt.Own...) }

// ownNames are those of the detectors that are not Kizashi's.
func (s *Service) ownNames() (names []string) {
	for _, r := range s.opt.Own {
		names = append(names, r.Name)
	}
	return names
}
