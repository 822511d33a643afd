#include "tf_string.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(kindling_tf_string) == KINDLING_TF_STRING_SIZE, "TF_TString is 24 bytes");

// The two low bits of the first byte say how the bytes are held.
enum { SMALL = 0, LARGE = 1, OFFSET = 2 };
enum { SMALL_MAX = 22 };

const char* kindling_tf_string_get(const kindling_tf_string* element, size_t* length) {
  switch (element->raw[0] & 3) {
    case SMALL:
      *length = element->small.size >> 2;
      return element->small.data;
    case LARGE:
      *length = element->large.size >> 2;
      return element->large.data;
    case OFFSET:
      *length = element->offset.size >> 2;
      return (const char*)element + element->offset.offset;
    default:
      *length = element->view.size >> 2;
      return element->view.data;
  }
}

int kindling_tf_string_set(kindling_tf_string* element, const char* bytes, size_t length) {
  if (length <= SMALL_MAX) {
    element->small.size = (uint8_t)(length << 2 | SMALL);
    if (length) memcpy(element->small.data, bytes, length);
    element->small.data[length] = 0;
    return 1;
  }
  size_t room = (length + 1 + 15) & ~(size_t)15;
  char* copy = malloc(room);
  if (!copy) return 0;
  memcpy(copy, bytes, length);
  copy[length] = 0;
  element->large.size = length << 2 | LARGE;
  element->large.capacity = room - 1;
  element->large.data = copy;
  return 1;
}
