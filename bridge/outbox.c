#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "fork.h"

struct kindling_outbox {
  kindling_lock lock;
  struct stream* streams;
  int uses;  // by the kernel and by streams with a goroutine
  int closed;
};

typedef struct stream {
  kindling_queue queue;  // first: it is what Go knows a stream by
  kindling_outbox* box;
  struct stream* next;
  int64_t carrier;  // 0 when its goroutine has left
  char* spec;
  size_t spec_length;
  int64_t part;
  int64_t* token;  // where the first delivery stands
  size_t token_length, token_room;
  kindling_delivery* empty;
  int64_t counted;  // nanoseconds on the clock up to which the waiters are in queue.waited
  int gone;  // from the outbox: freed when nobody waits any more
} stream;

#define GET(field) __atomic_load_n(&(field), __ATOMIC_SEQ_CST)
#define SET(field, value) __atomic_store_n(&(field), value, __ATOMIC_SEQ_CST)
#define ADD(field, value) __atomic_add_fetch(&(field), value, __ATOMIC_SEQ_CST)

kindling_returns kindling_returned;
static int64_t waits;

int64_t kindling_waits(void) { return GET(waits); }

void kindling_delivery_use(kindling_delivery* delivery) { ADD(delivery->uses, 1); }

void kindling_delivery_unuse(kindling_delivery* delivery) {
  if (ADD(delivery->uses, -1)) return;
  kindling_delivery* first = GET(kindling_returned.first);
  do delivery->next = first;
  while (!__atomic_compare_exchange_n(&kindling_returned.first, &first, delivery, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST));
  // Whoever stops to watch looks once more after it has said so.
  if (!first && !GET(kindling_returned.watchers) && !kindling_forked()) kindlingReturned();
}

kindling_outbox* kindling_outbox_open(void) {
  kindling_outbox* box = calloc(1, sizeof *box);
  if (!box) return NULL;
  kindling_lock_init(&box->lock);
  box->uses = 1;
  return box;
}

static uint64_t length(kindling_queue* queue) { return GET(queue->put) - GET(queue->taken); }

// add puts a delivery at the end, in place of a goroutine that has left.
static void add(kindling_queue* queue, kindling_delivery* delivery) {
  uint64_t put = GET(queue->put);
  queue->slots[put % KINDLING_SLOTS] = delivery;
  ADD(queue->put_bytes, delivery->bytes);
  SET(queue->put, put + 1);
}

// take takes the first delivery; only one thread may do so at a time.
static kindling_delivery* take(kindling_queue* queue) {
  uint64_t taken = GET(queue->taken);
  kindling_delivery* delivery = queue->slots[taken % KINDLING_SLOTS];
  ADD(queue->taken_bytes, delivery->bytes);
  SET(queue->taken, taken + 1);
  return delivery;
}

// free_stream frees a stream that is in no outbox, with what it holds.
static void free_stream(stream* s) {
  while (length(&s->queue)) kindling_delivery_unuse(take(&s->queue));
  if (s->empty) kindling_delivery_unuse(s->empty);
  kindling_condition_destroy(&s->queue.came);
  free(s->spec);
  free(s->token);
  free(s);
}

// unlink_stream takes a stream out of its outbox, and gives it back when it may be freed;
// the lock is held.
static stream* unlink_stream(stream* s) {
  stream** link = &s->box->streams;
  while (*link != s) link = &(*link)->next;
  *link = s->next;
  s->gone = 1;
  return GET(s->queue.waiters) ? NULL : s;
}

// unuse gives the lock back, and frees the outbox when nobody uses it any more.
static void unuse(kindling_outbox* box) {
  int left = --box->uses;
  kindling_lock_give(&box->lock);
  if (left) return;
  kindling_lock_destroy(&box->lock);
  free(box);
}

void kindling_outbox_close(kindling_outbox* box) {
  stream* ended = NULL;
  kindling_lock_take(&box->lock);
  box->closed = 1;
  for (stream** link = &box->streams; *link;) {
    stream* s = *link;
    if (s->carrier) {
      link = &s->next;
      continue;
    }
    *link = s->next;
    s->next = ended;
    ended = s;
  }
  unuse(box);
  while (ended) {
    stream* s = ended;
    ended = s->next;
    free_stream(s);
  }
}

// find gives the stream whose next delivery is a step's; the lock is held.
static stream* find(kindling_outbox* box, const kindling_step* step) {
  for (stream* s = box->streams; s; s = s->next) {
    if (s->part == step->part && s->token_length == step->token_length && s->spec_length == step->spec_length &&
        !memcmp(s->token, step->token, step->token_length * sizeof *step->token) &&
        !memcmp(s->spec, step->spec, step->spec_length))
      return s;
  }
  return NULL;
}

// is_roomy says whether a queue has so much room that its goroutine may go on: half of it,
// so that few steps have to call Go.
static int is_roomy(kindling_queue* queue) {
  uint64_t expected = GET(queue->expected);
  if (!length(queue)) return expected <= queue->limit || GET(queue->waiters);
  uint64_t waiting = GET(queue->put_bytes) - GET(queue->taken_bytes);
  return waiting + expected <= queue->limit / 2 && length(queue) <= KINDLING_SLOTS / 2;
}

