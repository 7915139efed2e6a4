package detect

import (
	"errors"
	"fmt"
	"math"
	"regexp"

	"github.com/kizashi-ops/kizashi"
)

// API is the version of the contract that detectors are written against: what
// model.go declares, but for [Timed], and what can be reached from there, but for
// [Case.Base]. Within a version nothing is taken away or means something else;
// docs/own-detectors.md says what may be added.
const API = 1

// ownName is that of a detector that is not Kizashi's: it has a hyphen, and
// Kizashi's own never have one, so that no later version takes it.
var ownName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)+$`)

// longestName of a detector; it stands in labels and state.
const longestName = 48

// own says that the row is not Kizashi's: it brings its words.
func (r *Row) own() bool { return r.Words.English != "" }

// CheckOwn says what keeps a row that is not Kizashi's from the table, if anything
// does.
func CheckOwn(r Row) error {
	err := r.checkOwn()
	if err != nil {
		return fmt.Errorf("detector %q: %w", r.Name, err)
	}
	return nil
}

func (r *Row) checkOwn() error {
	switch {
	case !ownName.MatchString(r.Name) || len(r.Name) > longestName:
		return fmt.Errorf("name: want small letters, digits and at least one hyphen, at most %d of them, such as acme-saturated", longestName)
	case r.Model == nil:
		return errors.New("model: there is none")
	case r.Kind != kizashi.Value && r.Kind != kizashi.EvidenceVote:
		return fmt.Errorf("kind %q: want %s or %s", r.Kind, kizashi.Value, kizashi.EvidenceVote)
	case r.About == "" || r.Source == "":
		return errors.New("about, source: want a line each")
	case !r.Outside || r.Share != 0:
		return errors.New("it stands outside the false-alert target: want outside and no share")
	case r.Weight != 0:
		return errors.New("weight: it ranks no moments")
	}
	if err := r.Limit.Check(); err != nil {
		return err
	}
	if r.Limit != kizashi.OfItself && r.Kind != kizashi.Value {
		return errors.New("limit: only a value vote has one in the series' unit")
	}
	if err := r.Words.Check(); err != nil {
		return err
	}
	return r.checkState()
}

// checkState looks at a state as it is made.
func (r *Row) checkState() (err error) {
	defer func() {
		if what := recover(); what != nil {
			err = fmt.Errorf("new: it panics: %v", what)
		}
	}()
	set := Defaults()
	switch s := r.Model.New(&kizashi.Meta{Lower: kizashi.None(), Upper: kizashi.None()}, &set).(type) {
	case nil:
		return errors.New("new: it makes no state")
	case Timed:
		return fmt.Errorf("state %T: what speaks when no sample comes is Kizashi's alone", s)
	}
	return nil
}

// wellFormed says what is wrong with a vote as a model filled it in; "" =
// nothing.
func wellFormed(v *kizashi.Vote, r *Row) string {
	switch {
	case v.Model != r.Name || v.Kind != r.Kind:
		return "a vote of another model or kind"
	case v.Side != kizashi.Up && v.Side != kizashi.Down && v.Side != kizashi.Both:
		return "a vote without a side"
	}
	return ""
}

// groundless says why nothing can rest on a ground; "" = it can.
func groundless(g *kizashi.Ground, r *Row) string {
	if g.Model != r.Name {
		return "a ground of another model"
	}
	sum := g.Stat + g.Limit
	for i := range g.Parts {
		sum += g.Parts[i].Sum
	}
	switch {
	case math.IsNaN(sum) || math.IsInf(sum, 0):
		return "a ground that is no number"
	case r.own() && g.Tail != nil:
		return "a ground with a tail, of a model outside the false-alert target"
	}
	return ""
}

// owns are the words of those detectors, not Kizashi's, that stand on a side.
func (j *judge) owns(side kizashi.Side) (out []kizashi.Own) {
	for i := range j.e.rows {
		r := &j.e.rows[i]
		if !r.own() {
			continue
		}
		for _, v := range j.votes {
			if v.Model == r.Name && v.Crossed && v.Side == side {
				out = append(out, kizashi.Own{Model: r.Name, Words: r.Words, Limit: r.Limit})
			}
		}
	}
	return out
}
