package program

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/kizashi-ops/kizashi"
	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/config"
	"github.com/kizashi-ops/kizashi/detect"
)

// known are the series of a data directory as a configuration has them.
type known struct {
	aims []detect.Aim
	off  []detect.Off
	why  error // they cannot be counted
	some bool  // they could
}

// knownTo counts the series that a service's last snapshot holds. It is no fault
// of the configuration if they cannot be counted.
func knownTo(e env, cfg *config.Config) known {
	aims, off, err := aimsOf(e, cfg)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		err = nil // no service has run here yet, or it is not ours to see
	}
	return known{aims, off, err, len(aims) > 0}
}

// assumed is how many series are spoken of where none are known.
const assumed = 100

// tellTarget says how many false notifications a week a tenant's configuration
// implies.
func tellTarget(w io.Writer, t *config.Tenant, k known) {
	each := func(n int) string {
		d := kizashi.Division{Weekly: t.Weekly, Series: n}
		s := "one false alert in " + explain.Duration(time.Duration(d.R()), explain.English)
		if sum := 7 * 24 * float64(time.Hour) / float64(d.R()) * float64(n); sum > 1.01*t.Weekly || sum < .99*t.Weekly {
			s += fmt.Sprintf(", a bound: that comes to %s a week", amount(sum))
		}
		return s
	}
	fmt.Fprintf(w, "  false notifications: at most %s a week wanted over its series of class act", amount(t.Weekly))
	if !k.some {
		fmt.Fprintf(w, "; were they %d, each would have %s\n", assumed, each(assumed))
		r := detect.Defaults().R
		fmt.Fprintf(w, "    on top, for each %d series of class check or record: %s a week, at one in %s\n",
			assumed, amount(7*24*float64(time.Hour)/float64(r)*assumed), explain.Duration(time.Duration(r), explain.English))
		return
	}
	shared, own := 0, []detect.Aim{}
	for _, a := range k.aims {
		if a.Tenant != t.Name {
			continue
		}
		shared += a.Shared
		if a.Own > 0 {
			own = append(own, a)
		}
	}
	if shared > 0 {
		fmt.Fprintf(w, "; %s share that, each with %s\n", seriesOf(shared), each(shared))
	} else {
		fmt.Fprintln(w, "; none shares that yet")
	}
	for _, a := range own {
		fmt.Fprintf(w, "    on top, %s of class %s with a period of their own: %s a week\n", seriesOf(a.Own), a.Class, amount(a.Weekly))
	}
}

func seriesOf(n int) string { return explain.Count(n) + " series" }
