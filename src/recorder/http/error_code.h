/* The provider's word for an error, in the beginning of a JSON body. Only words
 * of a fixed list are known: no other text of a body is kept. */
#ifndef RECORDER_HTTP_ERROR_CODE_H
#define RECORDER_HTTP_ERROR_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ERROR_CODE_BYTES = 4096, ERROR_CODE_WORD = 40 };

struct error_code_search {
	uint16_t left; /* bytes to search */
	uint8_t length;
	bool is_open; /* inside a string that may still be a word */
	uint8_t best; /* index + 1 */
	char word[ERROR_CODE_WORD];
};

void error_code_begin(struct error_code_search *);

/* Searches on. True when a better word was found. */
bool error_code_read(struct error_code_search *, const char *bytes, size_t n);

/* NULL: none yet. */
const char *error_code_found(const struct error_code_search *);

/* Is this text one of the words? Returns the word of the list, or NULL. */
const char *error_code_of(const char *text, size_t n);

#endif
