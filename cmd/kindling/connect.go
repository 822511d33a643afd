package main

import (
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kindling-ml/kindling/ignite"
)

// connection holds the flags that say which cluster and as whom. Passwords come
// from the environment or the address, never from a flag of their own, so that
// they do not show in process lists. What the environment gives is not a default
// of the flags: the help would print it.
type connection struct {
	address, user, cert, key, ca string
}

const (
	defaultAddress  = "localhost:10800"
	envAddress      = "KINDLING_ADDRESS"
	envUser         = "KINDLING_USER"
	envPassword     = "KINDLING_PASSWORD"
	envKeyPassword  = "KINDLING_KEY_PASSWORD"
	completionLimit = 2 * time.Second
)

// addConnection adds the flags to a command that asks a cluster.
func addConnection(cmd *cobra.Command) *connection {
	c := &connection{}
	flags := cmd.Flags()
	flags.StringVarP(&c.address, "address", "a", "",
		"the cluster: host:port[,host:port...] or ignite://... (default: $"+envAddress+", else "+defaultAddress+")")
	flags.StringVarP(&c.user, "user", "u", "", "user name (default: $"+envUser+"; the password is $"+envPassword+")")
	flags.StringVar(&c.cert, "certfile", "", "client certificate, PEM (turns TLS on)")
	flags.StringVar(&c.key, "keyfile", "", "its private key, PEM (the key's password is $"+envKeyPassword+")")
	flags.StringVar(&c.ca, "cafile", "", "certificate authority to trust, PEM (turns TLS on)")
	return c
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// config is the client configuration that flags and environment describe.
func (c *connection) config() (ignite.Config, error) {
	address := firstOf(c.address, os.Getenv(envAddress), defaultAddress)
	if !strings.Contains(address, "://") {
		address = "ignite://" + address
	}
	cfg, err := ignite.ParseConfig(address)
	if err != nil {
		return cfg, usageError{err}
	}
	cfg.Username = firstOf(c.user, cfg.Username, os.Getenv(envUser))
	if password := os.Getenv(envPassword); password != "" {
		cfg.Password = password
	}
	if c.cert != "" || c.key != "" || c.ca != "" {
		if cfg.TLS == nil {
			cfg.TLS = &ignite.TLSConfig{}
		}
		cfg.TLS.CertFile = firstOf(c.cert, cfg.TLS.CertFile)
		cfg.TLS.KeyFile = firstOf(c.key, cfg.TLS.KeyFile)
		cfg.TLS.CAFile = firstOf(c.ca, cfg.TLS.CAFile)
	}
	if password := os.Getenv(envKeyPassword); password != "" && cfg.TLS != nil && cfg.TLS.CertFile != "" {
		cfg.TLS.KeyPassword = password
	}
	return cfg, nil
}

// open connects to the cluster.
func (c *connection) open(ctx context.Context) (*ignite.Client, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	return ignite.Open(ctx, cfg)
}

// completeCache offers the names of the caches for the first argument; the
// arguments after it, if files is set, are files.
func (c *connection) completeCache(files bool) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 && files {
			return nil, cobra.ShellCompDirectiveDefault
		}
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), completionLimit)
		defer cancel()
		client, err := c.open(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer client.Close() //nolint:errcheck // nothing is lost: all requests have been answered
		names, err := client.CacheNames(ctx)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasPrefix(name, typed) })
		slices.Sort(names)
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
