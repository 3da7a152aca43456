/* A table of pointers under a double key, an owner and a text: what an image
 * holds under a name. Lives in the arena, forgets nothing; texts are views
 * that must outlive it. */
#ifndef MODEL_TABLE_H
#define MODEL_TABLE_H

#include <stdint.h>
#include "base/arena.h"

struct table;

struct table *table_new(struct arena *);

/* The slot of a key, made empty (null) at first sight. It stays where it is. */
void **table_slot(struct table *, const void *owner, struct str text);

/* What was put into the slot of a key, or null. */
void *table_find(const struct table *, const void *owner, struct str text);

#endif
