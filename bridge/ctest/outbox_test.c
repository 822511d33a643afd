// The outbox without Go and without TensorFlow: threads in place of carriers put as
// bridge/queue.go does, others take as bridge/kernel.c does. outbox_test.go compiles this
// with the sanitizers, and with mistakes in outbox.c that they must find.
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "outbox.h"

#define CHECK(condition)                                                            \
  do {                                                                              \
    if (!(condition)) {                                                             \
      fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition); \
      exit(1);                                                                      \
    }                                                                               \
  } while (0)

#define GET(field) __atomic_load_n(&(field), __ATOMIC_SEQ_CST)
#define SET(field, value) __atomic_store_n(&(field), value, __ATOMIC_SEQ_CST)
#define ADD(field, value) __atomic_add_fetch(&(field), value, __ATOMIC_SEQ_CST)

enum { MOST_CARRIERS = 8, LAST = 11, MINUTE = 60000 };

// --- deliveries ---

static int64_t deliveries;  // that were made and not freed

static kindling_delivery* delivery_of(int64_t token, size_t bytes, int code) {
  kindling_delivery* d = calloc(1, sizeof *d + sizeof token);
  CHECK(d);
  int64_t* memory = (int64_t*)(d + 1);
  *memory = token;
  d->token = memory;
  d->token_length = 1;
  d->bytes = bytes;
  d->uses = 1;
  d->code = code;
  ADD(deliveries, 1);
  return d;
}

// free_returned is recycleReturned of bridge/delivery.go.
static void free_returned(void) {
  kindling_delivery* d = __atomic_exchange_n(&kindling_returned.first, NULL, __ATOMIC_SEQ_CST);
  while (d) {
    kindling_delivery* next = d->next;
    free(d);
    ADD(deliveries, -1);
    d = next;
  }
}

void kindlingReturned(void) { free_returned(); }

static void unwatch(void) {
  ADD(kindling_returned.watchers, -1);
  free_returned();
}

// --- carriers ---

// What a carrier is told by kindlingRoom, and by the kernel's end.
typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t told;
  int room, ended, rooms;
} carrier;

static carrier carriers[MOST_CARRIERS + 1];

static void begin_carriers(void) {
  for (int i = 1; i <= MOST_CARRIERS; i++) {
    pthread_mutex_init(&carriers[i].lock, NULL);
    pthread_cond_init(&carriers[i].told, NULL);
  }
}

static void tell(int64_t number, int room, int ended) {
  CHECK(number >= 1 && number <= MOST_CARRIERS);
  carrier* c = &carriers[number];
  pthread_mutex_lock(&c->lock);
  c->room |= room;
  c->rooms += room;
  c->ended |= ended;
  pthread_cond_signal(&c->told);
  pthread_mutex_unlock(&c->lock);
}

void kindlingRoom(int64_t number) { tell(number, 1, 0); }

static void reset(int64_t number) {
  carrier* c = &carriers[number];
  pthread_mutex_lock(&c->lock);
  c->room = c->ended = c->rooms = 0;
  pthread_mutex_unlock(&c->lock);
}

// wait_room is carrier.wait of bridge/carrier.go: 0 when the kernel has ended.
static int wait_room(int64_t number) {
  carrier* c = &carriers[number];
  unwatch();
  pthread_mutex_lock(&c->lock);
  while (!c->room && !c->ended) pthread_cond_wait(&c->told, &c->lock);
  int go_on = !c->ended;
  c->room = 0;
  pthread_mutex_unlock(&c->lock);
  ADD(kindling_returned.watchers, 1);
  return go_on;
}

static int ended(int64_t number) {
  carrier* c = &carriers[number];
  pthread_mutex_lock(&c->lock);
  int ended = c->ended;
  pthread_mutex_unlock(&c->lock);
  return ended;
}

static int rooms(int64_t number) {
  carrier* c = &carriers[number];
  pthread_mutex_lock(&c->lock);
  int rooms = c->rooms;
  pthread_mutex_unlock(&c->lock);
  return rooms;
}

static int has_room(kindling_queue* queue) {
  uint64_t length = GET(queue->put) - GET(queue->taken);
  if (!length && GET(queue->waiters)) return 1;
  uint64_t bytes = GET(queue->put_bytes) - GET(queue->taken_bytes);
  return bytes + GET(queue->expected) <= queue->limit && length < KINDLING_SLOTS - 1;
}

static void wake(kindling_queue* queue) {
#ifdef __linux__
  kindling_wake_all(&queue->came);  // without the lock
#else
  kindling_outbox_wake(queue);
#endif
}

