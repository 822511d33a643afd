#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "host.h"

#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#include <malloc.h>
#endif

enum { ALIGNMENT = 64 };

char* kindling_getenv(const char* name) {
  const char* value = getenv(name);
  return value ? strdup(value) : NULL;
}

void* kindling_aligned_alloc(size_t bytes) {
#ifdef _WIN32
  return _aligned_malloc(bytes, ALIGNMENT);
#else
  void* memory = NULL;
  return posix_memalign(&memory, ALIGNMENT, bytes) ? NULL : memory;
#endif
}

void kindling_aligned_free(void* memory) {
#ifdef _WIN32
  _aligned_free(memory);
#else
  free(memory);
#endif
}
