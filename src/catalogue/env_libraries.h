/* Libraries that read the environment on behalf of others; env_libraries.def
 * has the rows. */
#ifndef CATALOGUE_ENV_LIBRARIES_H
#define CATALOGUE_ENV_LIBRARIES_H

#include "base/str.h"

enum reader {
	READER_NONE,
	READER_GETTER,	 /* asks for the name that its caller gave */
	READER_PARSER,	 /* asks for all names it knows */
	READER_SETTINGS, /* copies the environment, and looks in the copy */
	READER_LOADER,	 /* sets the names of an env file that are free */
};

/* `file`: the path of a source file. */
enum reader reader_of(struct str file);

/* The family of a loader; null for any other file. */
const char *loader_family(struct str file);

#endif
