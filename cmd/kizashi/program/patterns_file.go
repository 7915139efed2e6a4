package program

import (
	"fmt"
	"io"
	"strings"

	"github.com/kizashi-ops/kizashi/alert/explain"
	"github.com/kizashi-ops/kizashi/ingest/mask"
)

// tell says in a line what became of a file: what was cut, broken or without a
// time, where there was any.
func (r *fileReport) tell(w io.Writer, st explain.Style) {
	fmt.Fprintf(w, "%s: %s, %s, ", r.Path, r.Format, r.Encoding)
	fmt.Fprint(w, pick(st, many(r.Rows, "row")+", "+many(r.Events, "event"), fmt.Sprintf("%d 行, イベント %d 件", r.Rows, r.Events)))
	for _, c := range []struct {
		n      int
		en, ja string
	}{
		{r.Cut, "%d cut", "途中で切ったもの %d 件"},
		{r.Broken, "%d with broken bytes", "不正なバイトを含むもの %d 件"},
		{r.NUL, "%d with NUL bytes", "NUL バイトを含むもの %d 件"},
		{r.NoTime, "%d without a time of their own", "時刻のないもの %d 件"},
		{r.BadTime, "%d of them with a time that cannot be", "うち時刻が不正なもの %d 件"},
		{r.Odd, "%d with a time that the lines around rule out (left out of spans)", "前後の行と時刻が合わないもの %d 件 (期間の計算から除外)"},
		{r.Control, "%d control messages dropped", "除いた制御メッセージ %d 件"},
		{r.Skipped, "%d values that are no payload", "ペイロードでない値 %d 件"},
	} {
		if c.n > 0 {
			fmt.Fprintf(w, ", "+pick(st, c.en, c.ja), c.n)
		}
	}
	if r.CutBytes > 0 {
		fmt.Fprintf(w, pick(st, ", %d bytes not kept", ", 保持しなかったバイト数 %d"), r.CutBytes)
	}
	switch {
	case r.Shown:
		fmt.Fprintf(w, pick(st, "; times without a zone read as %s, as other rows have it", "; タイムゾーンのない時刻は、ほかの行に合わせて %s として読みました"), r.Zone)
	case r.Assumed:
		fmt.Fprint(w, pick(st, "; times without a zone read as UTC, as none was stated", "; タイムゾーンのない時刻は UTC として読みました (指定なし)"))
	}
	if r.BrokeOff != "" {
		fmt.Fprint(w, pick(st, "; BROKEN OFF: ", "; 途中で途切れています: ")+explain.Clean(r.BrokeOff))
	}
	fmt.Fprintln(w)
}

// many is "1 row", "2 rows".
func many(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

// masked says in how many lines something was masked, and what.
func masked(c mask.Counts, st explain.Style) string {
	all := c.String()
	_, kinds, _ := strings.Cut(all, ": ")
	return pick(st, "masked in "+all, fmt.Sprintf("マスキング: %d 行中 %d 行 (%s)", c.Lines, c.Masked, kinds))
}
