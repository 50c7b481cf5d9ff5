package lua51

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"testing"
)

const arrow = " --> "

// Write writes answers to a file that Read reads.
func Write(t testing.TB, path string, answers []Answer) {
	t.Helper()
	text := new(bytes.Buffer)
	for _, a := range answers {
		fmt.Fprintln(text, a.Call.String()+arrow+a.Want)
	}
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Read reads the answers in a file.
func Read(t testing.TB, path string) []Answer {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var answers []Answer
	for lines := bufio.NewScanner(file); lines.Scan(); {
		answer, err := parse(lines.Text())
		if err != nil {
			t.Fatalf("%s:%d: %v", path, len(answers)+1, err)
		}
		answers = append(answers, answer)
	}
	if len(answers) == 0 {
		t.Fatalf("%s has no answers", path)
	}
	return answers
}
