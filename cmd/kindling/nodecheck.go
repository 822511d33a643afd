package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/node"
)

// checkData says what can be read of a data directory; the exit code is exitDamaged
// when that is not all.
func checkData(cmd *cobra.Command, dir string, asJSON bool) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	caches, err := node.Check(dir)
	if err != nil {
		return err
	}
	damaged := 0
	out := newJSONLines(cmd.OutOrStdout())
	for _, c := range caches {
		if c.Err != nil || c.Stored != c.Readable {
			damaged++
		}
		if err := printCheck(cmd, out, c, asJSON); err != nil {
			return err
		}
	}
	if asJSON {
		if err := out.end(); err != nil {
			return err
		}
	}
	if damaged > 0 {
		return fmt.Errorf("%w: %d of %d caches can't be read whole", node.ErrDataDamaged, damaged, len(caches))
	}
	_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%s: all of %d caches can be read\n", dir, len(caches))
	return err
}

func printCheck(cmd *cobra.Command, out *jsonLines, c node.CacheCheck, asJSON bool) error {
	problem := ""
	switch {
	case c.Err != nil:
		problem = oneLine(c.Err)
	case c.Stored != c.Readable:
		problem = "entries are missing"
	}
	if asJSON {
		return out.add(jsonObject{{"cache", c.Name}, {"stored", c.Stored}, {"readable", c.Readable}, {"damagedPartitions", c.Partitions}, {"error", problem}})
	}
	text := fmt.Sprintf("%s: %d of %d entries can be read", c.Name, c.Readable, c.Stored)
	if c.Stored < 0 {
		text = fmt.Sprintf("%s: %d entries can be read, how many there were is lost", c.Name, c.Readable)
	}
	if problem != "" {
		text += fmt.Sprintf(" (%d partitions are damaged: %s)", c.Partitions, problem)
	}
	_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}
