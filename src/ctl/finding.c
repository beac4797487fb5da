/*
 * finding.c - what the doctor finds: one line each, with the cure.
 */
#include "config.h"

#include <stdarg.h>
#include <stdio.h>

#include "ctl/finding.h"

#define TEXT_MAX_BYTES 1024

static const char *const level_names[] = {
	[FIND_OK] = "ok",
	[FIND_WARN] = "warn",
	[FIND_FAIL] = "fail",
};

void findings_init(struct findings *f, struct arena *a)
{
	*f = (struct findings){ .a = a, .list = json_new(a) };
	json_put(f->list, "findings", json_object_new_array());
}

void find(struct findings *f, enum finding_level level, const char *name,
	  const char *cure, const char *fmt, ...)
{
	struct json_object *one = json_object_new_object();
	char text[TEXT_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_put_str(one, "status", level_names[level]);
	json_put_str(one, "name", name);
	json_put_str(one, "text", text);
	json_put_str(one, "cure", cure ? cure : "");
	json_object_array_add(json_array_at(f->list, "findings"), one);
	if (level > f->worst)
		f->worst = level;
}

void findings_print(const struct findings *f, bool as_json)
{
	struct json_object *list = json_array_at(f->list, "findings");

	json_put_str(f->list, "status", level_names[f->worst]);
	if (as_json) {
		puts(json_text(f->list));
		return;
	}
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *cure = json_str(one, "cure", "");

		printf("%-4s %s: %s%s%s\n", json_str(one, "status", ""),
		       json_str(one, "name", ""), json_str(one, "text", ""),
		       *cure ? "; cure: " : "", cure);
	}
}
