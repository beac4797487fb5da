/*
 * fuzz_file_name.c - any text as a file's name: what is left can be shown,
 * stored and put into a header.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "core/file_name.h"
#include "harness/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	static struct arena a;
	const char *name = text_clean(&a, (const char *)bytes, len);
	const char *clean = file_name_clean(&a, name), *header;

	FUZZ_CHECK(strlen(clean) <= FILE_NAME_MAX);
	FUZZ_CHECK(text_is_utf8(clean, strlen(clean)));
	FUZZ_CHECK(!strpbrk(clean, "/\\\"\r\n"));
	FUZZ_CHECK(clean[0] != '.' && clean[0] != ' ');
	FUZZ_CHECK(strcmp(file_name_clean(&a, clean), clean) == 0);
	header = file_name_disposition(&a, name, len % 2);
	FUZZ_CHECK(strlen(header) < 1000);
	for (const char *s = header; *s; s++)
		FUZZ_CHECK(*s >= ' ' && *s < 0x7f);
	arena_reset(&a);
	return 0;
}
