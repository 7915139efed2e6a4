package models

import (
	"fmt"

	"github.com/kizashi-ops/kizashi/detect"
)

// With returns the table with detectors that are not Kizashi's behind the others.
func With(own ...detect.Row) ([]detect.Row, error) {
	rows := All()
	for _, r := range own {
		if err := detect.CheckOwn(r); err != nil {
			return nil, err
		}
		for i := range rows {
			if rows[i].Name == r.Name {
				return nil, fmt.Errorf("detector %q: the name is taken", r.Name)
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}
