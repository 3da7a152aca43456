<?php
// As reads.c does it, of getenv: for each number that it reads, asks that often,
// and prints nanoseconds for one read of an ordinary and of a watched name.
const STRETCHES = 25;

function per_read($name, $count)
{
	$begun = hrtime(true);
	for ($i = 0; $i < $count; $i++)
		getenv($name);
	return (hrtime(true) - $begun) / $count;
}

function median($name, $count)
{
	for ($i = 0; $i < STRETCHES; $i++)
		$took[] = per_read($name, intdiv($count, STRETCHES) + 1);
	sort($took);
	return $took[intdiv(STRETCHES, 2)];
}

while (($line = fgets(STDIN)) !== false)
	printf("%.2f %.2f\n", median('ORDINARY', (int)$line), median('OPENAI_API_KEY', (int)$line));
