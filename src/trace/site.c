#include "trace/site.h"

bool site_is_marked(struct str site)
{
	const struct str mark = STR(COMPILED_MARK);

	return site.len > mark.len &&
	       !memcmp(site.at + site.len - mark.len, mark.at, mark.len);
}

struct str site_without_mark(struct str site)
{
	if (site_is_marked(site))
		site.len -= STR(COMPILED_MARK).len;
	return site;
}

struct str site_file(struct str site)
{
	struct str bare = site_without_mark(site);
	size_t len = bare.len;

	while (len && bare.at[len - 1] >= '0' && bare.at[len - 1] <= '9')
		len--;
	if (len > 1 && len < bare.len && bare.at[len - 1] == ':')
		return (struct str){bare.at, len - 1};
	return site;
}

uint64_t site_line(struct str site)
{
	size_t at = site_file(site).len + 1;
	uint64_t line = 0;

	for (; at < site.len && site.at[at] >= '0' && site.at[at] <= '9' &&
	       line < UINT32_MAX;
	     at++)
		line = line * 10 + (uint64_t)(site.at[at] - '0');
	return line;
}

struct str site_module(struct str site)
{
	const char *plus =
		site.len ? (const char *)memrchr(site.at, '+', site.len) : NULL;
	size_t len = plus ? (size_t)(plus - site.at) : site.len;

	if (site.len - len > 3 && !memcmp(plus, "+0x", 3))
		site.len = len;
	return site;
}

bool sites_share_file(struct str a, struct str b)
{
	return str_eq(site_module(site_file(a)), site_module(site_file(b)));
}
