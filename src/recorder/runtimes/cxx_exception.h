/* The C++ library aborts: mostly std::terminate, for an exception that nobody
 * caught. The library is asked for the type, as a handler of the program would
 * ask. Nothing is replaced, and nothing is heard of an exception that is
 * caught. */
#ifndef RECORDER_CXX_EXCEPTION_H
#define RECORDER_CXX_EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>

/* `caller` is about to abort. False when the caller is not the C++ library. */
bool cxx_record_abort(const void *caller);

/* The name of a type as in the source: "4Lost" is Lost, "St13runtime_error" is
 * std::runtime_error. The name of a template stays as linked. */
void cxx_type_name(const char *linked, char *to, size_t size);

#endif
