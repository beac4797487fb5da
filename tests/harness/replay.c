/*
 * replay.c - main() of a fuzz target in `make check`: runs it over a corpus.
 *
 * Without arguments the corpus is tests/fuzz/corpus/<name>, where <name> is
 * the program's own behind "fuzz_".  Otherwise each argument is a file.
 * scripts/fuzz builds the same targets with libFuzzer's main() instead.
 */
#include "config.h"

#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "harness/fuzz.h"

#define FILE_MAX_BYTES (1024 * 1024)

static void run_file(const char *path)
{
	/* Exactly as large as the input, so that valgrind and the sanitizers
	 * see a read behind its end. */
	static uint8_t bytes[FILE_MAX_BYTES];
	FILE *f = fopen(path, "re");
	uint8_t *input;
	size_t len;

	if (!f)
		die("cannot read %s", path);
	len = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	input = mem_new(len);
	memcpy(input, bytes, len);
	LLVMFuzzerTestOneInput(input, len);
	free(input);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	struct arena a = { 0 };
	glob_t found;

	for (int i = 1; i < argc; i++)
		run_file(argv[i]);
	if (argc > 1)
		return EXIT_SUCCESS;
	name = strstr(name ? name : argv[0], "fuzz_");
	if (!name)
		die("the program's name must contain fuzz_");
	if (glob(arena_printf(&a, "%s/fuzz/corpus/%s/*", TESTS_DIR,
			      name + strlen("fuzz_")),
		 0, NULL, &found) != 0)
		die("there is no corpus for %s", name);
	for (size_t i = 0; i < found.gl_pathc; i++)
		run_file(found.gl_pathv[i]);
	printf("%zu inputs\n", found.gl_pathc);
	globfree(&found);
	arena_release(&a);
	return EXIT_SUCCESS;
}
