package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// javaNode is how a node of ignitetest was started: its Java, flags and class path are
// right for other programs of Ignite, too.
type javaNode struct {
	java      []string // up to the class path
	discovery string   // host:port
	discover  []string // of all nodes of the cluster
}

// javaHeap is that of each Java program of the benchmark.
const javaHeap = "-Xmx1g"

// javaOf reads the command line of a running node.
func javaOf(pid int) (javaNode, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return javaNode{}, fmt.Errorf("the Java programs need Linux's /proc: %w", err)
	}
	var n javaNode
	args := strings.Split(string(bytes.TrimRight(text, "\x00")), "\x00")
	classPath := slices.Index(args, "-cp")
	if classPath < 0 || classPath+1 >= len(args) {
		return n, errors.New("the command line of the node has no class path")
	}
	for _, arg := range args[:classPath+2] {
		if !strings.HasPrefix(arg, "-Xm") {
			n.java = append(n.java, arg)
		}
	}
	n.java = slices.Insert(n.java, 1, javaHeap)
	for _, arg := range args {
		if peers, ok := strings.CutPrefix(arg, "peers="); ok {
			n.discover = strings.Split(peers, ",")
		}
	}
	if len(n.discover) == 0 {
		return n, errors.New("the command line of the node does not say where its peers are")
	}
	n.discovery = n.discover[0]
	return n, nil
}

// startJava starts one of the programs in the folder java.
func startJava(pid int, program string, args func(javaNode) []string) (*worker, error) {
	n, err := javaOf(pid)
	if err != nil {
		return nil, err
	}
	line := append(slices.Clone(n.java), filepath.Join("bench", "java", program))
	if args != nil {
		line = append(line, args(n)...)
	}
	cmd := exec.Command(line[0], line[1:]...) //nolint:noctx // ends when its input does
	return startWorker(cmd, program)
}
