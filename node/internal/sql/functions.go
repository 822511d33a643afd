package sql

import "fmt"

// functions are the scalar functions by the name that Ignite gives them.
var functions = map[string]function{
	// Text.
	"UPPER": {1, 1, "kd_upper", gives(kindString)}, "UCASE": {1, 1, "kd_upper", gives(kindString)},
	"LOWER": {1, 1, "kd_lower", gives(kindString)}, "LCASE": {1, 1, "kd_lower", gives(kindString)},
	"LENGTH": {1, 1, "", nil}, "CHAR_LENGTH": {1, 1, "", nil},
	"CHARACTER_LENGTH": {1, 1, "", nil}, "OCTET_LENGTH": {1, 1, "", nil},
	"CONCAT": {2, -1, "kd_concat", gives(kindString)}, "CONCAT_WS": {3, -1, "concat_ws", gives(kindString)},
	"SUBSTRING": {2, 3, "kd_substring", gives(kindString)}, "SUBSTR": {2, 3, "kd_substring", gives(kindString)},
	"LEFT": {2, 2, "kd_left", gives(kindString)}, "RIGHT": {2, 2, "kd_right", gives(kindString)},
	"TRIM": {1, 2, "trim", gives(kindString)}, "LTRIM": {1, 2, "ltrim", gives(kindString)}, "RTRIM": {1, 2, "rtrim", gives(kindString)},
	"LPAD": {2, 3, "kd_lpad", gives(kindString)}, "RPAD": {2, 3, "kd_rpad", gives(kindString)},
	"REPLACE": {2, 3, "kd_replace", gives(kindString)},
	"REPEAT":  {2, 2, "kd_repeat", gives(kindString)}, "SPACE": {1, 1, "kd_repeat(' ', %s)", gives(kindString)},
	"ASCII": {1, 1, "kd_ascii", gives(kindInt)}, "CHAR": {1, 1, "char", gives(kindString)}, "CHR": {1, 1, "char", gives(kindString)},
	// Numbers.
	"ABS": {1, 1, "", nil}, "ROUND": {1, 2, "kd_round", gives(kindDouble)}, "SIGN": {1, 1, "", nil},
	"FLOOR": {1, 1, "kd_math('FLOOR', %s)", gives(kindDouble)}, "CEIL": {1, 1, "kd_math('CEIL', %s)", gives(kindDouble)}, "CEILING": {1, 1, "kd_math('CEIL', %s)", gives(kindDouble)},
	"TRUNC": {1, 2, "", nil}, "TRUNCATE": {1, 2, "", nil},
	"MOD": {2, 2, "kd_mod", gives(kindLong)}, "POWER": {2, 2, "kd_math2('POWER', %s)", gives(kindDouble)}, "SQRT": {1, 1, "kd_math('SQRT', %s)", gives(kindDouble)},
	"EXP": {1, 1, "kd_math('EXP', %s)", gives(kindDouble)}, "LN": {1, 1, "kd_math('LN', %s)", gives(kindDouble)}, "LOG": {1, 1, "kd_math('LN', %s)", gives(kindDouble)},
	"LOG10": {1, 1, "kd_math('LOG10', %s)", gives(kindDouble)}, "PI": {0, 0, "pi", gives(kindDouble)},
	"SIN": {1, 1, "kd_math('SIN', %s)", gives(kindDouble)}, "COS": {1, 1, "kd_math('COS', %s)", gives(kindDouble)}, "TAN": {1, 1, "kd_math('TAN', %s)", gives(kindDouble)},
	"ASIN": {1, 1, "kd_math('ASIN', %s)", gives(kindDouble)}, "ACOS": {1, 1, "kd_math('ACOS', %s)", gives(kindDouble)}, "ATAN": {1, 1, "kd_math('ATAN', %s)", gives(kindDouble)},
	"ATAN2": {2, 2, "kd_math2('ATAN2', %s)", gives(kindDouble)}, "SINH": {1, 1, "kd_math('SINH', %s)", gives(kindDouble)}, "COSH": {1, 1, "kd_math('COSH', %s)", gives(kindDouble)},
	"TANH": {1, 1, "kd_math('TANH', %s)", gives(kindDouble)}, "DEGREES": {1, 1, "kd_math('DEGREES', %s)", gives(kindDouble)}, "RADIANS": {1, 1, "kd_math('RADIANS', %s)", gives(kindDouble)},
	"RAND": {0, 1, "kd_rand", gives(kindDouble)}, "RANDOM": {0, 1, "kd_rand", gives(kindDouble)},
	"GREATEST": {2, -1, "", nil}, "LEAST": {2, -1, "", nil},
	"BITAND": {2, 2, "(%[1]s & %[2]s)", gives(kindLong)}, "BITOR": {2, 2, "(%[1]s | %[2]s)", gives(kindLong)},
	"RANDOM_UUID": {0, 0, "kd_uuid", gives(kindUUID)}, "UUID": {0, 0, "kd_uuid", gives(kindUUID)},
	// Choice.
	"COALESCE": {1, -1, "", nil}, "IFNULL": {2, 2, "", nil}, "NVL": {2, 2, "", nil}, "NVL2": {3, 3, "", nil},
	// Dates and times.
	"YEAR": {1, 1, "kd_part('YEAR', %s)", gives(kindInt)}, "MONTH": {1, 1, "kd_part('MONTH', %s)", gives(kindInt)},
	"DAY": {1, 1, "kd_part('DAY', %s)", gives(kindInt)}, "DAY_OF_MONTH": {1, 1, "kd_part('DAY', %s)", gives(kindInt)},
	"DAYOFMONTH": {1, 1, "kd_part('DAY', %s)", gives(kindInt)},
	"HOUR":       {1, 1, "kd_part('HOUR', %s)", gives(kindInt)}, "MINUTE": {1, 1, "kd_part('MINUTE', %s)", gives(kindInt)},
	"SECOND": {1, 1, "kd_part('SECOND', %s)", gives(kindInt)}, "QUARTER": {1, 1, "kd_part('QUARTER', %s)", gives(kindInt)},
	"DAY_OF_WEEK": {1, 1, "kd_part('DAY_OF_WEEK', %s)", gives(kindInt)}, "DAYOFWEEK": {1, 1, "kd_part('DAY_OF_WEEK', %s)", gives(kindInt)},
	"DAY_OF_YEAR": {1, 1, "kd_part('DAY_OF_YEAR', %s)", gives(kindInt)}, "DAYOFYEAR": {1, 1, "kd_part('DAY_OF_YEAR', %s)", gives(kindInt)},
	"WEEK":    {1, 1, "kd_part('WEEK', %s)", gives(kindInt)},
	"DAYNAME": {1, 1, "kd_name('DAY', %s)", gives(kindString)}, "MONTHNAME": {1, 1, "kd_name('MONTH', %s)", gives(kindString)},
}

