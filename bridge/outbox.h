// Batches on their way from Go to TensorFlow.
//
// A thread of TensorFlow that calls into Go keeps a part of Go's scheduler until the
// runtime's monitor thread takes it away, which costs more than the batch. So the op
// never does so on its way: goroutines, one for each stream, put batches into the
// outbox of a kernel, and the op takes them out in C. It calls Go to begin a stream, and
// to have one go on that had no more room.
#ifndef KINDLING_OUTBOX_H
#define KINDLING_OUTBOX_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

// A column as TensorFlow gets it.
typedef struct {
  int type;  // TF_DataType
  int rank;
  int64_t shape[2];
  const void* data;        // the values; the bytes of all strings
  size_t bytes;            // of data
  const int64_t* offsets;  // of the strings in data, one more than there are; else NULL
} kindling_column;

// What a step of the op gives: columns and the token after them, or an error.
typedef struct kindling_delivery {
  struct kindling_delivery* next;
  atomic_int uses;  // by the op, and by tensors that lie in the batch's memory
  int64_t batch;    // handle of the batch, 0 for none
  size_t bytes;     // what it counts for in an outbox
  int code;         // TF_Code, 0 for columns
  char* text;       // of an error, from malloc
  int64_t* token;
  size_t token_length;
  int columns;
  kindling_column column[];
} kindling_delivery;

typedef struct kindling_outbox kindling_outbox;
typedef struct kindling_stream kindling_stream;

// kindling_outbox_open makes the outbox of a kernel. NULL: out of memory.
kindling_outbox* kindling_outbox_open(void);

// kindling_outbox_close is told that no step will come any more. The outbox lives on
// until the last stream has left it.
void kindling_outbox_close(kindling_outbox* box);

// How a step identifies what it wants.
typedef struct {
  const char* spec;
  size_t spec_length;
  int64_t part;
  const int64_t* token;
  size_t token_length;
} kindling_step;

// What kindling_outbox_take has found.
enum { KINDLING_TAKEN, KINDLING_NOT_YET, KINDLING_NO_STREAM };

// kindling_outbox_take takes what a stream has put there for a step, and waits for it at
// most so long. KINDLING_NOT_YET: the time is over, the delivery is the stream's one
// without rows. KINDLING_NO_STREAM: none goes on from this token, there is no delivery.
// The caller gives the delivery back with kindling_delivery_unuse. Any thread.
int kindling_outbox_take(kindling_outbox* box, const kindling_step* step, int64_t wait_millis,
                         kindling_delivery** delivery);

// kindling_outbox_enter adds a stream that will go on from a step's token. carrier is what
// Go knows it by; batches of ahead bytes may wait in it, and one that is larger goes there
// when a step asks for it. empty is its columns without rows, which it owns from here on.
// It copies the step. NULL: out of memory, and empty is still the caller's.
kindling_stream* kindling_outbox_enter(kindling_outbox* box, const kindling_step* step, int64_t carrier,
                                       size_t ahead, kindling_delivery* empty);

// kindling_outbox_put adds a delivery to the end of a stream, which owns it from here on.
// 1: another one of that size may follow at once; 0: only after kindlingRoom.
int kindling_outbox_put(kindling_stream* stream, kindling_delivery* delivery);

// kindling_outbox_leave ends a stream with a last delivery, an error, which waits for its
// step; with NULL it goes and takes along what was not taken. The stream must not be used
// afterwards.
void kindling_outbox_leave(kindling_stream* stream, kindling_delivery* last);

// kindling_delivery_new makes a delivery with room for columns and a token, one use and
// all else zero. NULL: out of memory.
kindling_delivery* kindling_delivery_new(int columns, size_t token_length);

// kindling_delivery_unuse takes a use away. With the last one the batch is given back:
// it waits for kindling_returned.
void kindling_delivery_unuse(kindling_delivery* delivery);

// kindling_returned frees deliveries that came back, and gives the handles of their
// batches, so many at most. Go asks as long as streams go on; else it is told.
int kindling_returned(int64_t* batches, int most);

// kindling_carriers counts streams that ask kindling_returned again and again.
void kindling_carriers(int more);

// kindling_waits is how many steps had to be told that there is nothing yet.
int64_t kindling_waits(void);

#endif
