package parse

// Statement is one SQL statement: *Query, *Insert, *Update, *Delete or one of the DDL statements.
type Statement interface{ statement() }

// TableName names a table. Schema is "" when the statement does not give one.
type TableName struct{ Schema, Name string }

// TypeName is a column type as written: the name in upper case, then precision and scale, -1 when absent.
type TypeName struct {
	Name             string
	Precision, Scale int
}

// ColumnDef is one column of CREATE TABLE or ALTER TABLE ADD.
type ColumnDef struct {
	Name    string
	Type    TypeName
	NotNull bool
	Default Expr // nil when there is none
}

// Option is one entry of Ignite's WITH "name=value,..." clause; the name is in upper case.
type Option struct {
	Name, Value string
	HasValue    bool
	Text        string // as written
}

// CreateTable is CREATE TABLE [IF NOT EXISTS].
type CreateTable struct {
	IfNotExists bool
	Table       TableName
	Columns     []ColumnDef
	PrimaryKey  []string // nil when none was given
	Options     []Option
}

// DropTable is DROP TABLE [IF EXISTS] name [, name ...].
type DropTable struct {
	IfExists bool
	Tables   []TableName
}

// IndexColumn is one column of an index.
type IndexColumn struct {
	Name string
	Desc bool
}

// CreateIndex is CREATE [SPATIAL] INDEX [IF NOT EXISTS]. Name is "" when Ignite is to choose it.
type CreateIndex struct {
	IfNotExists bool
	Schema      string
	Name        string
	Table       TableName
	Columns     []IndexColumn
	InlineSize  int // -1 when not given
}

// DropIndex is DROP INDEX [IF EXISTS].
type DropIndex struct {
	IfExists     bool
	Schema, Name string
}

// AlterTable is ALTER TABLE [IF EXISTS] ... ADD or DROP [COLUMN]. One of Add and Drop is set.
type AlterTable struct {
	IfExists       bool
	Table          TableName
	IfNotExistsCol bool
	IfExistsCol    bool
	Add            []ColumnDef
	Drop           []string
}

// Insert is INSERT INTO and MERGE INTO. Either Rows or Query is set.
type Insert struct {
	Merge   bool
	Table   TableName
	Columns []string // nil when not given: all columns in order
	Key     []string // columns of MERGE's KEY clause
	Rows    [][]Expr
	Query   *Query
}

// Assignment is one `column = expression` of UPDATE.
type Assignment struct {
	Column string
	Value  Expr
}

// Update is UPDATE t [alias] SET ... [WHERE ...] [LIMIT n].
type Update struct {
	Table TableName
	Alias string
	Set   []Assignment
	Where Expr
	Limit Expr
}

// Delete is DELETE FROM t [alias] [WHERE ...] [LIMIT n].
type Delete struct {
	Table TableName
	Alias string
	Where Expr
	Limit Expr
}

// Query is a SELECT with everything around it.
type Query struct {
	With          []CTE
	Recursive     bool
	Body          Body
	OrderBy       []Order
	Limit, Offset Expr
}

// CTE is one `name [(columns)] AS (query)` of WITH.
type CTE struct {
	Name    string
	Columns []string
	Query   *Query
}

// Body is *Select, *Values or *SetOp.
type Body interface{ body() }

// Select is one SELECT without ORDER BY and LIMIT.
type Select struct {
	Distinct bool
	Items    []Item
	From     []TableRef // joined by a comma
	Where    Expr
	GroupBy  []Expr
	Having   Expr
}

// Values is VALUES (..), (..).
type Values struct{ Rows [][]Expr }

// SetOp joins two bodies; Op is UNION, UNION ALL, EXCEPT or INTERSECT.
type SetOp struct {
	Op          string
	Left, Right Body
}

// Item is one entry of a select list: an expression with an optional alias, or a star.
type Item struct {
	Expr       Expr
	Alias      string
	Star       bool
	StarSchema string
	StarTable  string
}

// Order is one entry of ORDER BY. Nulls is "", "FIRST" or "LAST".
type Order struct {
	Expr  Expr
	Desc  bool
	Nulls string
}

// TableRef is *Table, *Derived, *Join or *TableFunction.
type TableRef interface{ tableRef() }

// Table is a table by name.
type Table struct {
	Name  TableName
	Alias string
}

// Derived is a query in the FROM clause.
type Derived struct {
	Query   *Query
	Alias   string
	Columns []string
}

// Join joins two references; Kind is INNER, LEFT, RIGHT, FULL or CROSS.
type Join struct {
	Kind        string
	Natural     bool
	Left, Right TableRef
	On          Expr
	Using       []string
}

func (*CreateTable) statement() {}
func (*DropTable) statement()   {}
func (*CreateIndex) statement() {}
func (*DropIndex) statement()   {}
func (*AlterTable) statement()  {}
func (*Insert) statement()      {}
func (*Update) statement()      {}
func (*Delete) statement()      {}
func (*Query) statement()       {}

func (*Select) body() {}
func (*Values) body() {}
func (*SetOp) body()  {}

func (*Table) tableRef()         {}
func (*Derived) tableRef()       {}
func (*Join) tableRef()          {}
func (*TableFunction) tableRef() {}
