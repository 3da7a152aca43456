#include "shared/key_file.h"

#include "shared/siphash.h"
#include "shared/text.h"

void key_file_write(char text[KEY_FILE_BYTES], const uint8_t key[KEY_BYTES])
{
	str_hex(text, key, KEY_BYTES);
	text[KEY_DIGITS] = '\n';
}

bool key_file_read(uint8_t ret[KEY_BYTES], const char text[KEY_DIGITS])
{
	return str_unhex(ret, KEY_BYTES, text);
}

void key_id_of(char ret[KEY_ID_BYTES], const uint8_t key[KEY_BYTES])
{
	uint8_t name[16];

	siphash128(name, key, "key", 3);
	str_hex(ret, name, KEY_ID_BYTES / 2);
	ret[KEY_ID_BYTES - 1] = '\0';
}
