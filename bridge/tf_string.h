// Elements of a tf.string tensor (tensorflow/c/tf_tstring.h, TF_TString).
// The layout has been the same since TensorFlow 2.4.
#ifndef KINDLING_TF_STRING_H
#define KINDLING_TF_STRING_H

#include <stddef.h>
#include <stdint.h>

enum { KINDLING_TF_STRING_SIZE = 24 };

typedef union {
  struct { uint8_t size; char data[23]; } small;
  struct { size_t size, capacity; char* data; } large;
  struct { uint32_t size, offset, count; } offset;
  struct { size_t size; const char* data; void* owner; } view;
  uint8_t raw[KINDLING_TF_STRING_SIZE];
} kindling_tf_string;

// kindling_tf_string_get gives the bytes of an element; they live as long as
// the tensor.
const char* kindling_tf_string_get(const kindling_tf_string* element, size_t* length);

// kindling_tf_string_set writes length bytes into an element of a tensor that
// TensorFlow has just allocated. TensorFlow frees it with the tensor. Returns 0
// when memory is exhausted.
int kindling_tf_string_set(kindling_tf_string* element, const char* bytes, size_t length);

#endif
