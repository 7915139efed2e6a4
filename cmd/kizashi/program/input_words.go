package program

import "regexp"

// inputWords are the sentences of replay and logfile on what an answer lacks and where an
// input breaks off, in Japanese. What is not theirs, such as the words of CloudWatch or of
// the system, stays as it is.
var inputWords = [...]struct {
	en *regexp.Regexp
	ja string
}{
	{regexp.MustCompile(`^result (.+) ends with PartialData: it is not complete$`), "結果 $1 は PartialData で終わっており不完全"},
	{regexp.MustCompile(`^it ends with a NextToken: later pages are missing$`), "NextToken で終わっており、以降のページがない"},
	{regexp.MustCompile(`^CloudWatch says `), "CloudWatch の応答 "},
	{regexp.MustCompile(`^line (\d+) is longer than (\d+) KiB: that is no table of numbers`), "${1}行目が $2 KiB を超えており、数値の表ではない"},
	{regexp.MustCompile(`^(?:line|row) (\d+): `), "${1}行目: "},
	{regexp.MustCompile(`^(\d+行目: )(?:the input|the file) breaks off: `), "$1"},
	{regexp.MustCompile(`^(\d+行目: )mixed zones: the time (".*") names its zone, but those above do not`), "${1}タイムゾーンの有無が混在: 時刻 $2 にはあり、それより上にはない"},
	{regexp.MustCompile(`^(\d+行目: )mixed zones: the time (".*") has no zone, but those above do`), "${1}タイムゾーンの有無が混在: 時刻 $2 にはなく、それより上にはある"},
	{regexp.MustCompile(`^(\d+行目: (?:gzip: |zstd: |base64: )?)(?:it is cut short|unexpected EOF)`), "${1}データが途中で切れている"},
	{regexp.MustCompile(`^(\d+行目: (?:gzip: )?)a (?:value|payload) is larger than (\d+) MiB(?:: that is no payload)?`), "${1}1件が $2 MiB を超えており、ペイロードではない"},
	{regexp.MustCompile(`^(\d+行目: (?:gzip: |zstd: ))(\d+) MiB came out of (\d+) KiB: it is a bomb`), "${1}$3 KiB が $2 MiB に展開され、異常な圧縮率"},
}

// inJapanese says what an input lacks, or where it breaks off, in Japanese.
func inJapanese(said string) string {
	for _, w := range inputWords {
		said = w.en.ReplaceAllString(said, w.ja)
	}
	return said
}
