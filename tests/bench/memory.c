/* Prints its own resident memory in KiB: whole, by share, and its alone. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	FILE *rollup;
	char line[200];
	long n, rss = 0, pss = 0, alone = 0;

	getenv("OPENAI_API_KEY");
	rollup = fopen("/proc/self/smaps_rollup", "r");
	while (rollup && fgets(line, sizeof line, rollup)) {
		sscanf(line, "Rss: %ld", &rss);
		sscanf(line, "Pss: %ld", &pss);
		if (sscanf(line, "Private_Clean: %ld", &n) == 1 ||
		    sscanf(line, "Private_Dirty: %ld", &n) == 1)
			alone += n;
	}
	printf("%ld %ld %ld\n", rss, pss, alone);
	return rss == 0;
}
