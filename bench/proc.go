package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// usage is what processes have used so far, by Linux's /proc; zero elsewhere.
type usage struct {
	CPU     time.Duration
	Written int64 // bytes given to write calls, sockets included
}

func (u usage) minus(before usage) usage {
	return usage{CPU: u.CPU - before.CPU, Written: u.Written - before.Written}
}

// ticksPerSecond is USER_HZ, the unit of /proc/PID/stat on every Linux.
const ticksPerSecond = 100

func usageOfOne(pid int) usage {
	var u usage
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// The fields after the name, which may hold anything but ends with the last parenthesis.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		const user, system = 11, 12
		if len(fields) > system {
			a, _ := strconv.ParseInt(string(fields[user]), 10, 64)
			b, _ := strconv.ParseInt(string(fields[system]), 10, 64)
			u.CPU = time.Duration(a+b) * time.Second / ticksPerSecond
		}
	}
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", pid)); err == nil {
		for line := range strings.Lines(string(text)) {
			if v, ok := strings.CutPrefix(line, "wchar: "); ok {
				u.Written, _ = strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			}
		}
	}
	return u
}
