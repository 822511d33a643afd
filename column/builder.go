package column

// Builder fills the columns of batches of one schema, one batch after the
// other. It is for one goroutine; the batches that it makes are not bound to it.
type Builder struct {
	schema  *Schema
	alloc   Allocator
	columns []*Appender
}

// NewBuilder makes a builder. The schema must be valid (Schema.Validate) and
// must not be changed afterwards; alloc gives the memory of the batches.
func NewBuilder(schema *Schema, alloc Allocator) *Builder {
	b := &Builder{schema: schema, alloc: alloc}
	for _, f := range schema.Fields {
		b.columns = append(b.columns, newAppender(f.Type, alloc))
	}
	return b
}

// Schema is the schema of the batches.
func (b *Builder) Schema() *Schema { return b.schema }

// Column fills column i.
func (b *Builder) Column(i int) *Appender { return b.columns[i] }

// Rows is the number of rows so far: the values of the first column.
func (b *Builder) Rows() int {
	if len(b.columns) == 0 {
		return 0
	}
	return b.columns[0].n
}

// Bytes is the memory that the rows so far take.
func (b *Builder) Bytes() int {
	n := 0
	for _, c := range b.columns {
		n += c.Bytes()
	}
	return n
}

// Reserve makes room for rows in all, so that appending no more than them moves
// no memory: all of it for values of fixed width; the bytes of strings and the
// elements of lists get the room that the batch before had of them. It takes the
// memory at once, so rows must be a number that is to be trusted.
func (b *Builder) Reserve(rows int) {
	for _, c := range b.columns {
		c.reserve(rows)
	}
}

// Truncate drops the rows from n on, also half of one that was begun.
func (b *Builder) Truncate(n int) {
	for _, c := range b.columns {
		c.Truncate(n)
	}
}

// Reset drops all rows and gives their memory back.
func (b *Builder) Reset() {
	for _, c := range b.columns {
		c.reset()
	}
}

// NewBatch gives the rows away as a batch with one owner and leaves the builder
// empty. The next batch starts with buffers of the same size.
func (b *Builder) NewBatch() *Batch {
	batch := &Batch{Schema: b.schema, Rows: b.Rows(), Columns: make([]*Column, len(b.columns)), alloc: b.alloc}
	for i, c := range b.columns {
		batch.Columns[i] = c.take()
	}
	batch.refs.Store(1)
	return batch
}