// resume gives the carrier to be told that its stream has room again, 0 for nobody; the
// lock is held.
static int64_t resume(stream* s) {
  kindling_queue* queue = &s->queue;
  uint32_t paused = 1;
  if (!GET(queue->paused) || !is_roomy(queue)) return 0;
  int changed = __atomic_compare_exchange_n(&queue->paused, &paused, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return changed ? s->carrier : 0;
}

// move_on moves a stream to a token; the lock is held.
static void move_on(stream* s, const int64_t* token, size_t length) {
  if (length > s->token_room) {
    int64_t* more = realloc(s->token, length * sizeof *more);
    if (!more) abort();  // some bytes: nothing could be done without them either
    s->token = more;
    s->token_room = length;
  }
  memcpy(s->token, token, length * sizeof *token);
  s->token_length = length;
}

// pop takes the first delivery and moves the stream on to the token after it. After the
// last one the stream goes, and ended is what may be freed; the lock is held.
static kindling_delivery* pop(stream* s, stream** ended) {
  kindling_delivery* delivery = take(&s->queue);
  if (delivery->code) {
    *ended = unlink_stream(s);
  } else {
    move_on(s, delivery->token, delivery->token_length);
  }
  return delivery;
}

// count_wait counts the wait of those who wait up to now; the lock is held.
static void count_wait(stream* s) {
  int64_t now = kindling_now_nanos();
  if (GET(s->queue.waiters)) ADD(s->queue.waited, (uint64_t)(now - s->counted));
  s->counted = now;
}

// wait_for gives the lock back until something has come, or a stream that had paused has
// been told to go on. The stream may have gone then, and is freed if nobody else waits.
static void wait_for(stream* s, int64_t until) {
  kindling_lock* lock = &s->box->lock;
  count_wait(s);
  ADD(s->queue.waiters, 1);
  uint32_t seen = kindling_look(&s->queue.came);
  int64_t carrier = resume(s);
  if (carrier) {
    kindling_lock_give(lock);
    kindlingRoom(carrier);
    kindling_lock_take(lock);
  } else if (!length(&s->queue)) {
    kindling_sleep_until(&s->queue.came, lock, seen, until);
  }
  count_wait(s);
  if (!ADD(s->queue.waiters, -1) && s->gone) free_stream(s);
}

int kindling_outbox_take(kindling_outbox* box, const kindling_step* step, int64_t wait_millis,
                         kindling_delivery** delivery) {
  int64_t until = kindling_now_millis() + wait_millis;
  kindling_lock_take(&box->lock);
  for (;;) {
    stream* s = find(box, step);
    if (!s) {
      kindling_lock_give(&box->lock);
      return KINDLING_NO_STREAM;
    }
    if (length(&s->queue)) {
      stream* ended = NULL;
      *delivery = pop(s, &ended);
      int64_t carrier = (*delivery)->code ? 0 : resume(s);
      kindling_lock_give(&box->lock);
      if (ended) free_stream(ended);
      if (carrier) kindlingRoom(carrier);
      return KINDLING_TAKEN;
    }
    if (kindling_now_millis() >= until) {
      *delivery = s->empty;
      kindling_delivery_use(s->empty);
      kindling_lock_give(&box->lock);
      ADD(waits, 1);
      return KINDLING_NOT_YET;
    }
    wait_for(s, until);
  }
}

static void* copy_of(const void* from, size_t bytes) {
  void* to = malloc(bytes ? bytes : 1);
  if (to && bytes) memcpy(to, from, bytes);
  return to;
}

kindling_queue* kindling_outbox_enter(kindling_outbox* box, const kindling_step* step, int64_t carrier,
                                      size_t limit, kindling_delivery* empty) {
  stream* s = calloc(1, sizeof *s);
  if (!s) return NULL;
  kindling_condition_init(&s->queue.came);
  s->spec = copy_of(step->spec, step->spec_length);
  s->token = copy_of(step->token, step->token_length * sizeof *step->token);
  if (!s->spec || !s->token) {
    free_stream(s);
    return NULL;
  }
  s->spec_length = step->spec_length;
  s->part = step->part;
  s->token_length = s->token_room = step->token_length;
  s->box = box;
  s->empty = empty;
  s->carrier = carrier;
  s->queue.limit = limit;
  kindling_lock_take(&box->lock);
  box->uses++;
  s->next = box->streams;
  box->streams = s;
  kindling_lock_give(&box->lock);
  return &s->queue;
}

void kindling_outbox_wake(kindling_queue* queue) {
  stream* s = (stream*)queue;
  kindling_lock_take(&s->box->lock);
  kindling_wake_all(&queue->came);
  kindling_lock_give(&s->box->lock);
}

uint64_t kindling_outbox_waited(kindling_queue* queue) {
  stream* s = (stream*)queue;
  kindling_lock_take(&s->box->lock);
  count_wait(s);
  kindling_lock_give(&s->box->lock);
  return GET(queue->waited);
}

void kindling_outbox_leave(kindling_queue* queue, kindling_delivery* last) {
  stream* s = (stream*)queue;
  kindling_outbox* box = s->box;
  stream* ended = NULL;
  kindling_lock_take(&box->lock);
  s->carrier = 0;
  SET(queue->paused, 0);
  if (last && !box->closed) {
    add(queue, last);
    last = NULL;
  } else {
    ended = unlink_stream(s);
  }
  kindling_wake_all(&queue->came);
  unuse(box);
  if (ended) free_stream(ended);
  if (last) kindling_delivery_unuse(last);
}
