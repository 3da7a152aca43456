#include "trace/other_form.h"

const char *other_form_of(struct str first_bytes)
{
	static const struct {
		struct str magic;
		const char *words;
	} forms[] = {
		{STR("\x1f\x8b"), "it is compressed (gzip -dc)"},
		{STR("BZh"), "it is compressed (bzip2 -dc)"},
		{STR("\xfd"
		     "7zXZ"),
		 "it is compressed (xz -dc)"},
		{STR("\x28\xb5\x2f\xfd"), "it is compressed (zstd -dc)"},
		{STR("PK\x03\x04"), "it is an archive (unzip)"},
		{STR("\xff\xfe"), "it is in UTF-16 (iconv -f UTF-16)"},
		{STR("\xfe\xff"), "it is in UTF-16 (iconv -f UTF-16)"},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (first_bytes.len >= forms[i].magic.len &&
		    !memcmp(first_bytes.at, forms[i].magic.at,
			    forms[i].magic.len))
			return forms[i].words;
	return NULL;
}