// signatures are the kinds that the arguments of a function are turned into: a letter each, the last one for all that
// follow. A function without one takes its arguments as they are.
var signatures = map[string]string{
	"UPPER": "s", "UCASE": "s", "LOWER": "s", "LCASE": "s",
	"CONCAT": "s", "CONCAT_WS": "s", "SUBSTRING": "si", "SUBSTR": "si", "LEFT": "si", "RIGHT": "si",
	"TRIM": "s", "LTRIM": "s", "RTRIM": "s", "LPAD": "sis", "RPAD": "sis", "REPLACE": "s", "REPEAT": "si", "SPACE": "i",
	"INSTR": "ssi", "LOCATE": "ssi", "POSITION": "s", "ASCII": "s", "CHAR": "i", "CHR": "i", "RAWTOHEX": "s",
	"REGEXP_LIKE": "s", "REGEXP_REPLACE": "s", "ROUND": "di", "FLOOR": "d", "CEIL": "d", "CEILING": "d", "MOD": "l",
	"POWER": "d", "SQRT": "d", "EXP": "d", "LN": "d", "LOG": "d", "LOG10": "d", "SIN": "d", "COS": "d", "TAN": "d", "ASIN": "d",
	"ACOS": "d", "ATAN": "d", "ATAN2": "d", "SINH": "d", "COSH": "d", "TANH": "d", "DEGREES": "d", "RADIANS": "d",
	"BITAND": "l", "BITOR": "l", "BITGET": "l", "BITXOR": "l", "COT": "d", "ROUNDMAGIC": "d",
	"YEAR": "t", "MONTH": "t", "DAY": "t", "DAY_OF_MONTH": "t", "DAYOFMONTH": "t", "HOUR": "t", "MINUTE": "t", "SECOND": "t", "QUARTER": "t",
	"DAY_OF_WEEK": "t", "DAYOFWEEK": "t", "DAY_OF_YEAR": "t", "DAYOFYEAR": "t", "WEEK": "t", "DAYNAME": "t", "MONTHNAME": "t",
	"ISO_YEAR": "t", "ISO_WEEK": "t", "ISO_DAY_OF_WEEK": "t", "FORMATDATETIME": "ts", "DATE_TRUNC": "st",
	"CHARINDEX": "ssi", "INSERT": "siis", "TRANSLATE": "s", "SOUNDEX": "s", "DIFFERENCE": "s", "HEXTORAW": "s",
	"STRINGENCODE": "s", "STRINGDECODE": "s", "STRINGTOUTF8": "s", "ORA_HASH": "sii", "SECURE_RAND": "i",
	"XMLATTR": "s", "XMLCOMMENT": "s", "XMLCDATA": "s", "SIGNAL": "s",
}

var signatureKinds = map[byte]kind{'s': kindString, 'i': kindInt, 'l': kindLong, 'd': kindDouble, 't': kindTimestamp}

// signature converts the arguments of a function.
func (p *planner) signature(name string, args []rendered) ([]rendered, error) {
	s := signatures[name]
	if s == "" {
		return args, nil
	}
	for i := range args {
		k := signatureKinds[s[min(i, len(s)-1)]]
		if k == kindTimestamp && args[i].typ.temporal() {
			continue
		}
		var err error
		if args[i], err = p.convert(args[i], k); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// typedFunctions are the functions whose result depends on the kinds of their arguments.
var typedFunctions = map[string]func(p *planner, args []rendered) (rendered, error){
	"COALESCE": coalesced, "IFNULL": coalesced, "NVL": coalesced, "ISNULL": coalesced,
	"GREATEST": extremeCall(">"), "LEAST": extremeCall("<"),
	"NVL2":   nvl2,
	"LENGTH": lengthOf(""), "CHAR_LENGTH": lengthOf(""), "CHARACTER_LENGTH": lengthOf(""), "OCTET_LENGTH": lengthOf("2 * "), "BIT_LENGTH": lengthOf("16 * "),
	"ABS": absolute, "SIGN": sign,
	"TRUNC": truncated, "TRUNCATE": truncated,
}

// coalesced is the first value that is not null.
func coalesced(p *planner, args []rendered) (rendered, error) {
	t := p.alike(args)
	return rendered{sql: apply("coalesce(%s, NULL)", args), typ: t}, nil
}

// extremeCall is GREATEST or LEAST: nulls are left out.
func extremeCall(op string) func(*planner, []rendered) (rendered, error) {
	return func(p *planner, args []rendered) (rendered, error) {
		t := p.alike(args)
		by := collation(t.kind)
		best := args[0].sql
		for _, a := range args[1:] {
			best = fmt.Sprintf("(CASE WHEN %[1]s IS NULL OR %[2]s%[3]s %[4]s %[1]s THEN %[2]s ELSE %[1]s END)", best, a.sql, by, op)
		}
		return rendered{sql: best, typ: t}, nil
	}
}

func nvl2(p *planner, args []rendered) (rendered, error) {
	t := p.alike(args[1:])
	return rendered{sql: apply("iif(%[1]s IS NOT NULL, %[2]s, %[3]s)", args), typ: t}, nil
}

// lengthOf is the length of text in UTF-16 units, or that of bytes, times what is said.
func lengthOf(times string) func(*planner, []rendered) (rendered, error) {
	return func(p *planner, args []rendered) (rendered, error) {
		if args[0].typ.kind == kindBytes {
			return of(kindLong, "("+times+"length("+args[0].sql+"))"), nil
		}
		x, err := p.convert(args[0], kindString)
		return of(kindLong, "("+times+"kd_length("+x.sql+"))"), err
	}
}

// numericArgument refuses what H2's abs() and signum() refuse.
func (p *planner) numericArgument(x rendered) error {
	if x.typ.numeric() || x.typ.kind == kindNull {
		return nil
	}
	return queryError(p.sql, 50100, "Feature not supported: %q", x.typ.info().name+" SIGNUM")
}

func absolute(p *planner, args []rendered) (rendered, error) {
	x := args[0]
	return rendered{sql: fmt.Sprintf("kd_abs(%d, %s)", x.typ.kind, x.sql), typ: scaled(x.typ.kind, x)}, p.numericArgument(x)
}

func sign(p *planner, args []rendered) (rendered, error) {
	x := args[0]
	return of(kindInt, fmt.Sprintf("kd_sign(%d, %s)", x.typ.kind, x.sql)), p.numericArgument(x)
}

// truncated is TRUNCATE: the day of a date or time, or a number with fewer digits.
func truncated(p *planner, args []rendered) (rendered, error) {
	if args[0].typ.temporal() || args[0].typ.text() && len(args) == 1 {
		t, err := p.convert(args[0], kindTimestamp)
		if err == nil {
			t, err = p.convert(t, kindDate)
		}
		if err == nil {
			t.typ = typeOf(kindDate)
			t, err = p.convert(t, kindTimestamp)
		}
		return t, err
	}
	x, err := p.convert(args[0], kindDouble)
	if err != nil {
		return x, err
	}
	digits := of(kindInt, "0")
	if len(args) == 2 {
		if digits, err = p.convert(args[1], kindInt); err != nil {
			return digits, err
		}
	}
	return of(kindDouble, "kd_truncate("+x.sql+", "+digits.sql+")"), nil
}
