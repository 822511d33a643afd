// What the bridge needs from the C library of the process.
#ifndef KINDLING_HOST_H
#define KINDLING_HOST_H

#include <stddef.h>

// kindling_getenv gives a copy of a variable of the C environment, or NULL. Go's
// own copy is as old as the library's loading, so it misses os.environ[...] = ...
char* kindling_getenv(const char* name);

// kindling_aligned_alloc gives memory whose address is a multiple of 64; NULL
// when there is none. kindling_aligned_free takes it back, with the same size.
void* kindling_aligned_alloc(size_t bytes);
void kindling_aligned_free(void* memory, size_t bytes);

#endif
