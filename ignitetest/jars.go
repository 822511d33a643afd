package ignitetest

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// IgniteVersion is the Apache Ignite that [Real] starts: the newest whose modules all
// resolve from Maven Central.
const IgniteVersion = "2.17.0"

// MinJava is the oldest Java that [Real] accepts.
const MinJava = 17

const modulePath = "github.com/kindling-ml/kindling"

var (
	//go:embed ignite/pom.xml
	pomXML []byte
	//go:embed ignite/Node.java
	nodeJava []byte
)

// ErrUnavailable says that a real Ignite cannot run here: no Java, or no jars and no
// Maven to fetch them. The text says which.
var ErrUnavailable = errors.New("a real Ignite is not available")

// toolchain is what a real node needs: a Java and a class path.
type toolchain struct {
	java string
	home string // folder of the jars, the launcher and the runs
}

func (c toolchain) classPath() string { return filepath.Join(c.home, "lib", "*") }
func (c toolchain) launcher() string  { return filepath.Join(c.home, "Node.java") }

// FetchIgnite makes sure that the jars of Ignite are in the cache, running Maven when
// they are not, and returns the folder of the cache: .build/ignite/VERSION in the
// module's root, or kindling/ignite/VERSION in the user's cache folder for other
// modules. With a filled cache it needs neither Maven nor the network.
// The error wraps [ErrUnavailable] where Java or Maven is missing.
func FetchIgnite(ctx context.Context) (string, error) {
	c, err := findToolchain(ctx)
	return c.home, err
}

func findToolchain(ctx context.Context) (toolchain, error) {
	java, err := findJava(ctx)
	if err != nil {
		return toolchain{}, err
	}
	root, err := cacheRoot()
	if err != nil {
		return toolchain{}, err
	}
	c := toolchain{java: java, home: filepath.Join(root, "ignite", IgniteVersion)}
	if err := c.fill(ctx); err != nil {
		return toolchain{}, err
	}
	return c, nil
}

// fill copies the jars and the launcher into the cache. The jars arrive in a folder of
// their own that is renamed when it is complete, so that test binaries can do it at once.
func (c toolchain) fill(ctx context.Context) error {
	if err := os.MkdirAll(c.home, 0o755); err != nil {
		return err
	}
	if err := replaceFile(c.launcher(), nodeJava); err != nil {
		return err
	}
	pom := filepath.Join(c.home, "lib", "pom.xml") // the recipe lies beside what it made
	if have, err := os.ReadFile(pom); err == nil && bytes.Equal(have, pomXML) {
		return nil
	}
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return fmt.Errorf("%w: the jars are not in %s and Maven (mvn) is not installed to fetch them", ErrUnavailable, c.home)
	}
	tmp, err := os.MkdirTemp(c.home, "fetch-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	if err := os.WriteFile(filepath.Join(tmp, "pom.xml"), pomXML, 0o644); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, mvn, "-B", "-q", "dependency:copy-dependencies", "-DoutputDirectory=.")
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: mvn dependency:copy-dependencies: %w\n%s", ErrUnavailable, err, tail(out, 20))
	}
	lib := filepath.Join(c.home, "lib")
	if err := os.RemoveAll(lib); err != nil {
		return err
	}
	if err := os.Rename(tmp, lib); err != nil {
		if have, rerr := os.ReadFile(pom); rerr == nil && bytes.Equal(have, pomXML) {
			return nil // another process was first
		}
		return err
	}
	return nil
}

// replaceFile writes content to name in one step, unless it is there already.
func replaceFile(name string, content []byte) error {
	if have, err := os.ReadFile(name); err == nil && bytes.Equal(have, content) {
		return nil
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if err := errors.Join(err, tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), name)
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava returns the java of JAVA_HOME, else of PATH, if it is new enough.
func findJava(ctx context.Context) (string, error) {
	java := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	java, err := exec.LookPath(java)
	if err != nil {
		return "", fmt.Errorf("%w: no Java %d or newer (java) in JAVA_HOME or PATH", ErrUnavailable, MinJava)
	}
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s -version: %w", ErrUnavailable, java, err)
	}
	m := javaVersion.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%w: %s -version says %q", ErrUnavailable, java, tail(out, 1))
	}
	if v, err := strconv.Atoi(string(m[1])); err != nil || v < MinJava {
		return "", fmt.Errorf("%w: %s is Java %s, %d or newer is needed", ErrUnavailable, java, m[1], MinJava)
	}
	return java, nil
}

// cacheRoot is the ignored .build folder of this module's root, or the user's cache
// folder when the program runs in another module.
func cacheRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module "+modulePath+"\n") {
			return filepath.Join(dir, ".build"), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("ignitetest: no folder to keep Ignite's jars in: %w", err)
	}
	return filepath.Join(user, "kindling"), nil
}

// tail returns the last n lines of text.
func tail(text []byte, n int) []byte {
	text = bytes.TrimRight(text, "\n")
	at := len(text)
	for ; n > 0 && at > 0; n-- {
		at = bytes.LastIndexByte(text[:at], '\n')
	}
	return text[at+1:]
}
