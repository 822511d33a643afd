// Command ignite-server runs a real Apache Ignite for tests that are not written in Go.
//
//	go run ./ignitetest/cmd/ignite-server [--auth] [--tls | --mtls] [--nodes N] [--cache NAME:PARTITIONS] [--sqlline FILE] [--java FILE]
//
// It prints one line of JSON with the address and the account and files that a client
// needs, and keeps the server until its standard input ends:
//
//	{"address": "127.0.0.1:40001", "addresses": ["127.0.0.1:40001"], "username": "", ...}
//
// --sqlline and --java (both repeatable) first run a script of SQL through sqlline, and a Java program
// with the address as its argument; what they print goes to standard error. --fetch only fills the cache of jars.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/kindling-ml/kindling/ignitetest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, ignitetest.ErrUnavailable):
		fmt.Fprintln(os.Stderr, "ignite-server:", err)
		os.Exit(3)
	}
	fmt.Fprintln(os.Stderr, "ignite-server:", err)
	os.Exit(1)
}

// settings are the flags.
type settings struct {
	auth, tls, mutual, fetch bool
	port, nodes, region      int
	heap                     string
	caches                   caches
	sqlline, java            files
}

// files is a flag that may be given several times.
type files []string

func (f *files) String() string     { return fmt.Sprint([]string(*f)) }
func (f *files) Set(v string) error { *f = append(*f, v); return nil }

// caches is a flag of a name and a number of partitions; it may be given several times.
type caches []ignitetest.Option

func (c *caches) String() string { return "" }

func (c *caches) Set(v string) error {
	name, n, _ := strings.Cut(v, ":")
	partitions, err := strconv.Atoi(n)
	if name == "" || err != nil || partitions < 1 {
		return fmt.Errorf("%q is not NAME:PARTITIONS", v)
	}
	*c = append(*c, ignitetest.WithCache(name, partitions))
	return nil
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("ignite-server", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&s.fetch, "fetch", false, "only fill the cache of jars")
	flags.BoolVar(&s.auth, "auth", false, "turn user accounts on (ignite/ignite)")
	flags.BoolVar(&s.tls, "tls", false, "speak TLS with a new certificate")
	flags.BoolVar(&s.mutual, "mtls", false, "speak TLS and demand a client certificate")
	flags.IntVar(&s.port, "port", 0, "client port of the first node, 0 for a free one")
	flags.IntVar(&s.nodes, "nodes", 1, "number of nodes")
	flags.IntVar(&s.region, "region", ignitetest.DefaultRegionMiB, "data region of a node in MiB")
	flags.StringVar(&s.heap, "heap", ignitetest.DefaultHeap, "Java heap of a node")
	flags.Var(&s.caches, "cache", "NAME:PARTITIONS of a cache to make")
	flags.Var(&s.sqlline, "sqlline", "SQL script to run through sqlline first")
	flags.Var(&s.java, "java", "Java program to run first, with the address as its argument")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("unknown argument %q", flags.Arg(0))
	}
	return s, nil
}

// description is the line that the program prints.
type description struct {
	Address     string   `json:"address"`
	Addresses   []string `json:"addresses"`
	Pids        []int    `json:"pids"`
	Version     string   `json:"version"`
	Username    string   `json:"username,omitempty"`
	Password    string   `json:"password,omitempty"`
	CAFile      string   `json:"ca_file,omitempty"`
	OtherCAFile string   `json:"other_ca_file,omitempty"`
	CertFile    string   `json:"cert_file,omitempty"`
	KeyFile     string   `json:"key_file,omitempty"`
	KeyPassword string   `json:"key_password,omitempty"`
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if s.fetch {
		dir, err := ignitetest.FetchIgnite(ctx)
		if err == nil {
			fmt.Fprintf(stderr, "ignite-server: Apache Ignite %s is in %s\n", ignitetest.IgniteVersion, dir)
		}
		return err
	}
	opts := []ignitetest.Option{
		ignitetest.WithHeap(s.heap), ignitetest.WithRegionMiB(s.region),
		ignitetest.WithNodes(s.nodes), ignitetest.WithPort(s.port),
	}
	opts = append(opts, s.caches...)
	if s.auth {
		opts = append(opts, ignitetest.WithAuthentication())
	}
	if s.tls || s.mutual {
		dir, err := os.MkdirTemp("", "ignite-server-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		certs, err := ignitetest.MakeCertificates(dir)
		if err != nil {
			return err
		}
		if s.mutual {
			opts = append(opts, ignitetest.WithMutualTLS(certs))
		} else {
			opts = append(opts, ignitetest.WithTLS(certs))
		}
	}
	srv, err := ignitetest.StartReal(ctx, opts...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Stop()) }()
	if err := prepare(ctx, srv, s, stderr); err != nil {
		return err
	}
	if err := json.NewEncoder(stdout).Encode(describe(srv)); err != nil {
		return err
	}
	return waitForEnd(ctx, stdin)
}

func prepare(ctx context.Context, srv *ignitetest.Server, s settings, stderr io.Writer) error {
	for _, name := range s.sqlline {
		script, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		out, err := ignitetest.RunSqlline(ctx, srv.Addr, srv.Config.Username, srv.Config.Password, string(script))
		fmt.Fprint(stderr, out)
		if err != nil {
			return err
		}
	}
	for _, name := range s.java {
		out, err := ignitetest.RunJava(ctx, name, srv.Addr)
		fmt.Fprint(stderr, out)
		if err != nil {
			return err
		}
	}
	return nil
}

func describe(srv *ignitetest.Server) description {
	d := description{
		Address: srv.Addr, Addresses: srv.Addrs, Pids: srv.Pids(), Version: ignitetest.IgniteVersion,
		Username: srv.Config.Username, Password: srv.Config.Password,
	}
	if c := srv.Certs; c != nil {
		d.CAFile, d.OtherCAFile = c.CAFile, c.OtherCAFile
		d.CertFile, d.KeyFile, d.KeyPassword = c.ClientCertFile, c.ClientKeyFile, c.ClientKeyPassword
	}
	return d
}

func waitForEnd(ctx context.Context, stdin io.Reader) error {
	end := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.Discard, stdin)
		end <- err
	}()
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
		return nil
	}
}
