package e2e

import (
	"bytes"
	"context"
	"github.com/kizashi-ops/kizashi/realtest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

var commandsOf = regexp.MustCompile("(?s)```sh\n(.*?)```")

// blocks are the commands of a document, in order.
func blocks(t *testing.T, file string) (out []string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "docs", file))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range commandsOf.FindAllStringSubmatch(string(b), -1) {
		out = append(out, m[1])
	}
	return out
}

// TestTheGuide walks through the guide to the first account as it stands in
// the document, on the emulator, and times it. Only the ports are others.
func TestTheGuide(t *testing.T) {
	bin, aws := t.TempDir(), realtest.FreeAddr(t)
	if out, err := exec.Command("go", "build", "-o", bin, "../cmd/awsfake").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	walk(t, bin, guide(t), "127.0.0.1:4566", aws, "awsfake --accounts", "awsfake --listen "+aws+" --accounts")
}

// TestTheGuideOnMoto is the same walk on moto, in which two weeks of a metric
// of the customer's own lie. The configuration has three lines there too; what
// it says more is what moto differs in: it speaks JSON and lists no agents.
func TestTheGuideOnMoto(t *testing.T) {
	moto := startCloud(t)
	(&shop{cloud: moto}).open(t)
	blocks := guide(t)
	blocks[0] = "export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n" // the emulator is there already
	walk(t, t.TempDir(), blocks, `account: "100000000001", region: ap-northeast-1, endpoint: "http://127.0.0.1:4566"`,
		`account: "123456789012", region: `+region+`, endpoint: "`+moto.url+`", protocol: json, discover: {agents: false}, namespaces: [{name: Acme/Shop, metrics: [Latency]}]`)
}

// guide is the commands of the guide, the same in both languages.
func guide(t *testing.T) []string {
	t.Helper()
	for _, tool := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT TESTED: %v", err)
		}
	}
	walk := blocks(t, "guide-first-account.md")
	if len(walk) != 7 || !slices.Equal(walk, blocks(t, "guide-first-account.ja.md")) {
		t.Fatalf("%d blocks of commands, or others in Japanese", len(walk))
	}
	return walk
}

// walk runs the commands with what differs here replaced, and times it. bin
// holds the programs that they call.
func walk(t *testing.T, bin string, commands []string, replace ...string) {
	t.Helper()
	if err := os.Symlink(binary, filepath.Join(bin, "kizashi")); err != nil {
		t.Fatal(err)
	}
	web := realtest.FreeAddr(t)
	script := strings.NewReplacer(append(replace, "127.0.0.1:9690", web)...).Replace(strings.Join(commands, "\n"))
	script = strings.Replace(script, "tenants:", "web: {listen: \""+web+"\"}\ntenants:", 1)
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", "trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT\n"+script)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=/nowhere", "AWS_SHARED_CREDENTIALS_FILE=/nowhere")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	begin := time.Now()
	err := cmd.Run()
	took := time.Since(begin)
	for _, want := range []string{"kizashi.yaml is sound", "Nothing is missing", "kizashi is ready", "First look: acme", "series:", `{"alerts":`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the walk does not show %q", want)
		}
	}
	if err != nil || t.Failed() {
		t.Fatalf("after %s: %v\n%s", took, err, out.String())
	}
	t.Logf("from keys to the first look in %s", took.Round(time.Second))
	if took > 10*time.Minute {
		t.Errorf("it took %s, and the title says ten minutes", took)
	}
}
