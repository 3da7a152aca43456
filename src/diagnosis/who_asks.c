#include "diagnosis/evaluation.h"

bool is_library_site(struct str site)
{
	static const char *const folders[] = {
		"/node_modules/", "/site-packages/", "/dist-packages/",
		"/gems/",	  "/usr/lib/",	     "/vendor/"};

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (site.len &&
		    memmem(site.at, site.len, folders[i], strlen(folders[i])))
			return true;
	return false;
}
