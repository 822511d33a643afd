#include "outbox.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "fork.h"
#include "lock.h"

struct kindling_stream {
  kindling_outbox* box;
  kindling_stream* next;
  int64_t carrier;  // 0 when its goroutine has left
  size_t ahead;     // bytes that may wait here
  char* spec;
  size_t spec_length;
  int64_t part;
  int64_t* token;  // where the first delivery stands
  size_t token_length, token_room;
  kindling_delivery* empty;
  kindling_delivery* first;
  kindling_delivery** end;
  size_t bytes;     // of all deliveries
  size_t expected;  // of the next one: as the last one was
  int waiters;      // steps that wait for a delivery
  int paused;       // its goroutine waits for kindlingRoom
  int gone;         // from the outbox: freed when nobody waits any more
};

struct kindling_outbox {
  kindling_lock lock;
  kindling_condition came;
  kindling_stream* streams;
  int uses;  // by the kernel and by streams with a goroutine
  int closed;
};

static _Atomic int64_t waits;
static atomic_int carriers;
static _Atomic(kindling_delivery*) returned;

int64_t kindling_waits(void) { return atomic_load(&waits); }

void kindling_carriers(int more) { atomic_fetch_add(&carriers, more); }

kindling_outbox* kindling_outbox_open(void) {
  kindling_outbox* box = calloc(1, sizeof *box);
  if (!box) return NULL;
  kindling_lock_init(&box->lock, &box->came);
  box->uses = 1;
  return box;
}

// free_stream frees a stream that is in no outbox, with what it holds.
static void free_stream(kindling_stream* stream) {
  while (stream->first) {
    kindling_delivery* delivery = stream->first;
    stream->first = delivery->next;
    kindling_delivery_unuse(delivery);
  }
  if (stream->empty) kindling_delivery_unuse(stream->empty);
  free(stream->spec);
  free(stream->token);
  free(stream);
}

// unlink_stream takes a stream out of its outbox, and gives it back when it may be freed;
// the lock is held.
static kindling_stream* unlink_stream(kindling_stream* stream) {
  kindling_stream** link = &stream->box->streams;
  while (*link != stream) link = &(*link)->next;
  *link = stream->next;
  stream->gone = 1;
  return stream->waiters ? NULL : stream;
}

// unuse gives the lock back, and frees the outbox when nobody uses it any more.
static void unuse(kindling_outbox* box) {
  int left = --box->uses;
  kindling_lock_give(&box->lock);
  if (left) return;
  kindling_lock_destroy(&box->lock, &box->came);
  free(box);
}

void kindling_outbox_close(kindling_outbox* box) {
  kindling_stream* ended = NULL;
  kindling_lock_take(&box->lock);
  box->closed = 1;
  for (kindling_stream** link = &box->streams; *link;) {
    kindling_stream* stream = *link;
    if (stream->carrier) {
      link = &stream->next;
      continue;
    }
    *link = stream->next;
    stream->next = ended;
    ended = stream;
  }
  unuse(box);
  while (ended) {
    kindling_stream* stream = ended;
    ended = stream->next;
    free_stream(stream);
  }
}

// find gives the stream whose next delivery is a step's; the lock is held.
static kindling_stream* find(kindling_outbox* box, const kindling_step* step) {
  for (kindling_stream* stream = box->streams; stream; stream = stream->next) {
    if (stream->part == step->part && stream->token_length == step->token_length &&
        stream->spec_length == step->spec_length &&
        !memcmp(stream->token, step->token, step->token_length * sizeof *step->token) &&
        !memcmp(stream->spec, step->spec, step->spec_length))
      return stream;
  }
  return NULL;
}

// has_room says whether a stream may put its next delivery; the lock is held.
static int has_room(const kindling_stream* stream) {
  return stream->bytes + stream->expected <= stream->ahead || (!stream->first && stream->waiters);
}

// resume gives the carrier to be told that its stream has room again, 0 for nobody. It
// waits until half of the room is free, so that few steps have to call Go; the lock is held.
static int64_t resume(kindling_stream* stream) {
  int room = has_room(stream) && (!stream->first || stream->bytes + stream->expected <= stream->ahead / 2);
  if (!stream->paused || !room) return 0;
  stream->paused = 0;
  return stream->carrier;
}

// pop takes the first delivery and moves the stream on to the token after it. After the
// last one the stream goes, and ended is what may be freed; the lock is held.
static kindling_delivery* pop(kindling_stream* stream, kindling_stream** ended) {
  kindling_delivery* delivery = stream->first;
  stream->first = delivery->next;
  if (!stream->first) stream->end = &stream->first;
  stream->bytes -= delivery->bytes;
  if (delivery->code) {
    *ended = unlink_stream(stream);
  } else {
    memcpy(stream->token, delivery->token, delivery->token_length * sizeof *delivery->token);
    stream->token_length = delivery->token_length;
  }
  return delivery;
}

// wait_for gives the lock back until something has come, or a stream that had paused has
// been told to go on. The stream may have gone then, and is freed if nobody else waits.
static void wait_for(kindling_outbox* box, kindling_stream* stream, int64_t until) {
  stream->waiters++;
  int64_t carrier = resume(stream);
  if (carrier) {
    kindling_lock_give(&box->lock);
    kindlingRoom(carrier);
    kindling_lock_take(&box->lock);
  } else {
    kindling_sleep_until(&box->came, &box->lock, until);
  }
  if (!--stream->waiters && stream->gone) free_stream(stream);
}

