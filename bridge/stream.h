// The outside of an exported stream of rows: Arrow's C stream interface, with
// the rows themselves kept in Go under a handle.
#ifndef KINDLING_STREAM_H
#define KINDLING_STREAM_H

#include <stdint.h>

#include "arrow.h"

// kindling_stream_init fills a stream whose rows Go keeps under handle.
void kindling_stream_init(struct ArrowArrayStream* stream, int64_t handle);

// kindling_schema_node fills a schema with copies of its texts and room for its
// children, which the caller fills. 0: out of memory.
int kindling_schema_node(struct ArrowSchema* schema, const char* format, const char* name, int64_t flags,
                         int64_t children);

// kindling_array_node fills an array with room for its buffers and children,
// which the caller fills. batch is the handle of the batch that owns the
// buffers, released with the array; owned is freed with it too. 0: out of memory.
int kindling_array_node(struct ArrowArray* array, int64_t length, int64_t nulls, int64_t buffers, int64_t children,
                        int64_t batch, void* owned);

#endif
