package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/kindling-ml/kindling/ignite"
)

// LoadFiles writes the rows of files into the cache as one load: the types of the
// columns of text files are decided by all of them, and by what the cache declares.
// Text files on disk are read twice, so that a value that cannot be parsed is found
// before anything is stored; so is a file whose columns do not fit. Otherwise it is
// like [Load]. Errors name the file, and the line of a text file.
//
// When all files are text and none has a row, the cache is not created.
func LoadFiles(ctx context.Context, client *ignite.Client, cache string, paths []string, file FileOptions, opts Options) (Result, error) {
	if err := errors.Join(file.Validate(), opts.Validate()); err != nil {
		return Result{}, err
	}
	to, err := lookAt(ctx, client, cache, &opts)
	if err != nil {
		return Result{}, err
	}
	set := fileSet{rules: rules{file: &file, rename: renames{names: opts.Rename}, keys: opts.Key, types: opts.Types, class: to.class}, progress: opts.Progress}
	defer set.release()
	if err := set.add(paths); err != nil {
		return Result{}, fmt.Errorf("%w (nothing is stored)", err)
	}
	if set.isEmpty() && to.missing {
		return Result{}, nil
	}
	plans := make([]*rowPlan, len(set.files))
	for i, f := range set.files {
		if i > 0 && f.schema == set.files[i-1].schema {
			plans[i] = plans[i-1]
			continue
		}
		if plans[i], err = to.plan(f.schema); err != nil {
			return Result{}, fmt.Errorf("%s: %w (nothing is stored)", f.name, err)
		}
	}
	return to.load(ctx, plans, func(l *loader) error {
		for i, f := range set.files {
			if err := l.file(ctx, f, plans[i]); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
		return nil
	})
}

// file sends the rows of a file.
func (l *loader) file(ctx context.Context, f *source, plan *rowPlan) error {
	r, err := f.open()
	if err != nil {
		return errors.Unwrap(err) // the path is added by the caller
	}
	defer r.Release()
	l.plan, l.source = plan, Progress{Path: f.name, Bytes: r.Bytes}
	l.offset, l.place = r.Offset, r.row
	return l.all(ctx, r)
}

// fileSet is the files of a load.
type fileSet struct {
	rules    rules
	survey   survey
	files    []*source
	progress func(Progress)
}

// source is one of them. Until open is called it holds nothing open, unless it can be
// read only once.
type source struct {
	set     *fileSet
	path    string
	name    string // for people
	format  Format
	gzipped bool
	schema  *arrow.Schema
	rest    *stream // of a text file that can be read only once: all of it
	reader  *Reader // of another such file
}

func (f *source) isText() bool { return f.format == FormatCSV || f.format == FormatJSON }

// add looks at the files and decides the schemas.
func (s *fileSet) add(paths []string) error {
	if s.rules.file.BatchRows <= 0 {
		s.rules.file.BatchRows = DefaultBatchRows
	}
	s.survey.rules = &s.rules
	for _, path := range paths {
		format, gzipped, err := formatOf(path, s.rules.file)
		if err != nil {
			return err
		}
		f := &source{set: s, path: path, name: path, format: format, gzipped: gzipped}
		if path == "-" {
			f.name = "standard input"
		}
		s.files = append(s.files, f)
		if err := f.look(); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	if err := s.rules.rename.unused(); err != nil {
		return err
	}
	schema, err := s.survey.schema()
	if err != nil {
		return err
	}
	for _, f := range s.files {
		if f.isText() {
			f.schema = schema
		}
	}
	return nil
}

// isEmpty tells whether the files are text, known as a whole, and have no row.
func (s *fileSet) isEmpty() bool {
	return s.survey.rows == 0 && !s.survey.sampled && !slices.ContainsFunc(s.files, func(f *source) bool { return !f.isText() })
}

// release closes what is open and was not read.
func (s *fileSet) release() {
	for _, f := range s.files {
		if f.rest != nil {
			_ = f.rest.close()
		}
		if f.reader != nil {
			f.reader.Release()
		}
	}
}

// look takes the schema of a file, or surveys its text.
func (f *source) look() error {
	if !f.isText() {
		r, err := f.openArrow()
		if err != nil {
			return err
		}
		f.schema = r.Schema()
		if f.path == "-" {
			f.reader = r
			return nil
		}
		r.Release()
		return nil
	}
	s, err := openStream(f.path, f.gzipped)
	if err != nil {
		return err
	}
	if s.again {
		return errors.Join(f.inspect(s.Reader, s), s.close())
	}
	var head bytes.Buffer
	_, err = io.CopyN(&head, s.Reader, sampleBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(err, s.close())
	}
	sample := io.Reader(bytes.NewReader(head.Bytes()))
	if err == nil {
		f.set.survey.sampled = true
		sample = io.MultiReader(sample, errReader{errSampleEnd})
	}
	s.Reader = io.MultiReader(bytes.NewReader(head.Bytes()), s.Reader)
	f.rest = s
	return f.inspect(sample, s)
}

// inspect surveys the text of a file.
func (f *source) inspect(r io.Reader, s *stream) error {
	survey := &f.set.survey
	survey.progress = nil
	if report := f.set.progress; report != nil {
		survey.progress = func() {
			report(Progress{Path: f.name, Checking: true, Rows: survey.rows, Offset: s.read.n.Load(), Bytes: s.size})
		}
	}
	table, err := f.table(r)
	if err != nil {
		return err
	}
	return table.survey(survey)
}

// textTable is the rows of a text file, which are read once.
type textTable interface {
	survey(s *survey) error
	reader(s *survey, schema *arrow.Schema, batchRows int) *textReader
}

func (f *source) table(r io.Reader) (textTable, error) {
	r, err := decoded(r, f.set.rules.file.Encoding)
	if err != nil {
		return nil, err
	}
	var table textTable
	if f.format == FormatJSON {
		table, err = openJSON(r)
	} else {
		table, err = openCSV(r, &f.set.rules)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return table, nil
}

// open reads the file from its start. Errors name the path.
func (f *source) open() (*Reader, error) {
	var r *Reader
	var err error
	if f.isText() {
		r, err = f.openText()
	} else if r = f.reader; r != nil {
		f.reader = nil
	} else {
		r, err = f.openArrow()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	return r, nil
}

func (f *source) openText() (*Reader, error) {
	s := f.rest
	f.rest = nil
	if s == nil {
		var err error
		if s, err = openStream(f.path, f.gzipped); err != nil {
			return nil, err
		}
	}
	table, err := f.table(s.Reader)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	text := table.reader(&f.set.survey, f.schema, f.set.rules.file.BatchRows)
	return &Reader{RecordReader: text, Bytes: s.size, Format: f.format, read: s.read, text: text, close: s.close}, nil
}

// openArrow opens a file that has Arrow types, with its columns renamed.
func (f *source) openArrow() (*Reader, error) {
	opts := f.set.rules.file
	if f.format != FormatIDX {
		r, err := openWhole(f.path, f.format, opts)
		if err != nil {
			return nil, err
		}
		r.RecordReader = renamed(r.RecordReader, &f.set.rules.rename)
		return r, nil
	}
	s, err := openStream(f.path, f.gzipped)
	if err != nil {
		return nil, err
	}
	rr, err := newIDXReader(s.Reader, opts)
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Reader{RecordReader: renamed(rr, &f.set.rules.rename), Bytes: s.size, Format: f.format, read: s.read, close: s.close}, nil
}
