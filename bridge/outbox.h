// Batches on their way from Go to TensorFlow.
//
// A thread of TensorFlow that calls into Go keeps a part of Go's scheduler until the
// runtime's monitor thread takes it away, and a goroutine that calls C wakes that monitor;
// either costs more than a small batch. So neither calls the other on the way of a batch:
// goroutines, one for each stream, put batches into memory that both sides know, and the
// op takes them out. The op calls Go to begin a stream, and to have one go on that had no
// more room.
//
// Fields that both sides change are plain numbers here, because Go knows no others: they
// are for __atomic and sync/atomic alone, sequentially consistent on either side.
#ifndef KINDLING_OUTBOX_H
#define KINDLING_OUTBOX_H

#include <stddef.h>
#include <stdint.h>

#include "lock.h"

// A column as TensorFlow gets it. An array has seven dimensions at most, as
// dataset.maxDimensions says; the first one here is the rows.
enum { KINDLING_MAX_RANK = 8 };
typedef struct {
  int type;  // TF_DataType
  int rank;
  int64_t shape[KINDLING_MAX_RANK];
  const void* data;        // the values; the bytes of all strings
  size_t bytes;            // of data
  const int64_t* offsets;  // of the strings in data, one more than there are; else NULL
} kindling_column;

// What a step of the op gives: columns and the token after them, or an error. Its memory
// is Go's to recycle.
typedef struct kindling_delivery {
  struct kindling_delivery* next;  // in kindling_returned
  int64_t handle;                  // what Go knows it by
  int32_t uses;                    // atomic: by the op, and by tensors that lie in the batch's memory
  int32_t code;                    // TF_Code, 0 for columns
  const char* text;                // of an error
  size_t bytes;                    // what it counts for in an outbox
  const int64_t* token;
  size_t token_length;
  int columns;
  kindling_column column[];
} kindling_delivery;

// kindling_delivery_use adds a use to a delivery that the caller has one of.
void kindling_delivery_use(kindling_delivery* delivery);

// kindling_delivery_unuse takes a use away. With the last one it waits in kindling_returned.
void kindling_delivery_unuse(kindling_delivery* delivery);

// Deliveries that were taken and are not used any more. Go looks for them as long as
// streams go on; else it is told.
typedef struct {
  kindling_delivery* first;  // atomic, as the rest
  int64_t watchers;          // streams that look again and again
} kindling_returns;
extern kindling_returns kindling_returned;

// Deliveries that one goroutine has put and steps of the op have not taken. All but limit
// and the slots is atomic. One slot stays free for the last delivery.
enum { KINDLING_SLOTS = 256 };
typedef struct {
  uint64_t put, put_bytes;      // ever, by Go
  uint64_t taken, taken_bytes;  // ever, by C
  uint64_t expected;            // bytes of the next one: as the last one had
  uint64_t limit;               // bytes that may wait here
  uint64_t waited;              // nanoseconds in which a step has waited, but for waits that go on
  uint32_t waiters;             // steps that wait for a delivery
  uint32_t paused;              // its goroutine waits for kindlingRoom
  kindling_condition came;      // what the waiters wait for
  kindling_delivery* slots[KINDLING_SLOTS];
} kindling_queue;

typedef struct kindling_outbox kindling_outbox;

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

// kindling_outbox_enter adds a stream that will go on from a step's token, and gives the
// queue into which its goroutine puts what comes. carrier is what Go knows it by. When
// limit bytes wait there, the next one goes in when a step asks for it. empty is its columns
// without rows, which it owns from here on. It copies the step. NULL: out of memory, and
// empty is still the caller's.
kindling_queue* kindling_outbox_enter(kindling_outbox* box, const kindling_step* step, int64_t carrier,
                                      size_t limit, kindling_delivery* empty);

// kindling_outbox_wake has the steps look again that wait at a queue.
void kindling_outbox_wake(kindling_queue* queue);

// kindling_outbox_leave ends a stream with a last delivery, an error, which waits for its
// step; with NULL it goes and takes along what was not taken. The queue must not be used
// afterwards.
void kindling_outbox_leave(kindling_queue* queue, kindling_delivery* last);

// kindling_outbox_waited counts a wait that goes on up to now, and gives queue->waited.
uint64_t kindling_outbox_waited(kindling_queue* queue);

// kindling_waits is how many steps had to be told that there is nothing yet.
int64_t kindling_waits(void);

#endif
