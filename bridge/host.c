#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "host.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <malloc.h>
#else
#include <sys/mman.h>
#endif

enum { ALIGNMENT = 64 };

char* kindling_getenv(const char* name) {
  const char* value = getenv(name);
  return value ? strdup(value) : NULL;
}

#ifdef _WIN32
void* kindling_aligned_alloc(size_t bytes) { return _aligned_malloc(bytes, ALIGNMENT); }

void kindling_aligned_free(void* memory, size_t bytes) { _aligned_free(memory); }
#else
// Memory from so many bytes on is mapped by itself. The C library keeps what it has freed
// of large blocks of many sizes: 260 MiB after some passes over rows of 1 MiB.
enum { MAPPED_BYTES = 1 << 20, HUGE_PAGE = 2 << 20 };

void* kindling_aligned_alloc(size_t bytes) {
  void* memory = NULL;
  if (bytes < MAPPED_BYTES) return posix_memalign(&memory, ALIGNMENT, bytes) ? NULL : memory;
  memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
  if (bytes >= HUGE_PAGE) madvise(memory, bytes, MADV_HUGEPAGE);  // only advice
#endif
  return memory;
}

void kindling_aligned_free(void* memory, size_t bytes) {
  if (bytes < MAPPED_BYTES) {
    free(memory);
  } else {
    munmap(memory, bytes);
  }
}
#endif
