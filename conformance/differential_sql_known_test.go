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
}
