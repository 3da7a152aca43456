/* A hash map of pointers. The key is a pair: an owner (any pointer, or null)
 * and a name. Open addressing; the map lives in the arena and never removes a
 * key. */
#ifndef BASE_HASHMAP_H
#define BASE_HASHMAP_H

#include "base/arena.h"

struct hashmap;

struct hashmap *hashmap_new(struct arena *);

/* The slot of a key. A new key gets an empty slot (null). The slot never moves.
 * The bytes of `name` are not copied and must live as long as the map. */
void **hashmap_slot(struct hashmap *, const void *owner, struct str name);

/* The pointer in the slot of a key; null when the map has no such key. */
void *hashmap_find(const struct hashmap *, const void *owner, struct str name);

#endif
