package main

import "testing"

func TestParse(t *testing.T) {
	text := "# T\n<!-- run: node -->\n```bash\nls --port 1 &\n```\n<!-- output -->\n```text\na\n...\nz\n```\n```python\nnot run\n```\n<!-- run: x -->\n```go\nx\n```\n"
	got, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].name != "node" || got[0].line != 4 || got[1].language != "go" {
		t.Fatalf("got %+v", got)
	}
	if command, ok := got[0].server(); !ok || command != "ls --port 1" {
		t.Errorf("server %q, %v", command, ok)
	}
	if _, ok := got[1].server(); ok {
		t.Error("a Go program is no server")
	}
	if got[0].output == nil || !matches(*got[0].output, "a\nb\nc\nz\n") || matches(*got[0].output, "a\nb") {
		t.Fatalf("output %+v", got[0].output)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no end":          "<!-- run: x -->\n```bash\nls\n",
		"no block":        "<!-- run: x -->\ntext\n",
		"two marks":       "<!-- run: x -->\n<!-- run: x -->\n```bash\n```\n",
		"other language":  "<!-- run: x -->\n```rust\n```\n",
		"output of none":  "<!-- output -->\n```\nx\n```\n",
		"output of twice": "<!-- run: x -->\n```bash\n```\n<!-- output -->\n```\n```\n<!-- output -->\n```\n```\n",
	} {
		if got, err := parse(text); err == nil {
			t.Errorf("%s: parsed as %+v", name, got)
		}
	}
}
