package conformance_test

// oneKey: elsewhere both give an aggregate of decimals the scale of its argument.
const oneKey = "Ignite does not take a query of one key apart, and then the aggregate keeps the scale of its values"

// sqlDifferences are the statements of testdata/sql that the embedded node answers in
// another way than a real Ignite, as "file: statement [parameters]", each with the reason.
var sqlDifferences = map[string]string{
	"advanced: SELECT A FROM ADV GROUP BY A HAVING A > 1 OR COUNT(*) > 1":           "Ignite fails on a HAVING of a column and an aggregate",
	"grouping: SELECT COUNT(*) FILTER (WHERE V > 20) FROM GROUPS":                   "Ignite takes aggregates apart for its nodes and loses FILTER",
	"grouping: SELECT AVG(C) FROM (SELECT G, COUNT(*) AS C FROM GROUPS GROUP BY G)": "Ignite rounds this average, all others of whole numbers it cuts",
	"joins: SELECT * FROM JOIN_L NATURAL JOIN JOIN_R":                               "Ignite joins by the hidden columns _KEY and _VAL, too",
	"scales: SELECT SUM(C) FROM SCALES_A WHERE ID = 1":                              oneKey,
	"scales: SELECT MAX(C) FROM SCALES_B WHERE ID = 1":                              oneKey,
	"scales: SELECT MAX(C / 3) FROM SCALES_B WHERE ID = 1":                          oneKey,
	"numbers: SELECT COSH(1)":                                                       "the last digit of COSH differs",
	"sets: SELECT V FROM SETS_A UNION ALL SELECT V FROM SETS_B":                     "Ignite leaves each row of a UNION ALL the type of its own side",
	"sets: SELECT (SELECT ID, V FROM SETS_B WHERE ID = 1)":                          "Ignite makes an array of a row",

	"statements: SELECT COUNT(*) AS BEHIND_A_FAILED_INSERT FROM STATEMENT_ROWS":                   "a failed statement leaves the node's rows as they were; Ignite has stored those before the one that failed",
	"statements: DELETE FROM STATEMENT_ROWS WHERE ID = 7":                                         "this row is one that Ignite stored before the statement failed",
	"tables: SELECT ID, A AS BEHIND_A_FAILED_UPDATE FROM TABLES_D1":                               "a failed statement leaves the node's rows as they were; Ignite has changed those before the one that failed",
	"functions: SELECT FORMATDATETIME(TIMESTAMP '2024-05-06 17:08:09', 'EEEE d. MMMM', 'de')":     "the node has the names of days and months in English only",
	"functions_more: SELECT NULL = ANY(SELECT 1), 1 = ANY(SELECT NULL), 1 = ANY(SELECT 1)":        "Ignite answers false where the only value of a constant query is NULL",
	"functions_more: SELECT A, COUNT(*) AS C FROM FUNCTIONS_Y3 GROUP BY A HAVING C > 1 AND A > 0": "Ignite takes the query apart for its nodes and loses the column of HAVING",
	"to_char: SELECT TO_CHAR(12.34, 'TME')":                                                       "exponents are not written",
	"to_char: SELECT TO_CHAR(1234.567, '9.9EEEE')":                                                "exponents are not written",
}
