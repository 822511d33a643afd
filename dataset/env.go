package dataset

import (
	"fmt"
	"net"
	"strconv"
)

// EnvPrefix begins the names of the environment variables that override a Spec:
// IGNITE_DATASET_CACHE_NAME, _HOST, _PORT, _LOCAL, _PART and _PAGE_SIZE, and the
// credentials IGNITE_DATASET_USERNAME, _PASSWORD, _CERTFILE, _KEYFILE and
// _CERT_PASSWORD.
const EnvPrefix = "IGNITE_DATASET_"

// ApplyEnv gives the spec with the overrides of the environment, as they were in
// TensorFlow's IgniteDataset; an empty variable overrides nothing. getenv is
// os.Getenv or a test's. A value that can't be read is an error that names the variable.
func ApplyEnv(s Spec, getenv func(string) string) (Spec, error) {
	if v := getenv(EnvPrefix + "CACHE_NAME"); v != "" {
		s.Cache = v
	}
	host, port := getenv(EnvPrefix+"HOST"), 0
	if err := envInt(getenv, "PORT", 1, 65535, &port); err != nil {
		return s, err
	}
	if host != "" || port != 0 {
		s.override(host, port)
	}
	if v := getenv(EnvPrefix + "LOCAL"); v != "" {
		local, err := strconv.ParseBool(v)
		if err != nil {
			return s, fmt.Errorf("dataset: %sLOCAL is %q, neither true nor false", EnvPrefix, v)
		}
		s.Local = local
	}
	const most = 1<<31 - 1
	if err := envInt(getenv, "PART", AllPartitions, most, &s.Part); err != nil {
		return s, err
	}
	return s, envInt(getenv, "PAGE_SIZE", 1, most, &s.PageRows)
}

// override puts a host or a port in the place of the stated ones.
func (s *Spec) override(host string, port int) {
	oldHost, oldPort, err := net.SplitHostPort(s.Endpoints()[0])
	if err != nil {
		oldHost, oldPort = s.Endpoints()[0], strconv.Itoa(DefaultPort)
	}
	if host == "" {
		host = oldHost
	}
	if port == 0 {
		port, _ = strconv.Atoi(oldPort) // a broken port is for the client to refuse
	}
	s.Addresses, s.Host, s.Port = nil, host, port
}

func envInt(getenv func(string) string, name string, least, most int, into *int) error {
	v := getenv(EnvPrefix + name)
	if v == "" {
		return nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		return fmt.Errorf("dataset: %s%s is %q, not a whole number from %d to %d", EnvPrefix, name, v, least, most)
	}
	*into = n
	return nil
}

func joinHostPort(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }
