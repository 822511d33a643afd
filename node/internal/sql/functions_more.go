package sql

// moreFunctions are the scalar functions of H2 that are used less: search, conversion, formats and the session.
var moreFunctions = map[string]function{
	// Search. The first argument of LOCATE and its kin is what to look for, of INSTR where.
	"LOCATE": {2, 3, "kd_locate", gives(kindInt)}, "CHARINDEX": {2, 3, "kd_locate", gives(kindInt)},
	"POSITION": {2, 2, "kd_locate", gives(kindInt)}, "INSERT": {4, 4, "kd_insert", gives(kindString)},
	"TRANSLATE": {3, 3, "kd_translate", gives(kindString)}, "SOUNDEX": {1, 1, "kd_soundex", gives(kindString)},
	"DIFFERENCE": {2, 2, "kd_difference", gives(kindInt)},
	// Bytes, codes and XML.
	"BIT_LENGTH": {1, 1, "", nil},
	"HEXTORAW":   {1, 1, "kd_hextoraw", gives(kindString)}, "RAWTOHEX": {1, 1, "kd_rawtohex", gives(kindString)},
	"STRINGENCODE": {1, 1, "kd_stringencode", gives(kindString)}, "STRINGDECODE": {1, 1, "kd_stringdecode", gives(kindString)},
	"STRINGTOUTF8": {1, 1, "kd_stringtoutf8", gives(kindBytes)}, "UTF8TOSTRING": {1, 1, "kd_utf8tostring", gives(kindString)},
	"HASH": {3, 3, "kd_hash", gives(kindBytes)}, "ORA_HASH": {1, 3, "kd_ora_hash", gives(kindLong)},
	"SECURE_RAND": {1, 1, "kd_secure_rand", gives(kindBytes)}, "SYS_GUID": {0, 0, "kd_uuid", gives(kindUUID)},
	"XMLATTR": {2, 2, "kd_xmlattr", gives(kindString)}, "XMLNODE": {1, 4, "kd_xmlnode", gives(kindString)},
	"XMLCOMMENT": {1, 1, "kd_xmlcomment", gives(kindString)}, "XMLCDATA": {1, 1, "kd_xmlcdata", gives(kindString)},
	"XMLSTARTDOC": {0, 0, "('<?xml version=\"1.0\"?>' || char(10)%s)", gives(kindString)}, "XMLTEXT": {1, 2, "kd_xmltext", gives(kindString)},
	// Numbers.
	"BITGET": {2, 2, "((%[1]s >> (%[2]s & 63)) & 1)", gives(kindBool)}, "BITXOR": {2, 2, "kd_bitxor", gives(kindLong)},
	"COT": {1, 1, "kd_cot", gives(kindDouble)}, "ROUNDMAGIC": {1, 1, "kd_roundmagic", gives(kindDouble)}, "ZERO": {0, 0, "(0%s)", gives(kindInt)},
	// Dates and times.
	"FORMATDATETIME": {2, 4, "kd_formatdatetime", gives(kindString)}, "PARSEDATETIME": {2, 4, "kd_parsedatetime", gives(kindTimestamp)},
	"DATE_TRUNC": {2, 2, "kd_date_trunc", gives(kindTimestamp)}, "ISO_YEAR": {1, 1, "kd_iso('ISO_YEAR', %s)", gives(kindInt)},
	"ISO_WEEK": {1, 1, "kd_iso('ISO_WEEK', %s)", gives(kindInt)}, "ISO_DAY_OF_WEEK": {1, 1, "kd_iso('ISO_DAY_OF_WEEK', %s)", gives(kindInt)},
	// Choice and errors.
	"ISNULL": {2, 2, "", nil}, "SIGNAL": {2, 2, "kd_signal", gives(kindUnknown)},
	// The session, which means little here: what Ignite answers to a thin client.
	"USER": {0, 0, "(''%s)", gives(kindString)}, "CURRENT_USER": {0, 0, "(''%s)", gives(kindString)},
	"IDENTITY": {0, 0, "(0%s)", gives(kindLong)}, "SCOPE_IDENTITY": {0, 0, "(NULL%s)", gives(kindLong)},
	"LAST_INSERT_ID": {0, 0, "(0%s)", gives(kindLong)}, "LASTVAL": {0, 0, "(0%s)", gives(kindLong)},
	"AUTOCOMMIT": {0, 0, "(1%s)", gives(kindBool)}, "READONLY": {0, 0, "(0%s)", gives(kindBool)}, "LOCK_TIMEOUT": {0, 0, "(10000%s)", gives(kindInt)},
	"TRANSACTION_ID": {0, 0, "(NULL%s)", gives(kindString)}, "DATABASE_PATH": {0, 0, "(NULL%s)", gives(kindString)},
	"H2VERSION": {0, 0, "('1.4.197'%s)", gives(kindString)},
}

// functionNamed finds a scalar function.
func functionNamed(name string) (function, bool) {
	f, ok := functions[name]
	if !ok {
		f, ok = moreFunctions[name]
	}
	return f, ok
}
