#include "kindling.h"

#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"
#include "arrow.h"
#include "fork.h"
#include "kernel.h"
#include "stream.h"
#include "tf_api.h"

// In a fork every function answers without a call into Go.
static const char fork_answer[] =
    "{\"error\": {\"class\": \"ForkError\", \"message\": \"kindling: this process was forked after libkindling had been "
    "loaded, and Go does not survive a fork: start the process with the 'spawn' or 'forkserver' method\"}}";

__attribute__((constructor)) static void loaded(void) { kindling_fork_guard(); }

int64_t kindling_begin(const char* method, const char* request, int64_t timeout_millis,
                       struct ArrowArrayStream* rows) {
  if (kindling_forked()) return 0;
  return kindlingBegin((char*)method, (char*)request, timeout_millis, rows);
}

int32_t kindling_wait(int64_t call, int64_t wait_millis, char** answer) {
  if (kindling_forked()) {
    *answer = strdup(fork_answer);
    return 1;
  }
  return kindlingWait(call, wait_millis, answer);
}

void kindling_cancel(int64_t call) {
  if (!kindling_forked()) kindlingCancel(call);
}

int32_t kindling_export(int64_t handle, struct ArrowArrayStream* stream) {
  memset(stream, 0, sizeof *stream);
  int64_t exported = kindling_forked() ? 0 : kindlingExport(handle);
  if (exported) kindling_stream_init(stream, exported);
  return !stream->release;
}

// TensorFlow aborts the process when an op is registered twice.
char* kindling_tensorflow_register(void) {
  if (kindling_forked()) return strdup(kindling_fork_message);
  return kindlingRegisterOnce();
}

void kindling_free(void* memory) { free(memory); }
