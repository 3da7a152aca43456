/* The processes of a trace as a tree, with equal siblings folded into one. */
#ifndef FORMATS_PROCESS_TREE_H
#define FORMATS_PROCESS_TREE_H

#include "model/finding.h"

/* Siblings that run the same program, had and did the same, and so did all
 * below them. */
struct siblings {
	struct process_node *first;
	struct str name; /* "sh -c python3 leaf.py *": the words in common */
	size_t n;
};

struct process_node {
	const struct image *image; /* the last program of the process */
	enum state state;	   /* of the tree's variable, at its start */
	struct str note; /* what became of the variable; len 0: none */
	struct siblings *children;
	size_t n_children, room;
	size_t kind; /* equal for nodes that may be folded */
};

struct process_tree {
	struct str variable;	  /* len 0: no variable was recorded */
	struct process_node root; /* has no image: its children are the roots */
};

/* About the variable of the first finding; else the first that was read. */
struct process_tree process_tree_build(struct arena *, const struct report *);

#endif
