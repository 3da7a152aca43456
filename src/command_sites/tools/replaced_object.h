/* The line of a script that puts another object in the place of process.env. */
#ifndef COMMAND_SITES_REPLACED_OBJECT_H
#define COMMAND_SITES_REPLACED_OBJECT_H

#include "command_sites/written_files.h"

/* Gives `command_site` to the events that tell of an object which lacks names,
 * and adds none: the only such line of the program's own script. */
void find_replaced_object(struct written_files *, const struct image *);

#endif
