package route

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// DefaultPort is the port of Ignite's thin client connector.
const DefaultPort = 10800

// maxPortRange bounds "host:from..to", as every port of it is tried in turn.
const maxPortRange = 100

// ParseAddress reads "host", "host:port", "host:from..to" or "[ipv6]:port" and
// returns the addresses that it stands for as host:port.
func ParseAddress(s string) ([]string, error) {
	s = strings.TrimSpace(s)
	host, ports, err := splitHostPorts(s)
	if err != nil {
		return nil, err
	}
	if host == "" {
		return nil, fmt.Errorf("address %q has no host", s)
	}
	if ports == "" {
		return []string{net.JoinHostPort(host, strconv.Itoa(DefaultPort))}, nil
	}
	from, to, isRange := strings.Cut(ports, "..")
	if !isRange {
		to = from
	}
	lo, err := parsePort(s, from)
	if err != nil {
		return nil, err
	}
	hi, err := parsePort(s, to)
	if err != nil {
		return nil, err
	}
	if hi < lo || hi-lo >= maxPortRange {
		return nil, fmt.Errorf("address %q: a port range goes upwards over at most %d ports", s, maxPortRange)
	}
	out := make([]string, 0, hi-lo+1)
	for p := lo; p <= hi; p++ {
		out = append(out, net.JoinHostPort(host, strconv.Itoa(p)))
	}
	return out, nil
}

func splitHostPorts(s string) (host, ports string, err error) {
	if rest, ok := strings.CutPrefix(s, "["); ok {
		host, after, closed := strings.Cut(rest, "]")
		if !closed || after != "" && !strings.HasPrefix(after, ":") {
			return "", "", fmt.Errorf("address %q: want [ipv6]:port", s)
		}
		if after == ":" {
			return "", "", fmt.Errorf("address %q: the port is missing after the colon", s)
		}
		return host, strings.TrimPrefix(after, ":"), nil
	}
	if strings.Count(s, ":") > 1 {
		return "", "", fmt.Errorf("address %q: write an IPv6 address in brackets, [::1]:10800", s)
	}
	host, ports, ok := strings.Cut(s, ":")
	if ok && ports == "" {
		return "", "", fmt.Errorf("address %q: the port is missing after the colon", s)
	}
	if strings.ContainsAny(host, " /?#@") {
		return "", "", fmt.Errorf("address %q: want host:port", s)
	}
	return host, ports, nil
}

func parsePort(s, p string) (int, error) {
	n, err := strconv.Atoi(p)
	if err != nil || n < 1 || n > 65535 {
		return 0, fmt.Errorf("address %q: port %q is not a number from 1 to 65535", s, p)
	}
	return n, nil
}
