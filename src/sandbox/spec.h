/*
 * spec.h - which parameters a call takes, in one line of text.
 *
 * "chat_id:C! text:S! entities:A": name, kind, '!' when required.  Kinds: I
 * whole number, N number, S text, B Boolean, O object, A array, C number or
 * text (a chat), F text or an upload.
 */
#ifndef SANDBOX_SPEC_H
#define SANDBOX_SPEC_H

#include <stdbool.h>

#include "base/json.h"

struct spec_entry {
	const char *name;
	int len; /* of the name */
	char kind;
	bool required;
};

/* The next entry behind *at (a spec to begin with); false at the end. */
bool spec_next(const char **at, struct spec_entry *e);
bool spec_find(const char *spec, const char *name, struct spec_entry *e);
bool spec_kind_fits(char kind, struct json_object *v);
const char *spec_kind_name(char kind);

/* Records unknown members and wrong types of an object as violations. */
void spec_check(const char *spec, struct json_object *o, const char *service,
		const char *method);

#endif
