/* The explanation of each finding, of each reason why a program could not be
 * observed, and of each reason of an inconclusive verdict: docs/findings/,
 * docs/gaps/ and docs/reasons/, built in. */
#ifndef COMMANDS_FINDING_PAGES_H
#define COMMANDS_FINDING_PAGES_H

struct page {
	const char *code; /* of a gap or a reason: its word */
	const char *text;
};

extern const struct page pages[]; /* generated; ends with a null code */

#endif
