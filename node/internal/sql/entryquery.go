package sql

import (
	"strings"

	"github.com/kindling-ml/kindling/ignite/wire"
)

// EntryQuery gives the statement of Ignite's SqlQuery: text is what follows SELECT * FROM the table of a value type, with
// or without its first words (WHERE may be left out, too). The statement gives the key and the value of each entry. The
// error is an *Error.
func EntryQuery(info CacheInfo, valueType, text string) (string, error) {
	var entity *wire.QueryEntity
	for i := range info.Config.QueryEntities {
		if e := &info.Config.QueryEntities[i]; simpleName(e.ValueType) == valueType {
			entity = e
		}
	}
	if entity == nil {
		return "", fail(CodeUnknown, stateGeneral, "Failed to find SQL table for type: %s", valueType)
	}
	name := quoted(schemaOf(info)) + "." + quoted(tableNameOf(info, entity))
	text = strings.TrimSpace(text)
	from := name
	if startsWith(text, "SELECT") {
		text = strings.TrimSpace(text[len("SELECT"):])
		star := strings.IndexByte(text, '*')
		switch {
		case star < 0:
			return "", fail(CodeUnknown, stateGeneral, "Only queries starting with 'SELECT *' and 'SELECT alias.*' are supported "+
				"(rewrite your query or use SqlFieldsQuery instead): SELECT %s", text)
		case star > 0 && text[star-1] != '.':
			return "", fail(CodeUnknown, stateGeneral, "Invalid query (missing alias before asterisk): %s", text)
		case star > 0:
			from = text[:star-1]
		}
		text = strings.TrimSpace(text[star+1:])
	}
	head := "SELECT " + from + "._KEY, " + from + "._VAL "
	if startsWith(text, "FROM") {
		return head + text, nil
	}
	head += "FROM " + from + " "
	if !startsWith(text, "WHERE") && !startsWith(text, "ORDER") && !startsWith(text, "LIMIT") {
		head += "WHERE "
	}
	return head + text, nil
}

func startsWith(text, word string) bool {
	return len(text) >= len(word) && strings.EqualFold(text[:len(word)], word)
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// simpleName is the name of a class without its package.
func simpleName(class string) string { return class[strings.LastIndexAny(class, ".$")+1:] }
