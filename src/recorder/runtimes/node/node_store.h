/* The two C++ classes behind process.env, as node's env_properties.cc has
 * them: RealEnvStore holds the process's environment, MapKVStore a worker
 * thread's own copy. Both have the same virtual functions, which wrappers
 * replace (node_process_env.c, node_worker_env.c). */
#ifndef RECORDER_NODE_STORE_H
#define RECORDER_NODE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recorder/runtimes/node/node_worker.h"
#include "recorder/runtimes/sampling.h"
#include "recorder/runtimes/v8/v8.h"
#include "recorder/runtimes/vtable.h"

/* Wide enough for every result that a function returns in rax:rdx. */
typedef unsigned __int128 result;
typedef result store_method(void *store, void *isolate, local key, local value);
typedef void *clone_method(void *ret, void *store, void *isolate);

enum { GET, QUERY, SET, DELETE, ENUMERATE, METHODS };

/* The original functions of each class. */
struct store_methods {
	store_method *method[METHODS];
	clone_method *clone;
	store_method *assign; /* takes a context and an object, not a key */
};
extern struct store_methods node_process_env
	__attribute__((visibility("hidden")));
extern struct store_methods node_worker_env
	__attribute__((visibility("hidden")));

/* Linker names of a class's functions, in the order of struct store_methods,
 * each with a \0 behind it. `clone`: the name of the class that has Clone. */
// clang-format off
#define STORE_SYMBOLS(class, clone)                                            \
	"_ZNK4node" class "3Get" ISOLATE AND_KEY "\0"                          \
	"_ZNK4node" class "5Query" ISOLATE AND_KEY "\0"                        \
	"_ZN4node" class "3Set" ISOLATE AND_KEY "S6_\0"                        \
	"_ZN4node" class "6Delete" ISOLATE AND_KEY "\0"                        \
	"_ZNK4node" class "9Enumerate" ISOLATE "\0"                            \
	"_ZNK4node" clone "5Clone" ISOLATE "\0"
// clang-format on
#define ISOLATE "EPN2v87IsolateE"
#define AND_KEY "NS1_5LocalINS1_6StringEEE"

/* Adds the wrappers of a class, for as many functions as there are symbols.
 * False when this process has no virtual table of that name. */
bool node_store_add(struct vtable *, const char *table_symbol,
		    const char *symbols, struct store_methods *originals,
		    const struct store_methods *wrappers);

static inline local local_of(result r)
{
	return (local)(uintptr_t)r;
}

static inline bool is_there(result query)
{
	return (int32_t)query != -1;
}

/* What an event says was called: `"K" in process.env` learns no value. */
static inline const char *node_fn(int which)
{
	return which == QUERY ? "in process.env" : "process.env";
}

/* False for most repetitions of an access. V8 takes 1 us to find the source
 * position of a call, and 10 to 40 us in optimized code. */
static inline bool node_is_due(int which, const char *name, size_t length,
			       const char *value)
{
	return sampling_is_due(node_worker_own_tag() + (uint64_t)which, name,
			       length, value);
}

/* A variable, as JavaScript passes the two strings. */
struct node_variable {
	struct v8_text name, value;
};
void node_variable_open(void *isolate, local key, local value,
			struct node_variable *ret);
void node_variable_close(struct node_variable *);
bool node_is_watched(const struct node_variable *);

#endif
