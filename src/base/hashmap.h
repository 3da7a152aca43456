/* A map from text to anything: open addressing, lives in the arena, forgets
 * nothing. Keys are views and must outlive the map. */
#ifndef BASE_HASHMAP_H
#define BASE_HASHMAP_H

#include "base/arena.h"

struct map;

struct map *map_new(struct arena *);

/* The slot of `key`, made empty (null) at first sight. Valid until the next
 * call of map_slot. */
void **map_slot(struct map *, struct str key);

/* What was put into the slot of `key`; null when there is none. */
void *map_find(const struct map *, struct str key);

#endif
