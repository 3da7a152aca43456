/* DIR.key, beside the trace directory DIR: the key of the fingerprints, as 32
 * hex digits and a newline. */
#ifndef SHARED_KEY_FILE_H
#define SHARED_KEY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#define KEY_FILE_SUFFIX ".key"

enum { KEY_BYTES = 16, KEY_DIGITS = 32, KEY_FILE_BYTES = KEY_DIGITS + 1 };
enum { KEY_ID_BYTES = 9 };

void key_file_write(char text[KEY_FILE_BYTES], const uint8_t key[KEY_BYTES]);

/* Reads the digits at the beginning of a key file. False when `text` is no key;
 * then *ret is undefined. Anything may follow the digits. */
bool key_file_read(uint8_t ret[KEY_BYTES], const char text[KEY_DIGITS]);

/* The name of the key in a trace: 8 hex digits, which tell nothing of the key.
 */
void key_id_of(char ret[KEY_ID_BYTES], const uint8_t key[KEY_BYTES]);

#endif
