// What outbox.c calls of Go, for the test.
#ifndef KINDLING_CTEST_EXPORT_H
#define KINDLING_CTEST_EXPORT_H

#include <stdint.h>

void kindlingRoom(int64_t carrier);
void kindlingReturned(void);

#endif
