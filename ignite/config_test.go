package ignite_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/kindling-ml/kindling/ignite"
)

func full() ignite.Config {
	return ignite.Config{
		Addresses: []string{"host1:10801", "[::1]:10800", "host2:10800..10802"},
		Username:  "us@er:x", Password: "p/ss?w&rd,1",
		TLS: &ignite.TLSConfig{
			CertFile: "/etc/c rt.pem", KeyFile: "key&1.pem", KeyPassword: "k=y%word", CAFile: "ca.pem", ServerName: "ignite.local",
		},
		DialTimeout: time.Second, HandshakeTimeout: 2 * time.Second, RequestTimeout: -1,
		ConnectionsPerNode: 3, MaxFrameBytes: 1 << 20, NoPartitionAwareness: true,
	}
}

const fullString = "ignite://us%40er%3Ax:p%2Fss%3Fw&rd%2C1@host1:10801,[::1]:10800,host2:10800..10802/?tls=verify-full" +
	"&tls_cert_file=/etc/c+rt.pem&tls_key_file=key%261.pem&tls_key_password=k%3Dy%25word&tls_ca_file=ca.pem&tls_server_name=ignite.local" +
	"&dial_timeout=1s&handshake_timeout=2s&request_timeout=-1ns&connections_per_node=3&max_frame_bytes=1048576&partition_awareness=false"

func TestParseConfig(t *testing.T) {
	got, err := ignite.ParseConfig(fullString)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, full()) {
		t.Errorf("got  %#v\nwant %#v", got, full())
	}
}

// Every field of the configuration has a key in the address string, but for
// those that only a program can set.
func TestEveryFieldHasAKey(t *testing.T) {
	program := map[string]bool{"Dialer": true, "Logger": true}
	v := reflect.ValueOf(full())
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if v.Field(i).IsZero() != program[name] {
			t.Errorf("field %s: add a key for it to the address string, and to this test", name)
		}
	}
	// The two ways to verify less exclude fields of full.
	other := map[string]bool{"SkipServerName": true, "InsecureSkipVerify": true}
	tls := reflect.ValueOf(*full().TLS)
	for i := range tls.NumField() {
		if name := tls.Type().Field(i).Name; tls.Field(i).IsZero() != other[name] {
			t.Errorf("field TLS.%s: add a key for it to the address string, and to this test", name)
		}
	}
}

func TestConfigStringShowsNoSecret(t *testing.T) {
	cfg := full()
	for _, s := range []string{cfg.String(), fmt.Sprint(cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), cfg.LogValue().String()} {
		if strings.Contains(s, "p/ss") || strings.Contains(s, "p%2Fss") || strings.Contains(s, "k=y") || strings.Contains(s, "k%3Dy") {
			t.Errorf("a secret in %s", s)
		}
	}
	cfg.Password, cfg.TLS.KeyPassword = "", ""
	back, err := ignite.ParseConfig(cfg.String())
	if err != nil || !reflect.DeepEqual(back, cfg) {
		t.Errorf("%s read back: %#v, %v", cfg, back, err)
	}
	if s := (ignite.Config{}).String(); s != "ignite://127.0.0.1:10800/" {
		t.Errorf("zero value: %s", s)
	}
}

func TestParseConfigShort(t *testing.T) {
	for in, want := range map[string]ignite.Config{
		"ignite://":                            {},
		"ignite:///":                           {},
		"ignite://h":                           {Addresses: []string{"h"}},
		"ignite://h?tls=require":               {Addresses: []string{"h"}, TLS: &ignite.TLSConfig{InsecureSkipVerify: true}},
		"ignite://h/?tls=verify-ca":            {Addresses: []string{"h"}, TLS: &ignite.TLSConfig{SkipServerName: true}},
		"ignite://h/?tls=disable":              {Addresses: []string{"h"}},
		"ignite://h/?tls_ca_file=x":            {Addresses: []string{"h"}, TLS: &ignite.TLSConfig{CAFile: "x"}},
		"ignite://u@h,g:5":                     {Addresses: []string{"h", "g:5"}, Username: "u"},
		"ignite://h/?partition_awareness=true": {Addresses: []string{"h"}},
	} {
		got, err := ignite.ParseConfig(in)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v", in, got, err)
		}
	}
}

func TestParseConfigErrors(t *testing.T) {
	for in, want := range map[string]string{
		"http://h":                   "ignite://",
		"ignite://h/path":            "path",
		"ignite://h:x":               "port",
		"ignite://h,,g":              "host",
		"ignite://h/?page_rows=5":    "page_rows",
		"ignite://h/?dial_timeout=5": "dial_timeout",
		"ignite://h/?dial_timeout=1s&dial_timeout=2s": "twice",
		"ignite://h/?connections_per_node=two":        "two",
		"ignite://h/?connections_per_node=-1":         "negative",
		"ignite://h/?max_frame_bytes=12":              "MaxFrameBytes",
		"ignite://h/?tls=maybe":                       "maybe",
		"ignite://h/?tls=disable&tls_ca_file=x":       "disabled",
		"ignite://h/?tls=require&tls_ca_file=x":       "CAFile",
		"ignite://h/?tls=verify-ca&tls_server_name=x": "ServerName",
		"ignite://h/?tls_key_file=x":                  "CertFile",
		"ignite://h/?tls_key_password=x":              "CertFile",
		"ignite://h/?partition_awareness=x":           "partition_awareness",
		"ignite://:s3cret@h":                          "Username",
		"ignite://u:s3cret%zz@h":                      "percent",
		"ignite://h/?tls_key_password=s3cret%zz":      "percent",
	} {
		_, err := ignite.ParseConfig(in)
		var ce *ignite.ConfigError
		if err == nil || !errors.As(err, &ce) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q in it", in, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: a secret in %v", in, err)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add(fullString)
	f.Add("ignite://h?tls=require")
	f.Fuzz(func(t *testing.T, s string) {
		cfg, err := ignite.ParseConfig(s)
		if err != nil {
			return
		}
		if cfg.Password != "" {
			cfg.Password = ""
		}
		if cfg.TLS != nil {
			cfg.TLS.KeyPassword = ""
		}
		back, err := ignite.ParseConfig(cfg.String())
		if err != nil {
			t.Fatalf("%q gives %q, which can't be read: %v", s, cfg, err)
		}
		if back.String() != cfg.String() {
			t.Errorf("%q gives %q, then %q", s, cfg, back)
		}
	})
}

func ExampleParseConfig() {
	cfg, err := ignite.ParseConfig("ignite://ada:secret@node1:10800,node2/?tls=verify-full&request_timeout=5s")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cfg.Addresses, cfg.RequestTimeout)
	fmt.Println(cfg)
	// Output:
	// [node1:10800 node2] 5s
	// ignite://ada:xxxxx@node1:10800,node2/?tls=verify-full&request_timeout=5s
}
