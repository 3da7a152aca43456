/* Prints its own resident memory in KiB, whole and by share. */
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	FILE *rollup;
	char line[200];
	long rss = 0, pss = 0;

	getenv("OPENAI_API_KEY");
	rollup = fopen("/proc/self/smaps_rollup", "r");
	while (rollup && fgets(line, sizeof line, rollup)) {
		sscanf(line, "Rss: %ld", &rss);
		sscanf(line, "Pss: %ld", &pss);
	}
	printf("%ld %ld\n", rss, pss);
	return 0;
}
