package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// summarize prints the steps, the counts of each file in dir (JSON of this program, XML
// of pytest) and their sum, as the last line. Skipped and failed tests make it an error
// when there is nothing that passed.
func summarize(out io.Writer, dir string, seconds int) error {
	steps, err := os.ReadFile(filepath.Join(dir, "steps.txt"))
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nseconds  step\n%s\n passed  failed  skipped\n", steps)
	files, err := filepath.Glob(filepath.Join(dir, "*.*"))
	if err != nil {
		return err
	}
	var total tally
	for _, name := range files {
		read := readJSON
		switch filepath.Ext(name) {
		case ".xml":
			read = readXML
		case ".json":
		default:
			continue
		}
		c, err := read(name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		total.add(c)
		part := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
		fmt.Fprintf(out, "%7d %7d %8d  %s\n", c.Passed, c.Failed, c.Skipped, part)
	}
	fmt.Fprintf(out, "===== %d passed, %d failed, %d skipped in %d.00s =====\n",
		total.Passed, total.Failed, total.Skipped, seconds)
	if total.Passed == 0 || total.Failed > 0 {
		return errors.New("the tests did not pass")
	}
	return nil
}

func readJSON(name string) (tally, error) {
	var c tally
	text, err := os.ReadFile(name)
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(text, &c)
}

// readXML reads the counts of a JUnit report.
func readXML(name string) (tally, error) {
	var doc struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
		} `xml:"testsuite"`
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return tally{}, err
	}
	if err := xml.Unmarshal(text, &doc); err != nil {
		return tally{}, err
	}
	var c tally
	for _, s := range doc.Suites {
		bad := s.Failures + s.Errors
		c.add(tally{Passed: s.Tests - bad - s.Skipped, Failed: bad, Skipped: s.Skipped})
	}
	return c, nil
}
