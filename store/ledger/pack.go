package ledger

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/kizashi-ops/kizashi"
)

// packing is the first byte of a packed record; mostRecord bounds what one
// unpacks to, so that damaged bytes cannot fill the memory.
const (
	packing    = 1
	mostRecord = 4 << 20
)

// dictionary is what nearly every record has in common. It belongs to packing
// 1 and never changes.
const dictionary = `null,"center":"scale":"lower":null,"upper":null},{"center":0.` +
	`,"xi0":0.1,"n0":20,"w":0.25,"theta":` +
	`{"series":"","hour":"2026-01-01T00:00:00Z","transform":"log1p","season":"none","transform":"identity","season":"daily","season":"weekly",` +
	`"period":"1m0s","m":3,"n":5,"r":"672h0m0s","slots":[{"center":0,"scale":1,"lower":null,"upper":0},{"center":` +
	`}],"band_up":{"u":2,"lambda":1,"n":20,"m":0.5,"v":0.25,"xi0":0,"n0":20,"w":0.25,"theta":5},"band_down":{"u":` +
	`},"spike_up":{"u":},"spike_down":{"u":},"spike_scale":1,"lower_bound":0,"upper_bound":null,"samples":20160,` +
	`"since":"2026-01-01T00:00:00Z","restarts":0,"start":{"at":"2026-01-01T00:00:00Z","hash":"sha256:"},"ready":true,"calibrated":true}` +
	`,"lower_bound":null,"upper_bound":null,"samples":0,"ready":false,"calibrated":false}`

var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(io.Discard, flate.DefaultCompression, []byte(dictionary))
	if err != nil {
		panic(err) // only a level that does not exist fails
	}
	return w
}}

// packRecord is a record's JSON, deflated: one is kept per series and hour.
func packRecord(r kizashi.Record) ([]byte, error) {
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer([]byte{packing})
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func unpackRecord(p []byte) (r kizashi.Record, err error) {
	if len(p) == 0 || p[0] != packing {
		return r, errors.New("the record is packed in a way that this program does not know")
	}
	z := flate.NewReaderDict(bytes.NewReader(p[1:]), []byte(dictionary))
	b, err := io.ReadAll(io.LimitReader(z, mostRecord+1))
	if err == nil && len(b) > mostRecord {
		err = fmt.Errorf("it unpacks to more than %d bytes", mostRecord)
	}
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		return r, fmt.Errorf("the record is damaged: %w", err)
	}
	return r, nil
}

// hashText is kizashi.HashOf for what is JSON already.
func hashText(body string) string {
	sum := sha256.Sum256([]byte(body))
	return "sha256:" + hex.EncodeToString(sum[:])
}
