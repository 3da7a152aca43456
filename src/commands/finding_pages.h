/* The explanation of each finding: docs/findings/, built in. */
#ifndef COMMANDS_FINDING_PAGES_H
#define COMMANDS_FINDING_PAGES_H

struct page {
	const char *code;
	const char *text;
};

extern const struct page pages[]; /* generated; ends with a null code */

#endif
