/* The explanation of each finding: docs/findings/, built in. */
#ifndef COMMANDS_PAGES_H
#define COMMANDS_PAGES_H

struct page {
	const char *code;
	const char *text;
};

extern const struct page pages[]; /* generated; ends with a null code */

#endif
