package parse

// Expr is an expression of the tree.
type Expr interface{ expr() }

// LiteralKind says what a Literal holds.
type LiteralKind uint8

// The kinds of literals. Text holds the digits, the string, "TRUE" or "FALSE", or the hexadecimal bytes.
const (
	LiteralNull LiteralKind = iota
	LiteralBool
	LiteralInteger
	LiteralDecimal
	LiteralDouble
	LiteralString
	LiteralBytes
	LiteralDate
	LiteralTime
	LiteralTimestamp
)

type (
	// Literal is a constant in the text.
	Literal struct {
		Kind LiteralKind
		Text string
	}
	// Param is a `?`; Index counts from 0.
	Param struct{ Index int }
	// Column names a column, with table or alias and schema when given.
	Column struct{ Schema, Table, Name string }
	// Default is the word DEFAULT in place of a value.
	Default struct{}
	// Unary is -X, +X or NOT X.
	Unary struct {
		Op string
		X  Expr
	}
	// Binary is an operator between two expressions: + - * / % || = <> < <= > >= AND OR.
	Binary struct {
		Op   string
		L, R Expr
	}
	// IsNull is X IS [NOT] NULL.
	IsNull struct {
		X   Expr
		Not bool
	}
	// IsDistinct is L IS [NOT] DISTINCT FROM R.
	IsDistinct struct {
		L, R Expr
		Not  bool
	}
	// Like is X [NOT] LIKE Pattern [ESCAPE Escape], or X [NOT] REGEXP Pattern. IgnoreCase is ILIKE and ~*.
	Like struct {
		X, Pattern, Escape      Expr
		Not, Regexp, IgnoreCase bool
	}
	// Between is X [NOT] BETWEEN Low AND High.
	Between struct {
		X, Low, High Expr
		Not          bool
	}
	// In is X [NOT] IN (list) or (query).
	In struct {
		X     Expr
		List  []Expr
		Query *Query
		Not   bool
	}
	// Exists is EXISTS (query).
	Exists struct{ Query *Query }
	// Subquery is a query in place of a value.
	Subquery struct{ Query *Query }
	// Case is CASE [operand] WHEN .. THEN .. [ELSE ..] END.
	Case struct {
		Operand Expr
		Whens   []When
		Else    Expr
	}
	// When is one branch of Case.
	When struct{ If, Then Expr }
	// Call is a function call. Star is COUNT(*).
	Call struct {
		Name           string
		Distinct, Star bool
		Args           []Expr
		Filter         Expr
		OrderBy        []Order
		Separator      Expr
		Over           *Window
	}
	// Window is OVER (PARTITION BY ... ORDER BY ...).
	Window struct {
		PartitionBy []Expr
		OrderBy     []Order
	}
	// Cast is CAST(X AS Type).
	Cast struct {
		X    Expr
		Type TypeName
	}
	// Row is (a, b, ...).
	Row struct{ Items []Expr }
)

func (*Literal) expr()    {}
func (*Param) expr()      {}
func (*Column) expr()     {}
func (*Default) expr()    {}
func (*Unary) expr()      {}
func (*Binary) expr()     {}
func (*IsNull) expr()     {}
func (*IsDistinct) expr() {}
func (*Like) expr()       {}
func (*Between) expr()    {}
func (*In) expr()         {}
func (*Exists) expr()     {}
func (*Subquery) expr()   {}
func (*Case) expr()       {}
func (*Call) expr()       {}
func (*Cast) expr()       {}
func (*Row) expr()        {}
