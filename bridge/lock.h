// A lock and a condition to wait for, with what the system has of them.
#ifndef KINDLING_LOCK_H
#define KINDLING_LOCK_H

#include <stdint.h>

#ifdef _WIN32
#include <windows.h>

typedef SRWLOCK kindling_lock;
typedef CONDITION_VARIABLE kindling_condition;

static inline void kindling_lock_init(kindling_lock* lock, kindling_condition* condition) {
  InitializeSRWLock(lock);
  InitializeConditionVariable(condition);
}
static inline void kindling_lock_destroy(kindling_lock* lock, kindling_condition* condition) {
  (void)lock;
  (void)condition;
}
static inline void kindling_lock_take(kindling_lock* lock) { AcquireSRWLockExclusive(lock); }
static inline void kindling_lock_give(kindling_lock* lock) { ReleaseSRWLockExclusive(lock); }
static inline void kindling_wake_all(kindling_condition* condition) { WakeAllConditionVariable(condition); }
static inline int64_t kindling_now_millis(void) { return (int64_t)GetTickCount64(); }

// kindling_sleep_until gives the lock back until it is woken, at the latest at a time of
// kindling_now_millis; it may return earlier.
static inline void kindling_sleep_until(kindling_condition* condition, kindling_lock* lock, int64_t millis) {
  int64_t left = millis - kindling_now_millis();
  if (left > 0) SleepConditionVariableSRW(condition, lock, (DWORD)left, 0);
}
#else
#include <pthread.h>
#include <time.h>

typedef pthread_mutex_t kindling_lock;
typedef pthread_cond_t kindling_condition;

static inline void kindling_lock_init(kindling_lock* lock, kindling_condition* condition) {
  pthread_mutex_init(lock, NULL);
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
static inline void kindling_lock_destroy(kindling_lock* lock, kindling_condition* condition) {
  pthread_cond_destroy(condition);
  pthread_mutex_destroy(lock);
}
static inline void kindling_lock_take(kindling_lock* lock) { pthread_mutex_lock(lock); }
static inline void kindling_lock_give(kindling_lock* lock) { pthread_mutex_unlock(lock); }
static inline void kindling_wake_all(kindling_condition* condition) { pthread_cond_broadcast(condition); }
static inline int64_t kindling_now_millis(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// kindling_sleep_until gives the lock back until it is woken, at the latest at a time of
// kindling_now_millis; it may return earlier.
static inline void kindling_sleep_until(kindling_condition* condition, kindling_lock* lock, int64_t millis) {
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
