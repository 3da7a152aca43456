/* The explanation of each finding, and of each reason why a program could not
 * be observed: docs/findings/ and docs/gaps/, built in. */
#ifndef COMMANDS_FINDING_PAGES_H
#define COMMANDS_FINDING_PAGES_H

struct page {
	const char *code; /* of a gap: its word */
	const char *text;
};

extern const struct page pages[]; /* generated; ends with a null code */

#endif