// put is queue.put of bridge/queue.go.
static int put(kindling_queue* queue, kindling_delivery* d) {
  uint64_t n = GET(queue->put), bytes = d->bytes;
  queue->slots[n % KINDLING_SLOTS] = d;
  SET(queue->expected, bytes);
  ADD(queue->put_bytes, bytes);
  SET(queue->put, n + 1);
  if (GET(queue->waiters)) wake(queue);
  if (has_room(queue)) return 1;
  SET(queue->paused, 1);
  uint32_t paused = 1;
  return has_room(queue) && __atomic_compare_exchange_n(&queue->paused, &paused, 0, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

// --- steps ---

static kindling_step step_of(const int64_t* token, int64_t part) {
  kindling_step step = {.spec = "spec", .spec_length = 4, .part = part, .token = token, .token_length = 1};
  return step;
}

static kindling_queue* enter(kindling_outbox* box, int64_t part, int64_t carrier, size_t limit) {
  int64_t start = 0;
  kindling_step step = step_of(&start, part);
  kindling_queue* queue = kindling_outbox_enter(box, &step, carrier, limit, delivery_of(-1, 0, 0));
  CHECK(queue);
  return queue;
}

// --- a carrier's and a reader's thread ---

typedef struct {
  kindling_outbox* box;
  kindling_queue* queue;
  int64_t part, carrier, batches;
  size_t bytes;     // of the largest batch
  int64_t stop_at;  // batches after which the carrier leaves without a word; 0 for never
  int64_t taken;    // by the reader
} line;

static size_t bytes_of(const line* l, int64_t batch) { return l->bytes ? 1 + (size_t)(batch * 7919) % l->bytes : 0; }

static void* carry(void* argument) {
  line* l = argument;
  ADD(kindling_returned.watchers, 1);
  kindling_delivery* last = NULL;
  int64_t batch = 0;
  for (; batch < l->batches && !ended(l->carrier) && !(l->stop_at && batch == l->stop_at); batch++) {
    int room = put(l->queue, delivery_of(batch + 1, bytes_of(l, batch), 0));
    free_returned();
    if (batch % 97 == 0) kindling_outbox_waited(l->queue);
    if (!room && !wait_room(l->carrier)) break;
  }
  if (batch == l->batches) last = delivery_of(-2, 0, LAST);
  kindling_outbox_leave(l->queue, last);
  unwatch();
  return NULL;
}

// take_all takes what is there for a part from a token on, and gives what ended it.
static int take_all(line* l, int64_t token, int64_t most) {
  for (;;) {
    kindling_step step = step_of(&token, l->part);
    kindling_delivery* d = NULL;
    int found = kindling_outbox_take(l->box, &step, MINUTE, &d);
    if (found != KINDLING_TAKEN) {
      if (d) kindling_delivery_unuse(d);
      return found;
    }
    int code = d->code;
    if (!code) {
      CHECK(d->token[0] == token + 1);
      CHECK(d->bytes == bytes_of(l, token));
      token = d->token[0];
      l->taken++;
    }
    if (token % 3 == 0) {  // as a tensor that lies in the batch's memory
      kindling_delivery_use(d);
      kindling_delivery_unuse(d);
    }
    kindling_delivery_unuse(d);
    if (code || token == most) return code;
    if (token % 1000 == 0) sched_yield();
  }
}

static void* read_line(void* argument) {
  line* l = argument;
  int end = take_all(l, 0, -1);
  CHECK(l->stop_at ? end == KINDLING_NO_STREAM : end == LAST);
  CHECK(l->stop_at || l->taken == l->batches);
  return NULL;
}

static pthread_t start(void* (*run)(void*), void* argument) {
  pthread_t thread;
  CHECK(!pthread_create(&thread, NULL, run, argument));
  return thread;
}

static void all_gone(void) {
  free_returned();
  CHECK(GET(deliveries) == 0);
  CHECK(GET(kindling_returned.watchers) == 0);
}

// --- the tests ---

// A queue fills up to its slots, keeps one for the last delivery, and its carrier is told to
// go on once, when half was taken.
static void full_queue(void) {
  kindling_outbox* box = kindling_outbox_open();
  line l = {.box = box, .part = 1, .carrier = 1, .bytes = 0};
  reset(1);
  kindling_queue* queue = enter(box, 1, 1, 1 << 20);
  int64_t n = 0;
  while (put(queue, delivery_of(++n, 0, 0))) CHECK(n < KINDLING_SLOTS);
  CHECK(n == KINDLING_SLOTS - 1 && GET(queue->paused) == 1);
  CHECK(take_all(&l, 0, KINDLING_SLOTS / 2 - 2) == 0 && rooms(1) == 0);
  CHECK(take_all(&l, KINDLING_SLOTS / 2 - 2, KINDLING_SLOTS - 1) == 0);
  CHECK(rooms(1) == 1 && GET(queue->paused) == 0);
  for (int64_t i = 0; i < KINDLING_SLOTS - 1; i++) put(queue, delivery_of(n + 1 + i, 0, 0));
  kindling_outbox_leave(queue, delivery_of(-2, 0, LAST));  // into the slot that stayed free
  CHECK(take_all(&l, n, -1) == LAST);
  kindling_outbox_close(box);
  all_gone();
}

// The bytes that may wait are bounded, and a larger delivery goes in when a step waits.
static void full_of_bytes(void) {
  kindling_outbox* box = kindling_outbox_open();
  line l = {.box = box, .part = 1, .carrier = 1, .bytes = 0};
  reset(1);
  kindling_queue* queue = enter(box, 1, 1, 1000);
  int64_t n = 0;
  while (put(queue, delivery_of(++n, 300, 0))) CHECK(n < 10);
  CHECK(n == 3);
  for (int64_t token = 0; token < n;) {
    kindling_step step = step_of(&token, 1);
    kindling_delivery* d = NULL;
    CHECK(kindling_outbox_take(box, &step, 0, &d) == KINDLING_TAKEN);
    token = d->token[0];
    kindling_delivery_unuse(d);
  }
  CHECK(rooms(1) == 1);
  // Nothing comes in time: the delivery without rows, and the stream is as it was.
  int64_t waits = kindling_waits();
  for (int i = 0; i < 3; i++) {
    kindling_step step = step_of(&n, 1);
    kindling_delivery* d = NULL;
    CHECK(kindling_outbox_take(box, &step, i, &d) == KINDLING_NOT_YET && d && d->token[0] == -1);
    kindling_delivery_unuse(d);
  }
  CHECK(kindling_waits() == waits + 3);
  kindling_outbox_leave(queue, NULL);
  kindling_step step = step_of(&n, 1);
  kindling_delivery* d = NULL;
  CHECK(kindling_outbox_take(box, &step, 0, &d) == KINDLING_NO_STREAM && !d);
  (void)l;
  kindling_outbox_close(box);
  all_gone();
}

// Some streams of one outbox run at once, through pauses and wake-ups, to their end or to
// where their carriers leave.
static void run_lines(const size_t* bytes, size_t limit, int64_t batches, int64_t stop_at) {
  enum { LINES = 3 };
  kindling_outbox* box = kindling_outbox_open();
  line lines[LINES];
  pthread_t threads[2 * LINES];
  for (int i = 0; i < LINES; i++) {
    lines[i] = (line){.box = box, .part = i, .carrier = i + 1, .batches = batches, .bytes = bytes[i], .stop_at = i ? 0 : stop_at};
    reset(i + 1);
    lines[i].queue = enter(box, i, i + 1, limit);
  }
  for (int i = 0; i < LINES; i++) {
    threads[2 * i] = start(carry, &lines[i]);
    threads[2 * i + 1] = start(read_line, &lines[i]);
  }
  for (int i = 0; i < 2 * LINES; i++) pthread_join(threads[i], NULL);
  kindling_outbox_close(box);
  all_gone();
}

// The kernel ends while its carriers go on: their streams go with what nobody took.
static void close_while_carrying(int64_t most) {
  kindling_outbox* box = kindling_outbox_open();
  line l = {.box = box, .part = 1, .carrier = 1, .batches = 1 << 30, .bytes = 100};
  reset(1);
  l.queue = enter(box, 1, 1, 4000);
  line reader = l;
  pthread_t thread = start(carry, &l);
  CHECK(take_all(&reader, 0, most) == 0);
  kindling_outbox_close(box);
  tell(1, 0, 1);
  pthread_join(thread, NULL);
  all_gone();
}

typedef struct {
  line line;
  int found;
} waiter;

static void* wait_for_one(void* argument) {
  waiter* w = argument;
  w->found = take_all(&w->line, 0, 1);
  return NULL;
}

// Steps wait at one token; the stream leaves, with or without a delivery for one of them.
static void leave_while_waited_for(int with_last) {
  enum { WAITERS = 4 };
  kindling_outbox* box = kindling_outbox_open();
  reset(1);
  kindling_queue* queue = enter(box, 1, 1, 1000);
  kindling_queue* other = enter(box, 2, 2, 1000);  // the one that is unlinked stands behind it
  waiter waiters[WAITERS];
  pthread_t threads[WAITERS];
  for (int i = 0; i < WAITERS; i++) {
    waiters[i] = (waiter){.line = {.box = box, .part = 1, .carrier = 1}};
    threads[i] = start(wait_for_one, &waiters[i]);
  }
  while (GET(queue->waiters) < WAITERS) sched_yield();
  kindling_outbox_leave(queue, with_last ? delivery_of(-2, 0, LAST) : NULL);
  int lasts = 0;
  for (int i = 0; i < WAITERS; i++) {
    pthread_join(threads[i], NULL);
    CHECK(waiters[i].found == LAST || waiters[i].found == KINDLING_NO_STREAM);
    lasts += waiters[i].found == LAST;
  }
  CHECK(lasts == with_last);
  kindling_outbox_close(box);
  kindling_outbox_leave(other, delivery_of(-2, 0, LAST));  // nobody will take it
  all_gone();
}

int main(void) {
  begin_carriers();
  full_queue();
  full_of_bytes();
  run_lines((const size_t[]){0, 0, 0}, 1000, 20000, 0);             // bounded by slots
  run_lines((const size_t[]){10, 500, 4000}, 1000, 5000, 2500);     // by bytes, some over the limit
  run_lines((const size_t[]){4000, 4000, 4000}, 1, 2000, 1000);     // one at a time, for a step that waits
  for (int64_t most = 1; most <= 1000; most *= 10) close_while_carrying(most);
  for (int i = 0; i < 50; i++) leave_while_waited_for(i % 2);
  puts("ok");
  return 0;
}
