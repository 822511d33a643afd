// A lock and a condition to wait for, with what the system has of them.
#ifndef KINDLING_LOCK_H
#define KINDLING_LOCK_H

#include <stdint.h>

// kindling_sleep_until gives the lock back until its condition is woken, at the latest at
// a time of kindling_now_millis; it may return earlier. seen is what kindling_look gave
// before the caller saw that it has to wait.

#ifdef _WIN32
#include <windows.h>

typedef SRWLOCK kindling_lock;
typedef CONDITION_VARIABLE kindling_condition;

static inline void kindling_lock_init(kindling_lock* lock) { InitializeSRWLock(lock); }
static inline void kindling_lock_destroy(kindling_lock* lock) { (void)lock; }
static inline void kindling_condition_init(kindling_condition* condition) { InitializeConditionVariable(condition); }
static inline void kindling_condition_destroy(kindling_condition* condition) { (void)condition; }
static inline void kindling_lock_take(kindling_lock* lock) { AcquireSRWLockExclusive(lock); }
static inline void kindling_lock_give(kindling_lock* lock) { ReleaseSRWLockExclusive(lock); }
static inline void kindling_wake_all(kindling_condition* condition) { WakeAllConditionVariable(condition); }
static inline int64_t kindling_now_nanos(void) {
  LARGE_INTEGER ticks, second;
  QueryPerformanceCounter(&ticks);
  QueryPerformanceFrequency(&second);
  int64_t whole = ticks.QuadPart / second.QuadPart, part = ticks.QuadPart % second.QuadPart;
  return whole * 1000000000 + part * 1000000000 / second.QuadPart;
}
static inline int64_t kindling_now_millis(void) { return kindling_now_nanos() / 1000000; }
static inline void kindling_sleep_until(kindling_condition* condition, kindling_lock* lock, uint32_t seen,
                                        int64_t millis) {
  (void)seen;
  int64_t left = millis - kindling_now_millis();
  if (left > 0) SleepConditionVariableSRW(condition, lock, (DWORD)left, 0);
}
#else
#include <pthread.h>
#include <time.h>

typedef pthread_mutex_t kindling_lock;

static inline void kindling_lock_init(kindling_lock* lock) { pthread_mutex_init(lock, NULL); }
static inline void kindling_lock_destroy(kindling_lock* lock) { pthread_mutex_destroy(lock); }
static inline void kindling_lock_take(kindling_lock* lock) { pthread_mutex_lock(lock); }
static inline void kindling_lock_give(kindling_lock* lock) { pthread_mutex_unlock(lock); }
static inline int64_t kindling_now_nanos(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
static inline int64_t kindling_now_millis(void) { return kindling_now_nanos() / 1000000; }

#ifdef __linux__
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

// How often it was woken. A number for the kernel to wait at, and not pthread's, because
// Go can wake that without a call, and without the lock.
typedef struct {
  uint32_t woken;
} kindling_condition;

static inline void kindling_condition_init(kindling_condition* condition) { condition->woken = 0; }
static inline void kindling_condition_destroy(kindling_condition* condition) { (void)condition; }
static inline void kindling_wake_all(kindling_condition* condition) {
  __atomic_add_fetch(&condition->woken, 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, &condition->woken, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
static inline uint32_t kindling_look(kindling_condition* condition) {
  return __atomic_load_n(&condition->woken, __ATOMIC_SEQ_CST);
}
static inline void kindling_sleep_until(kindling_condition* condition, kindling_lock* lock, uint32_t seen,
                                        int64_t millis) {
  struct timespec until = {millis / 1000, millis % 1000 * 1000000};
  kindling_lock_give(lock);
  syscall(SYS_futex, &condition->woken, FUTEX_WAIT_BITSET_PRIVATE, seen, &until, NULL, FUTEX_BITSET_MATCH_ANY);
  kindling_lock_take(lock);
}
#else
typedef pthread_cond_t kindling_condition;

static inline void kindling_condition_init(kindling_condition* condition) {
#ifdef __APPLE__
  pthread_cond_init(condition, NULL);
#else
  // The time of day may jump.
  pthread_condattr_t monotonic;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(condition, &monotonic);
  pthread_condattr_destroy(&monotonic);
#endif
}
static inline void kindling_condition_destroy(kindling_condition* condition) { pthread_cond_destroy(condition); }
static inline void kindling_wake_all(kindling_condition* condition) { pthread_cond_broadcast(condition); }
static inline void kindling_sleep_until(kindling_condition* condition, kindling_lock* lock, uint32_t seen,
                                        int64_t millis) {
  (void)seen;
#ifdef __APPLE__
  int64_t left = millis - kindling_now_millis();
  if (left <= 0) return;
  struct timespec wait = {left / 1000, left % 1000 * 1000000};
  pthread_cond_timedwait_relative_np(condition, lock, &wait);
#else
  struct timespec until = {millis / 1000, millis % 1000 * 1000000};
  pthread_cond_timedwait(condition, lock, &until);
#endif
}
#endif
#endif

#ifndef __linux__
static inline uint32_t kindling_look(kindling_condition* condition) {
  (void)condition;  // whoever wakes it holds the lock
  return 0;
}
#endif

#endif
