package sql

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

func text1(f func(string) string) func([]driver.Value) (driver.Value, error) {
	return func(a []driver.Value) (driver.Value, error) { return f(asString(a[0])), nil }
}

// upper and lower change case as Java does, where one character may become two.
func upper(s string) string { return cases.Upper(language.Und).String(s) }
func lower(s string) string { return cases.Lower(language.Und).String(s) }

// concat leaves nulls out, as H2 does; of nulls alone it makes null.
func concat(args []driver.Value) (driver.Value, error) {
	var b strings.Builder
	null := true
	for _, a := range args {
		null = null && a == nil
		b.WriteString(asString(a))
	}
	if null {
		return nil, nil
	}
	return b.String(), nil
}

func lengthCall(a []driver.Value) (driver.Value, error) {
	return int64(countUnits(asString(a[0]))), nil
}

func ascii(a []driver.Value) (driver.Value, error) {
	if u := units(asString(a[0])); len(u) > 0 {
		return int64(u[0]), nil
	}
	return nil, nil
}

func substring(a []driver.Value) (driver.Value, error) {
	if len(a) < 2 || len(a) > 3 {
		return nil, errors.New("SUBSTRING takes two or three arguments")
	}
	u := units(asString(a[0]))
	start, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	size := int64(len(u))
	if start < 0 {
		start = max(size+start+1, 1)
	}
	start = min(max(start, 1), size+1)
	length := size
	if len(a) == 3 {
		if length, err = asInteger(a[2]); err != nil {
			return nil, err
		}
	}
	length = min(max(length, 0), size-start+1)
	return u.cut(int(start-1), int(start-1+length)), nil
}

func left(a []driver.Value) (driver.Value, error) {
	n, err := asInteger(a[1])
	return units(asString(a[0])).cut(0, int(n)), err
}

func right(a []driver.Value) (driver.Value, error) {
	u := units(asString(a[0]))
	n, err := asInteger(a[1])
	n = min(max(n, 0), int64(len(u)))
	return u.cut(len(u)-int(n), len(u)), err
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

// pad is LPAD and RPAD: of the padding text only the first character counts.
func pad(a []driver.Value, left bool) (driver.Value, error) {
	if len(a) < 2 || len(a) > 3 {
		return nil, errors.New("LPAD and RPAD take two or three arguments")
	}
	u, fill := units(asString(a[0])), " "
	n, err := asInteger(a[1])
	if err != nil {
		return nil, err
	}
	if len(a) == 3 && asString(a[2]) != "" {
		fill = units(asString(a[2])).first()
	}
	if n > maxText {
		return nil, errTooLarge
	}
	if n = max(n, 0); n <= int64(len(u)) {
		return u.cut(0, int(n)), nil
	}
	padding := strings.Repeat(fill, (int(n)-len(u))/countUnits(fill))
	if left {
		return padding + u.String(), nil
	}
	return u.String() + padding, nil
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
	escape := -1
	if e := units(asString(a[2])); len(e) == 1 {
		escape = int(e[0])
	} else if len(e) > 1 {
		return nil, fmt.Errorf("Error in LIKE ESCAPE: %q", asString(a[2])) //nolint:staticcheck // H2's text
	}
	return like(units(asString(a[0])), units(asString(a[1])), escape), nil
}

// like matches with a step back to the last %, so it takes at most len(s)*len(p) steps.
func like(s, p utf16Text, escape int) bool {
	si, pi, star, mark := 0, 0, -1, 0
	for si < len(s) {
		literal := false
		at := pi
		if at < len(p) && int(p[at]) == escape && at+1 < len(p) {
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
	return regexpLike([]driver.Value{a[0], a[1], ""})
}
