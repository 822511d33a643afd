package main

import (
	"fmt"
	"slices"
	"strings"
)

const (
	runMark    = "<!-- run:"
	outputMark = "<!-- output -->"
)

var languages = []string{"bash", "python", "go"}

// snippet is one block that is run.
type snippet struct {
	name     string
	line     int // of its first line of code, from 1
	language string
	code     string
	output   *string // what it must print, nil for anything
}

func parse(text string) ([]snippet, error) {
	var (
		out   []snippet
		mark  string
		lines = strings.Split(text, "\n")
	)
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case strings.HasPrefix(line, runMark) || line == outputMark:
			if mark != "" {
				return nil, fmt.Errorf("%d: no block between %q and %q", i+1, mark, line)
			}
			mark = line
		case strings.HasPrefix(line, "```"):
			start := i + 1
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != "```"; i++ {
			}
			if i == len(lines) {
				return nil, fmt.Errorf("%d: the block has no end", start)
			}
			block := strings.Join(lines[start:i], "\n") + "\n"
			var err error
			if out, err = appendBlock(out, mark, snippet{line: start + 1, language: line[3:], code: block}); err != nil {
				return nil, err
			}
			mark = ""
		}
	}
	if mark != "" {
		return nil, fmt.Errorf("%d: no block after %q", len(lines), mark)
	}
	return out, nil
}

func appendBlock(out []snippet, mark string, s snippet) ([]snippet, error) {
	switch mark {
	case "":
		return out, nil
	case outputMark:
		if len(out) == 0 || out[len(out)-1].output != nil {
			return nil, fmt.Errorf("%d: output of no snippet", s.line)
		}
		out[len(out)-1].output = &s.code
		return out, nil
	}
	if !slices.Contains(languages, s.language) {
		return nil, fmt.Errorf("%d: cannot run a block of %q, only %v", s.line, s.language, languages)
	}
	s.name = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(mark, runMark), "-->"))
	if s.name == "" {
		return nil, fmt.Errorf("%d: the snippet has no name", s.line)
	}
	return append(out, s), nil
}

// server gives the command of a snippet that runs in the background.
func (s snippet) server() (string, bool) {
	code := strings.TrimSpace(s.code)
	command, ok := strings.CutSuffix(code, "&")
	return strings.TrimSpace(command), ok && s.language == "bash" && !strings.Contains(code, "\n")
}

// matches compares line by line; a line "..." of want stands for any lines.
func matches(want, got string) bool {
	w, g := strings.Split(strings.TrimSpace(want), "\n"), strings.Split(strings.TrimSpace(got), "\n")
	return matchLines(w, g)
}

func matchLines(want, got []string) bool {
	for len(want) > 0 {
		if strings.TrimSpace(want[0]) == "..." {
			for skip := range len(got) + 1 {
				if matchLines(want[1:], got[skip:]) {
					return true
				}
			}
			return false
		}
		if len(got) == 0 || strings.TrimRight(want[0], " ") != strings.TrimRight(got[0], " ") {
			return false
		}
		want, got = want[1:], got[1:]
	}
	return len(got) == 0
}
