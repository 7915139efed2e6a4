package realtest

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

// What starts answers, and what is killed does not.
func TestAlertmanager(t *testing.T) {
	dir, addr := t.TempDir(), FreeAddr(t)
	config := filepath.Join(dir, "am.yml")
	if err := os.WriteFile(config, []byte("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Alertmanager(t, addr, config, filepath.Join(dir, "data"))
	p.Kill()
	p.Kill()
	if _, err := http.Get("http://" + addr + "/-/ready"); err == nil {
		t.Error("it answers though it was killed")
	}
	Alertmanager(t, addr, config, filepath.Join(dir, "data")) // again, in the same place
}

func TestMoto(t *testing.T) {
	if url := Moto(t); !answers(url + "/moto-api/") {
		t.Error("moto does not answer")
	}
}
