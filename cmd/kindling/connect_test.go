package main

import (
	"net"
	"strings"
	"testing"

	"github.com/kindling-ml/kindling/ignitetest"
)

const secret = "dont-print-me"

func TestNoServer(t *testing.T) {
	s := shell{t, nil}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := l.Addr().String() // accepts by the backlog, and never answers
	defer func() { _ = l.Close() }()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := gone.Addr().String()
	_ = gone.Close()

	s.fails(exitConnect, []string{closed, "refused"}, "caches", "-a", closed)
	s.fails(exitConnect, []string{"host.invalid"}, "peek", "X", "-a", "host.invalid")
	s.fails(exitConnect, []string{silent, "no handshake within 200ms"}, "sql", "SELECT 1", "-a", "ignite://"+silent+"/?handshake_timeout=200ms")
	s.fails(exitConnect, []string{closed, silent}, "caches", "-a", "ignite://"+closed+","+silent+"/?handshake_timeout=200ms")
}

func TestNoCache(t *testing.T) {
	s := at(t, ignitetest.Embedded(t).Addr)
	s.fails(exitNotFound, []string{`"NOPE"`, s.env[0][len(envAddress)+1:]}, "peek", "NOPE")
	s.fails(exitNotFound, []string{`"NOPE"`}, "peek", "NOPE", "--json")
	s.fails(exitNotFound, []string{`"NOPE"`}, "schema", "NOPE")
	s.ok("load", "C", file(t, "c.csv", "a\n1\n"))
	s.fails(exitFailure, []string{"partition 5000"}, "peek", "C", "--partition", "5000")
}

func TestAuthentication(t *testing.T) {
	srv := ignitetest.Embedded(t, ignitetest.WithAuthentication())
	address := envAddress + "=" + srv.Addr
	user := envUser + "=" + ignitetest.DefaultUsername
	password := envPassword + "=" + ignitetest.DefaultPassword
	inAddress := envAddress + "=ignite://" + ignitetest.DefaultUsername + ":" + ignitetest.DefaultPassword + "@" + srv.Addr
	for _, env := range [][]string{{address, user, password}, {inAddress}} {
		shell{t, env}.prints("CACHE  ROWS\n", "caches")
	}
	shell{t, []string{address, password}}.prints("CACHE  ROWS\n", "caches", "--user", ignitetest.DefaultUsername)
	shell{t, []string{address}}.fails(exitAccess, []string{srv.Addr}, "caches")
	shell{t, []string{address, password}}.fails(exitUsage, []string{"Username"}, "caches")
	wrong := []string{"ignite://ignite:" + secret + "@" + srv.Addr, "ignite://ignite:" + secret + "%zz@" + srv.Addr, "ignite://ignite:" + secret + "@" + srv.Addr + "/?tls=maybe"}
	for i, addr := range wrong {
		got := runIn(t, "", []string{envAddress + "=" + addr}, "caches")
		checkFailure(t, got, []int{exitAccess, exitUsage, exitUsage}[i], nil)
		if strings.Contains(got.stderr, secret) {
			t.Errorf("standard error has the password: %s", got.stderr)
		}
		help := runIn(t, "", []string{envAddress + "=" + addr, envPassword + "=" + secret, envKeyPassword + "=" + secret}, "caches", "--help")
		if strings.Contains(help.stdout, secret) {
			t.Error("the help has the password")
		}
	}
}

func TestTLS(t *testing.T) {
	certs := ignitetest.NewCertificates(t)
	srv := ignitetest.Embedded(t, ignitetest.WithMutualTLS(certs))
	keyPassword := envKeyPassword + "=" + certs.ClientKeyPassword
	s := shell{t, []string{envAddress + "=" + srv.Addr, keyPassword}}
	pair := []string{"caches", "--certfile", certs.ClientCertFile, "--keyfile", certs.ClientKeyFile}
	s.prints("CACHE  ROWS\n", append(pair, "--cafile", certs.CAFile)...)
	s.fails(exitAccess, []string{srv.Addr, "certificate"}, append(pair, "--cafile", certs.OtherCAFile)...)
	s.fails(exitAccess, []string{srv.Addr}, "caches", "--cafile", certs.CAFile)
	s.fails(exitAccess, []string{srv.Addr}, "caches")
	s.fails(exitNotFound, []string{"no-ca.pem"}, append(pair, "--cafile", "no-ca.pem")...)

	wrong := shell{t, []string{envAddress + "=" + srv.Addr, envKeyPassword + "=" + secret}}
	got := runIn(t, "", wrong.env, append(pair, "--cafile", certs.CAFile)...)
	checkFailure(t, got, exitUsage, []string{"KeyPassword"})
	if strings.Contains(got.stderr, secret) {
		t.Errorf("standard error has the password: %s", got.stderr)
	}
	plain := at(t, ignitetest.Embedded(t).Addr)
	plain.fails(exitAccess, []string{"TLS"}, "caches", "--cafile", certs.CAFile)
}