int kindling_outbox_take(kindling_outbox* box, const kindling_step* step, int64_t wait_millis,
                         kindling_delivery** delivery) {
  int64_t until = kindling_now_millis() + wait_millis;
  kindling_lock_take(&box->lock);
  for (;;) {
    kindling_stream* stream = find(box, step);
    if (!stream) {
      kindling_lock_give(&box->lock);
      return KINDLING_NO_STREAM;
    }
    if (stream->first) {
      kindling_stream* ended = NULL;
      *delivery = pop(stream, &ended);
      int64_t carrier = (*delivery)->code ? 0 : resume(stream);
      kindling_lock_give(&box->lock);
      if (ended) free_stream(ended);
      if (carrier) kindlingRoom(carrier);
      return KINDLING_TAKEN;
    }
    if (kindling_now_millis() >= until) {
      *delivery = stream->empty;
      atomic_fetch_add(&stream->empty->uses, 1);
      kindling_lock_give(&box->lock);
      atomic_fetch_add(&waits, 1);
      return KINDLING_NOT_YET;
    }
    wait_for(box, stream, until);
  }
}

static void* copy_of(const void* from, size_t bytes) {
  void* to = malloc(bytes ? bytes : 1);
  if (to && bytes) memcpy(to, from, bytes);
  return to;
}

kindling_stream* kindling_outbox_enter(kindling_outbox* box, const kindling_step* step, int64_t carrier,
                                       size_t ahead, kindling_delivery* empty) {
  kindling_stream* stream = calloc(1, sizeof *stream);
  if (!stream) return NULL;
  stream->spec = copy_of(step->spec, step->spec_length);
  stream->token = copy_of(step->token, step->token_length * sizeof *step->token);
  if (!stream->spec || !stream->token) {
    free_stream(stream);
    return NULL;
  }
  stream->box = box;
  stream->empty = empty;
  stream->carrier = carrier;
  stream->ahead = ahead;
  stream->spec_length = step->spec_length;
  stream->part = step->part;
  stream->token_length = stream->token_room = step->token_length;
  stream->end = &stream->first;
  kindling_lock_take(&box->lock);
  box->uses++;
  stream->next = box->streams;
  box->streams = stream;
  kindling_lock_give(&box->lock);
  return stream;
}

// add puts a delivery at the end; the lock is held.
static void add(kindling_stream* stream, kindling_delivery* delivery) {
  delivery->next = NULL;
  *stream->end = delivery;
  stream->end = &delivery->next;
  stream->bytes += delivery->bytes;
  kindling_wake_all(&stream->box->came);
}

int kindling_outbox_put(kindling_stream* stream, kindling_delivery* delivery) {
  kindling_lock_take(&stream->box->lock);
  if (delivery->token_length > stream->token_room) {
    int64_t* more = realloc(stream->token, delivery->token_length * sizeof *more);
    if (!more) abort();  // some bytes: nothing could be done without them either
    stream->token = more;
    stream->token_room = delivery->token_length;
  }
  stream->expected = delivery->bytes;
  add(stream, delivery);
  stream->paused = !has_room(stream);
  int room = !stream->paused;
  kindling_lock_give(&stream->box->lock);
  return room;
}

void kindling_outbox_leave(kindling_stream* stream, kindling_delivery* last) {
  kindling_outbox* box = stream->box;
  kindling_stream* ended = NULL;
  kindling_lock_take(&box->lock);
  stream->carrier = 0;
  stream->paused = 0;
  if (last && !box->closed) {
    add(stream, last);
    last = NULL;
  } else {
    ended = unlink_stream(stream);
    kindling_wake_all(&box->came);
  }
  unuse(box);
  if (ended) free_stream(ended);
  if (last) kindling_delivery_unuse(last);
}

kindling_delivery* kindling_delivery_new(int columns, size_t token_length) {
  size_t head = sizeof(kindling_delivery) + (size_t)columns * sizeof(kindling_column);
  kindling_delivery* delivery = calloc(1, head + token_length * sizeof(int64_t));
  if (!delivery) return NULL;
  atomic_init(&delivery->uses, 1);
  delivery->columns = columns;
  delivery->token = (int64_t*)((char*)delivery + head);
  delivery->token_length = token_length;
  return delivery;
}

// give_back lets a delivery wait for kindling_returned; 1: it is the only one there.
static int give_back(kindling_delivery* delivery) {
  kindling_delivery* first = atomic_load(&returned);
  do delivery->next = first;
  while (!atomic_compare_exchange_weak(&returned, &first, delivery));
  return !first;
}

void kindling_delivery_unuse(kindling_delivery* delivery) {
  if (atomic_fetch_sub(&delivery->uses, 1) > 1) return;
  // Whoever ends the last stream looks once more after it has said so.
  if (give_back(delivery) && !atomic_load(&carriers) && !kindling_forked()) kindlingReturned();
}

int kindling_returned(int64_t* batches, int most) {
  int count = 0;
  kindling_delivery* all = atomic_exchange(&returned, NULL);
  while (all && count < most) {
    kindling_delivery* delivery = all;
    all = delivery->next;
    if (delivery->batch) batches[count++] = delivery->batch;
    free(delivery->text);
    free(delivery);
  }
  while (all) {  // too many for once: they come back
    kindling_delivery* delivery = all;
    all = delivery->next;
    give_back(delivery);
  }
  return count;
}
