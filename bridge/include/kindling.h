// libkindling: the C ABI of Kindling.
//
// The library reads and writes Apache Ignite caches. It needs no TensorFlow; in
// a process that has loaded TensorFlow it can also register the op KindlingRead
// (kindling_tensorflow_register). Every function may be called from any thread.
//
// A call in three steps, so that waiting never holds the caller's thread longer
// than it wants (Python looks for Ctrl-C in between):
//
//   int64_t call = kindling_begin("caches", "{\"client\": 1}", 5000, NULL);
//   char* answer;
//   while (!kindling_wait(call, 100, &answer)) { if (tired) kindling_cancel(call); }
//   ... answer ...
//   kindling_free(answer);
//
// Requests and answers are JSON in UTF-8. An answer is {"value": ...} or
// {"error": {"class": "ConnectError", "message": "..."}}; the classes and their
// parents are the value of the method "errors". Every answer comes at the latest
// when the call's time is over or it is cancelled. Handles are numbers above 0;
// they are never used twice.
//
// Methods (request members -> value; * needed):
//   version      {}                                              -> "0.1.0"
//   errors       {}                                              -> [{"class", "parents", "code"}]
//   open         {addresses, username, password, tls{certFile, keyFile, keyPassword, caFile,
//                 serverName, skipServerName, insecureSkipVerify}, requestTimeoutMillis} -> {"client"}
//   close        {handle*}                                       -> null; a client, stream or node
//   caches       {client*}                                       -> ["NAME", ...]
//   schema       {client*, cache*, fields, skipUnsupported}      -> {"schema", "text"}
//   size         {client*, cache*}                               -> rows in the cache
//   scan         {client*, spec*, skipUnsupported}               -> {"stream"}, for kindling_export
//   sql          {client*, sql*, args, schema, cache}            -> {"stream"}, for kindling_export
//   load         {client*, cache*, key, keepKey, keyType, valueType, plain, overwrite, firstRow}
//                with the rows as an Arrow stream                -> {"rows", "bytes"}
//   node         {address, dataDir, users, partitions}           -> {"node", "host", "port"}
//   credentials  {id*, username, password, tls}                  -> null; an empty id's are forgotten
//   describe     {spec*, schemaHost, schemaPort, skipUnsupported, count}
//                -> {"spec", "outputs" [{"path", "kind", "list", "length"}], "rows", "omitted"}
//   stats        {of[{spec*, since}]}                            -> the sum of what was read;
//                without of: {"streams", "kernels", "handles", "waits", "metrics"}
#ifndef KINDLING_H
#define KINDLING_H

#include <stdint.h>

#if defined(_WIN32)
#define KINDLING_EXPORT __declspec(dllexport)
#else
#define KINDLING_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct ArrowArrayStream;  // Arrow's C stream interface

// kindling_begin starts a call and returns at once: the call's handle. method
// and request are copied. timeout_millis bounds the call, 0 for no bound of its
// own. rows is moved from (its release becomes NULL) by the method that reads
// rows, and must be NULL for all others.
KINDLING_EXPORT int64_t kindling_begin(const char* method, const char* request, int64_t timeout_millis,
                                       struct ArrowArrayStream* rows);

// kindling_wait waits at most wait_millis for a call. 1: it has ended, *answer
// is its answer, to be freed with kindling_free, and the handle is gone. 0: not
// yet. An unknown handle has an answer too: an error.
KINDLING_EXPORT int32_t kindling_wait(int64_t call, int64_t wait_millis, char** answer);

// kindling_cancel makes a call end soon, with an error of class CancelledError
// unless it was faster. Its answer is still waited for.
KINDLING_EXPORT void kindling_cancel(int64_t call);

// kindling_export moves a stream of rows out: stream is filled, and the handle is
// gone. The stream's get_next waits for rows as long as two request timeouts of
// the client. Its release closes what the server holds. 0: done. 1: no such
// handle, stream->release is NULL.
KINDLING_EXPORT int32_t kindling_export(int64_t handle, struct ArrowArrayStream* stream);

// kindling_tensorflow_register adds the op KindlingRead to the TensorFlow that
// this process has loaded; further calls do nothing. NULL: done. Otherwise a
// text saying why not, to be freed with kindling_free. Once TensorFlow has
// refused the op, each further call says so again.
//
//   KindlingRead(spec: string, part: int64, token: int64) -> (next: int64, some: bool, columns: output_types)
//
// The op is a pure function. token is a position: empty or [3, seed] at the
// start of an epoch, else what next was. some says whether the batch there has
// come. If so, columns are the batch, in the order of "outputs" of the method
// "describe"; else they have no rows, and next is token: ask again. A spec
// without batchRows has its lists as long as the longest of the batch, and
// behind the columns comes, for each that holds lists of any length, their
// lengths, int64 [rows, 1]. The end is OUT_OF_RANGE.
KINDLING_EXPORT char* kindling_tensorflow_register(void);

// kindling_free frees what the library returned. NULL is allowed.
KINDLING_EXPORT void kindling_free(void* memory);

#ifdef __cplusplus
}
#endif

#endif
