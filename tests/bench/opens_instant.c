/* In the place of libc for opens.c. */
int open(const char *path, int flags, ...)
{
	return path && flags >= 0 ? 3 : -1;
}

int stat(const char *path, void *to)
{
	return path && to ? 0 : -1;
}
