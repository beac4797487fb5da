/*
 * to_buyer.c - what a message to a buyer has in common, whatever the source.
 */
#include "config.h"

#include "daemon/to_buyer.h"

bool to_buyer_compose(struct job *j)
{
	struct err err = { 0 };

	if (!compose_buyer(&j->a, &j->d, j->chan, &j->parts, &j->n_parts,
			   &err)) {
		job_dead(j, err.text);
		return false;
	}
	job_load_copies(j);
	return true;
}

bool to_buyer_has_begun(const struct job *j)
{
	for (size_t i = 0; i < j->n_parts; i++)
		if (j->sent[i])
			return true;
	return false;
}

static bool goes_without(struct job *j, int part, const struct err *err)
{
	if (err->kind != ERR_INPUT && err->kind != ERR_MISSING)
		return false;
	if (!j->parts[part].has_file || !to_buyer_has_begun(j))
		return false;
	j->refused[part] = arena_str(&j->a, err->text);
	return true;
}

static void fail(struct job *j, int part, const struct err *why)
{
	struct err err = *why;

	if (j->parts[part].has_file && err.kind == ERR_INPUT)
		err_set(&err, err.kind, "%s",
			compose_of_file(&j->a, &j->d, j->parts[part].file,
					arena_str(&j->a, err.text)));
	job_failed(j, &err);
}

void to_buyer_refused(struct job *j, int part, const struct err *err)
{
	if (!goes_without(j, part, err))
		fail(j, part, err);
	else if (j->attempt_id)
		job_other_way(j, err->text);
	else
		j->drain(j);
}

void to_buyer_finish(struct job *j)
{
	const char *reason = NULL;

	for (size_t i = 0; i < j->n_parts; i++) {
		const char *words = j->refused[i];

		if (!words)
			continue;
		words = compose_of_file(&j->a, &j->d, j->parts[i].file, words);
		reason = reason ? arena_printf(&j->a, "%s\n%s", reason, words)
				: words;
	}
	if (reason)
		job_dead(j, arena_printf(&j->a, "%s\nОстальное доставлено.",
					 reason));
	else
		job_done(j);
}
