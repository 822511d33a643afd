package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

func text1(f func(string) string) func([]driver.Value) (driver.Value, error) {
	return func(a []driver.Value) (driver.Value, error) { return f(asString(a[0])), nil }
}

func reverse(s string) string {
	r := []rune(s)
	for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
		r[i], r[j] = r[j], r[i]
	}
	return string(r)
}

func initcap(s string) string {
	start := true
	return strings.Map(func(r rune) rune {
		out := unicode.ToLower(r)
		if start {
			out = unicode.ToUpper(r)
		}
		start = !unicode.IsLetter(r) && !unicode.IsDigit(r)
		return out
	}, s)
}

// concat leaves nulls out, as H2 does.
func concat(args []driver.Value) (driver.Value, error) {
	var b strings.Builder
	for _, a := range args {
		b.WriteString(asString(a))
	}
	return b.String(), nil
}

func substring(a []driver.Value) (driver.Value, error) {
	if len(a) < 2 || len(a) > 3 {
		return nil, errors.New("SUBSTRING takes two or three arguments")
	}
	r := []rune(asString(a[0]))
	start, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	length := int64(len(r))
	if start < 0 {
		start = max(int64(len(r))+start+1, 1)
	}
	start = min(max(start, 1), int64(len(r))+1)
	if len(a) == 3 {
		if length, err = asInteger(a[2]); err != nil {
			return nil, err
		}
	}
	length = min(max(length, 0), int64(len(r))-start+1)
	return string(r[start-1 : start-1+length]), nil
}

func right(a []driver.Value) (driver.Value, error) {
	r := []rune(asString(a[0]))
	n, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	n = min(max(n, 0), int64(len(r)))
	return string(r[int64(len(r))-n:]), nil
}

func repeat(a []driver.Value) (driver.Value, error) {
	s := asString(a[0])
	n, err := asInteger(a[1])
	if err != nil || n <= 0 || s == "" {
		return "", err
	}
	if n > maxText/int64(len(s)) {
		return nil, errTooLarge
	}
	return strings.Repeat(s, int(n)), nil
}

func pad(a []driver.Value, left bool) (driver.Value, error) {
	if len(a) < 2 || len(a) > 3 {
		return nil, errors.New("LPAD and RPAD take two or three arguments")
	}
	r, fill := []rune(asString(a[0])), []rune(" ")
	n, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	if len(a) == 3 && asString(a[2]) != "" {
		fill = []rune(asString(a[2]))
	}
	if n > maxText {
		return nil, errTooLarge
	}
	if n = max(n, 0); n <= int64(len(r)) {
		return string(r[:n]), nil
	}
	padding := make([]rune, int(n)-len(r))
	for i := range padding {
		padding[i] = fill[i%len(fill)]
	}
	if left {
		return string(padding) + string(r), nil
	}
	return string(r) + string(padding), nil
}

func replace(a []driver.Value) (driver.Value, error) {
	if len(a) < 2 || len(a) > 3 {
		return nil, errors.New("REPLACE takes two or three arguments")
	}
	s, from, to := asString(a[0]), asString(a[1]), ""
	if len(a) == 3 {
		to = asString(a[2])
	}
	if from == "" {
		return s, nil
	}
	if strings.Count(s, from)*max(len(to)-len(from), 0)+len(s) > maxText {
		return nil, errTooLarge
	}
	return strings.ReplaceAll(s, from, to), nil
}

func likeCall(a []driver.Value) (driver.Value, error) {
	if a[0] == nil || a[1] == nil {
		return nil, nil
	}
	escape := rune(-1)
	if e := []rune(asString(a[2])); len(e) == 1 {
		escape = e[0]
	} else if len(e) > 1 {
		return nil, fmt.Errorf("Error in LIKE ESCAPE: %q", asString(a[2])) //nolint:staticcheck // H2's text
	}
	return like([]rune(asString(a[0])), []rune(asString(a[1])), escape), nil
}

// like matches with a step back to the last %, so it takes at most len(s)*len(p) steps.
func like(s, p []rune, escape rune) bool {
	si, pi, star, mark := 0, 0, -1, 0
	for si < len(s) {
		literal := false
		at := pi
		if at < len(p) && p[at] == escape && at+1 < len(p) {
			literal, at = true, at+1
		}
		switch {
		case at < len(p) && !literal && p[at] == '%':
			star, mark = pi, si
			pi++
			continue
		case at < len(p) && (p[at] == s[si] || !literal && p[at] == '_'):
			si++
			pi = at + 1
			continue
		case star >= 0:
			mark++
			si, pi = mark, star+1
			continue
		}
		return false
	}
	for pi < len(p) && p[pi] == '%' {
		pi++
	}
	return pi == len(p)
}

func regexpCall(a []driver.Value) (driver.Value, error) {
	re, err := regexp.Compile(asString(a[1]))
	if err != nil {
		return nil, err
	}
	return re.MatchString(asString(a[0])), nil
}

func regexpReplace(a []driver.Value) (driver.Value, error) {
	re, err := regexp.Compile(asString(a[1]))
	if err != nil {
		return nil, err
	}
	return re.ReplaceAllString(asString(a[0]), asString(a[2])), nil
}
