package logs

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/kizashi-ops/kizashi"
)

// prefix is what a back-fill's name has of a group: the first four bytes of its
// id. Two groups of one region that share them are rare; the second one would
// have no history read.
func prefix(id kizashi.SeriesID) uint32 { return uint32(id >> 32) }

func named(gs []*group) string {
	b := make([]byte, 0, 4*len(gs))
	for _, g := range gs {
		p := prefix(g.id)
		b = append(b, byte(p>>24), byte(p>>16), byte(p>>8), byte(p))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// cutName takes a back-fill's name apart; kind "" = it is none of ours.
func cutName(name string) (kind string, to kizashi.Time, ids string) {
	if ids, ok := strings.CutPrefix(name, kizashi.BackfillInitial+"-"); ok {
		return kizashi.BackfillInitial, kizashi.Forever, ids
	}
	rest, ok := strings.CutPrefix(name, kizashi.BackfillFound+"-")
	at, ids, cut := strings.Cut(rest, "-")
	sec, err := strconv.ParseInt(at, 10, 64)
	if !ok || !cut || err != nil {
		return "", 0, ""
	}
	return kizashi.BackfillFound, kizashi.Time(sec) * 1000, ids
}

func members(ids string) map[uint32]bool {
	out := map[uint32]bool{}
	b, err := base64.RawURLEncoding.DecodeString(ids)
	if err != nil {
		return out // not a name that we gave
	}
	for ; len(b) >= 4; b = b[4:] {
		out[uint32(b[0])<<24|uint32(b[1])<<16|uint32(b[2])<<8|uint32(b[3])] = true
	}
	return out
}

// knownOnes are the groups that earlier runs have taken in.
func (s *Source) knownOnes() map[uint32]bool {
	out := map[uint32]bool{}
	for k := range s.from {
		_, _, ids := cutName(k.Backfill)
		for p := range members(ids) {
			out[p] = true
		}
	}
	return out
}

// brought are the partitions of an earlier run that may have delivered lines of
// a group.
func (s *Source) brought(g *group) (out []kizashi.Partition) {
	for k := range s.from {
		_, _, ids := cutName(k.Backfill)
		if k.Source == "" && (k.Backfill == "" || members(ids)[prefix(g.id)]) {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b kizashi.Partition) int { return cmp.Compare(a.String(), b.String()) })
	return out
}
