package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
)

// machine is where the figures come from: without it they say nothing.
type machine struct {
	CPU       string `json:"cpu"`
	Cores     int    `json:"cores"`
	MemoryMiB int    `json:"memory_mib"`
	OS        string `json:"os"`
	Kernel    string `json:"kernel"`
	LoadBegan string `json:"load_began"` // load averages of 1, 5 and 15 minutes
	LoadEnded string `json:"load_ended"`
}

func thisMachine() machine {
	m := machine{
		CPU: procField("/proc/cpuinfo", "model name"), Cores: runtime.NumCPU(), OS: procField("/etc/os-release", "PRETTY_NAME"),
		Kernel: firstLine("/proc/sys/kernel/osrelease"), LoadBegan: loadAverage(),
	}
	var kib int
	if _, err := fmt.Sscanf(procField("/proc/meminfo", "MemTotal"), "%d", &kib); err == nil {
		m.MemoryMiB = kib >> 10
	}
	if m.CPU == "" {
		m.CPU = runtime.GOARCH
	}
	if m.OS == "" {
		m.OS = runtime.GOOS
	}
	return m
}

func (m *machine) String() string {
	return fmt.Sprintf("%s, %d cores, %d MiB, %s, kernel %s", m.CPU, m.Cores, m.MemoryMiB, m.OS, m.Kernel)
}

// loadAverage is how busy the machine is, the benchmark included; "" where it is not known.
func loadAverage() string {
	fields := strings.Fields(firstLine("/proc/loadavg"))
	return strings.Join(fields[:min(len(fields), 3)], " ")
}

func firstLine(file string) string {
	text, _ := os.ReadFile(file)
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// procField is the value of the first line with this name, "" if there is none.
func procField(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(line, ":")
		if !ok {
			key, value, ok = strings.Cut(line, "=")
		}
		if ok && strings.TrimSpace(key) == name {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// commit is the version of the source that this program was built from.
func commit() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var revision, changed string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value[:min(len(s.Value), 12)]
		case "vcs.modified":
			if s.Value == "true" {
				changed = " with changes"
			}
		}
	}
	return revision + changed
}
