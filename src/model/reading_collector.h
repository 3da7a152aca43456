/* The collection of variables and readings: steps of build_readings. Images are
 * collected one after the other. */
#ifndef MODEL_READING_COLLECTOR_H
#define MODEL_READING_COLLECTOR_H

#include "model/build.h"

/* Readings are counted before their arrays exist: during the build they are
 * linked, and a variable counts its own. */
struct reading_node {
	struct reading reading;
	struct call_site *call_sites;
	bool closed; /* the image set or removed the variable since */
	struct reading_node *next;
};

struct variable_node {
	struct variable variable;
	/* Of processes that held the variable: by the first program and the
	 * fingerprint, or the empty text for any value. */
	struct hashmap *processes;
	bool was_found;
	size_t room, values_room; /* of its fingerprints and values */
	size_t holders_room;
	struct variable_node *next;

	struct image *image; /* the image being collected; the fields below
				belong to this image */
	bool is_held, is_dropped;
	struct reading_node *missed, *found;
};

struct collector {
	struct build *build;
	struct hashmap *names;		   /* of struct variable_node */
	struct hashmap *fingerprints_seen; /* by variable and fingerprint: the
					      number of the value, from 1 */
	struct reading_node *nodes, **end;
	struct variable_node *variables, **end_variable;
	size_t n_nodes, n_variables;
};

struct variable_node *find_variable(struct collector *c, struct str name);

/* The variable, ready for `image`. Images are collected one after the other. */
struct variable_node *find_variable_for(struct collector *c,
					struct image *image, struct str name);

struct reading_node *add_reading(struct collector *c, struct variable_node *v,
				 struct image *image, enum outcome outcome);

/* A value of the image seen at `t`. Null for what is no value. */
struct value_use *use_of(struct collector *c, struct variable_node *v,
			 const struct image *image, const struct value *value,
			 uint64_t t);

void count_reader(struct value_use *use, const struct image *image);

struct owner_share *share_of(struct collector *c, struct variable *v,
			     unsigned owner);

void add_holder(struct collector *c, struct image *image, struct str name,
		const struct value *value, uint64_t t);

/* A variable set for one call only is counted at the called program. */
void add_swap_holders(struct collector *c, struct image *image,
		      const struct event *e);

void add_birth_holders(struct collector *c, struct image *image,
		       const struct values *list);

/* seen_reads.c: the reading of an event of the image. */
void add_read(struct collector *c, struct image *image, const struct event *);

/* seen_reads.c: the image's event `i` is a loader's look for a name, just
 * before setting the variable: such a read needs no value. */
bool is_read_of_loader(const struct image *image, size_t i);

/* called_missing.c: the message of the error that ended the image calls
 * variables missing, which the image looked for in a copy of the environment.
 */
void add_called_missing(struct collector *c, struct image *image,
			const struct event *raise);

/* senders.c: a request with a value that its image was not seen to read stands
 * for the read. */
void add_senders(struct collector *c);

#endif
