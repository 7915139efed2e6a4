package logs

import (
	"slices"
	"strings"
	"time"

	"github.com/kizashi-ops/kizashi"
)

// tagLabel is what the label of a tag begins with.
const tagLabel = "tag_"

// tagged gives groups the tags that they had where they cannot be read now.
// Those of which nobody knows whether a rule that goes by tags is for them are
// left out of the list, neither read nor ended; open is how many they are.
func (s *Source) tagged(found []Found, blind error) (known []Found, open int) {
	if blind == nil {
		return found, 0
	}
	had := s.tagsBefore()
	known = slices.DeleteFunc(found, func(f Found) bool {
		_, ok := had[f.Name]
		return !ok && s.cfg.hangsOnTags(&f)
	})
	for i := range known {
		known[i].Tags = had[known[i].Name]
	}
	return known, len(found) - len(known)
}

// tellTags says that tags cannot be read, or can be again.
func (s *Source) tellTags(blind error, now time.Time) {
	switch {
	case blind == nil:
		s.seenAgain(GetResources)
	case ByTags(s.cfg.Rules):
		s.setAside(causeOf(blind), GetResources, blind.Error(), now)
	default:
		s.cfg.Log.Warn("tags of log groups could not be read", "err", blind)
	}
}

// tagsBefore are the tags of the groups that this run reads, or of those that an
// earlier one read.
func (s *Source) tagsBefore() map[string]map[string]string {
	had := map[string]map[string]string{}
	for _, g := range s.groups {
		had[g.Name] = g.Tags
	}
	if s.from == nil {
		return had
	}
	for k, standing := range s.formerOnes() {
		for _, was := range standing {
			if k.Kind != kizashi.Logs || was.Ended != "" {
				continue
			}
			tags := map[string]string{}
			for label, v := range was.Meta.Labels.Map() {
				if tag, ok := strings.CutPrefix(label, tagLabel); ok {
					tags[tag] = v
				}
			}
			had[was.Meta.Identity.Get("log_group")] = tags
		}
	}
	return had
}

// formerOnes are the series of earlier runs; who knows them is asked once.
func (s *Source) formerOnes() map[kizashi.Partition][]kizashi.Standing {
	if s.earlier == nil && s.cfg.Earlier != nil {
		s.earlier = s.cfg.Earlier()
	}
	return s.earlier
}

// waitsForTags says whether the first list is none without the tags: after a
// restart, if nobody says which groups were read, groups would be taken for left
// out; at the very first start they would miss the back-fill of their partition,
// for which a denial is no reason to wait.
func (s *Source) waitsForTags(blind error) bool {
	switch {
	case s.from == nil:
		return false
	case len(s.from) == 0:
		return causeOf(blind).Kind != kizashi.NoPermission
	}
	return s.cfg.Earlier == nil
}

// hangsOnTags says whether the choice of a group cannot be made without its
// tags: a rule that goes by them comes first of those that are else for it.
func (cfg *Config) hangsOnTags(g *Found) bool {
	for _, r := range cfg.Rules {
		byTags := len(r.Tags) > 0
		if r.Tags = nil; r.Fits(g) {
			return byTags
		}
	}
	return false
}
