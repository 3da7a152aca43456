/* Names that a script expands in the command of a client that failed:
 * `curl -f -H "Authorization: Bearer $KEY"`. */
#ifndef COMMAND_SITES_CLIENT_EXPANSIONS_H
#define COMMAND_SITES_CLIENT_EXPANSIONS_H

#include "command_sites/written_files.h"

/* Gives `tested` to the birth of each curl or wget that a script started, and
 * that failed for the answer of the host: names of keys that the command
 * expands and the shell lacks. Only where certain. */
void find_client_expansions(struct written_files *, const struct model *);

#endif
