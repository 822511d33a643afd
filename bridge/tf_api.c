#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tf_api.h"

#include <stdio.h>
#include <string.h>

#ifdef _WIN32
#include <windows.h>
// psapi.h needs windows.h first.
#include <psapi.h>
#else
#include <dlfcn.h>
#endif
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

struct kindling_tf_api kindling_tf;

static char missing[256];

static void* lookup(void* library, const char* name) {
#ifdef _WIN32
  return (void*)GetProcAddress((HMODULE)library, name);
#else
  return dlsym(library, name);
#endif
}

// fill sets every function from one library; 0 when a symbol is not there.
static int fill(void* library) {
#define X(result, name, args)                                                                  \
  do {                                                                                         \
    void* symbol = lookup(library, "TF_" #name);                                               \
    if (!symbol) {                                                                             \
      snprintf(missing, sizeof missing, "the loaded TensorFlow has no TF_" #name);             \
      return 0;                                                                                \
    }                                                                                          \
    memcpy(&kindling_tf.name, &symbol, sizeof symbol);                                         \
  } while (0);
  KINDLING_TF_SYMBOLS(X)
#undef X
  return 1;
}

#if defined(_WIN32)
// TensorFlow's wheel exports the C API from _pywrap_tensorflow_common.dll; its
// name has changed before, so every module of the process is asked.
static int find(void) {
  HMODULE modules[1024];
  DWORD bytes = 0;
  if (!EnumProcessModules(GetCurrentProcess(), modules, sizeof modules, &bytes)) return 0;
  for (unsigned i = 0; i < bytes / sizeof(HMODULE) && i < 1024; i++)
    if (GetProcAddress(modules[i], "TF_NewKernelBuilder") && fill(modules[i])) return 1;
  return 0;
}
#elif defined(__APPLE__)
static int find(void) {
  for (uint32_t i = 0; i < _dyld_image_count(); i++) {
    const char* name = _dyld_get_image_name(i);
    if (!name || !strstr(name, "libtensorflow_framework")) continue;
    void* library = dlopen(name, RTLD_NOW | RTLD_NOLOAD);
    if (library && fill(library)) return 1;
  }
  return dlsym(RTLD_DEFAULT, "TF_NewKernelBuilder") && fill(RTLD_DEFAULT);
}
#else
// Newer wheels load the framework globally (RTLD_DEFAULT finds it), older ones
// (2.16, 2.18) locally: there the already loaded library is asked by name.
static int find(void) {
  if (dlsym(RTLD_DEFAULT, "TF_NewKernelBuilder") && fill(RTLD_DEFAULT)) return 1;
  void* library = dlopen("libtensorflow_framework.so.2", RTLD_NOW | RTLD_NOLOAD);
  return library && fill(library);
}
#endif

const char* kindling_tf_resolve(void) {
  missing[0] = 0;
  if (find()) return NULL;
  if (!missing[0])
    snprintf(missing, sizeof missing, "TensorFlow is not loaded in this process: import tensorflow first");
  return missing;
}
