package sql

import (
	"strings"
)

// compareDecimals is BigDecimal.compareTo on texts. A text that is no decimal, which no DECIMAL has, comes last.
func compareDecimals(a, b string) int {
	if n, ok := comparePlain(a, b); ok {
		return n
	}
	x, ok := toDecimal(a)
	y, same := toDecimal(b)
	switch {
	case ok && same:
		return x.Cmp(y)
	case ok:
		return -1
	case same:
		return 1
	}
	return strings.Compare(a, b)
}

// comparePlain compares decimals without exponents by their digits: sorting compares each value many times, and
// reading it each time would take ten times as long.
func comparePlain(a, b string) (int, bool) {
	x, ok := plainDigits(a)
	y, same := plainDigits(b)
	switch {
	case !ok || !same:
		return 0, false
	case x.sign != y.sign:
		return x.sign - y.sign, true
	}
	n := len(x.whole) - len(y.whole)
	if n == 0 {
		n = strings.Compare(x.whole, y.whole)
	}
	if n == 0 {
		n = strings.Compare(x.fraction, y.fraction) // "5" is before "51", and zeros at the end are gone
	}
	return n * x.sign, true
}

// decimalDigits are the digits around the point, without zeros that say nothing; sign is 0 for zero.
type decimalDigits struct {
	whole, fraction string
	sign            int
}

func plainDigits(s string) (decimalDigits, bool) {
	d := decimalDigits{sign: 1}
	if s != "" && s[0] == '-' {
		d.sign, s = -1, s[1:]
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && s[i] != '.' {
			return d, false
		}
	}
	d.whole, d.fraction, _ = strings.Cut(s, ".")
	if d.whole == "" || strings.Contains(d.fraction, ".") {
		return d, false
	}
	d.whole, d.fraction = strings.TrimLeft(d.whole, "0"), strings.TrimRight(d.fraction, "0")
	if d.whole == "" && d.fraction == "" {
		d.sign = 0
	}
	return d, true
}
