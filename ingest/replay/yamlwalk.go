package replay

import "github.com/kizashi-ops/kizashi/yamlstrict"

// walker reads the nodes of a mapping strictly.
type walker struct{ yamlstrict.Walker }

// nearest says which known name was probably meant.
func nearest(got string, known []string) string { return yamlstrict.Nearest(got, known) }
