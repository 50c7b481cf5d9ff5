package syntax_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/hookrun/hookrun/internal/testkit/luatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// expectations are what a file says behind --> that it prints, line by line.
func expectations(source string) []string {
	var want []string
	for line := range strings.Lines(source) {
		if _, text, found := strings.Cut(strings.TrimSuffix(line, "\n"), "--> "); found {
			want = append(want, text)
		}
	}
	return want
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	list, err := filepath.Glob(pattern)
	if err != nil || len(list) == 0 {
		t.Fatalf("%s: no files, %v", pattern, err)
	}
	return list
}

func TestFilesPrintWhatTheySay(t *testing.T) {
	for _, file := range files(t, "testdata/*.lua") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := luatest.New()
			defer m.Close()
			got, err := m.Run(filepath.Base(file), string(source))
			if err != nil {
				t.Error(err)
			}
			compare(t, got, expectations(string(source)))
		})
	}
}

func compare(t *testing.T, printed string, want []string) {
	t.Helper()
	got := strings.Split(strings.TrimSuffix(printed, "\n"), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

// What the files expect is not our opinion: the reference interpreter prints it too, but for what it words differently
// or does not have.
func TestReferencePrintsTheSame(t *testing.T) {
	lua, err := exec.LookPath("lua5.1")
	if err != nil {
		t.Skip("lua5.1, the reference interpreter, is not installed (Debian: apt-get install lua5.1)")
	}
	for _, file := range files(t, "testdata/*.lua") {
		if filepath.Base(file) == "goto.lua" {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command(lua, file).Output()
			if err != nil {
				t.Fatal(err)
			}
			got, want := string(out), expectations(string(source))
			if at := strings.Index(got, "attempt to concatenate"); at >= 0 {
				n := strings.Count(got[:at], "\n")
				got, want = strings.Join(strings.SplitAfter(got, "\n")[:n], ""), want[:n]
			}
			compare(t, got, want)
		})
	}
}
