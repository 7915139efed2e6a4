package mail

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/kizashi-ops/kizashi/alert/sinktest"
	"github.com/kizashi-ops/kizashi/realtest"
)

// reader takes mails apart with Python's own library: another reader than the
// one of our tests.
const reader = `
import email, email.policy, json, sys
out = []
for file in sys.argv[1:]:
    with open(file, "rb") as f:
        m = email.message_from_binary_file(f, policy=email.policy.default)
    parts = {}
    for p in m.walk():
        if not p.is_multipart():
            body = p.get_content()
            parts[p.get_content_type()] = body.replace("\r\n", "\n") if isinstance(body, str) else len(body)
    out.append({"subject": str(m["Subject"]), "from": str(m["From"]), "id": str(m["Message-ID"]), "key": str(m["X-Kizashi-Dedup-Key"]),
                "defects": [str(d) for p in m.walk() for d in p.defects], "parts": parts})
print(json.dumps(out))
`

// TestReal gives each example to a server that is not Go's, by STARTTLS and
// without, and has it read by a reader that is not Go's.
func TestReal(t *testing.T) {
	bin := realtest.Program(t, "KIZASHI_AIOSMTPD", "aiosmtpd/bin/aiosmtpd")
	dir := t.TempDir()
	cert := httptest.NewTLSServer(nil)
	cert.Close()
	pair := cert.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: pair.Certificate[0]}, keyFile: {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert.Certificate())
	for _, protect := range []string{NoTLS, StartTLS} {
		box := filepath.Join(dir, protect)
		args := []string{"--nosetuid", "-c", "aiosmtpd.handlers.Mailbox"}
		if protect == StartTLS {
			args = append(args, "--tlscert", certFile, "--tlskey", keyFile)
		}
		addr := start(t, bin, box, args...)
		s := newSink(t, Config{Server: addr, TLS: protect, Roots: roots})
		for _, e := range sinktest.Examples() {
			e.Notice.DedupKey = e.Name
			if err := s.Send(t.Context(), e.Notice); err != nil {
				t.Fatalf("%s: %v", protect, err)
			}
		}
		checkBox(t, bin, box)
	}
}

// start returns once the server takes connections.
func start(t *testing.T, bin, box string, args ...string) string {
	t.Helper()
	addr := realtest.FreeAddr(t)
	cmd := exec.Command(bin, append(append(args, "-l", addr), box)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return addr
		}
	}
	t.Fatalf("nobody listens at %s after a minute", addr)
	return ""
}

func checkBox(t *testing.T, bin, box string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(box, "new", "*"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(filepath.Join(filepath.Dir(bin), "python3"), append([]string{"-c", reader}, files...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	var mails []struct {
		Subject, From, ID, Key string
		Defects                []string
		Parts                  map[string]any
	}
	if err := json.Unmarshal(out, &mails); err != nil {
		t.Fatal(err)
	}
	byKey := map[string]int{}
	for i, m := range mails {
		byKey[m.Key] = i
	}
	for _, e := range sinktest.Examples() {
		i, ok := byKey[e.Name]
		if !ok {
			t.Errorf("%s did not arrive; %d did", e.Name, len(mails))
			continue
		}
		m, said := mails[i], e.Notice.Said()
		if m.Subject != said.Title || m.From != "Kizashi 監視 <kizashi@ops.example>" || len(m.Defects) > 0 || m.ID == "" {
			t.Errorf("%s: subject %q, from %q, id %s, defects %v", e.Name, m.Subject, m.From, m.ID, m.Defects)
		}
		e.Notice.DedupKey = e.Name
		if m.Parts["text/plain"] != e.Notice.Said().Text(e.Notice.Link) || (m.Parts["image/png"] != nil) != (said.Chart != nil) {
			t.Errorf("%s: text %q, chart %v", e.Name, m.Parts["text/plain"], m.Parts["image/png"])
		}
	}
}
