/*
 * log.h - one line per event on stderr.
 *
 * "level id=... event key=value ...", or with LOG_JSON the same fields as one
 * object a line.  The event is a fixed dotted word.  The id is that of the
 * request or task being worked on; only the request loop, the task runner
 * and the event loop's dispatcher set it.  Never logged: message bodies,
 * tokens, webhook secrets, PostgreSQL's DETAIL.
 *
 *	log_warn("webhook.refused", lf_int("bot_id", id),
 *		 lf_str("reason", "wrong secret"));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum log_level {
	LOG_ERROR, /* a person must act */
	LOG_WARN,  /* we coped */
	LOG_INFO,  /* one line per unit of work, with its outcome */
	LOG_DEBUG, /* off in production */
};

enum log_format { LOG_TEXT, LOG_JSON };

/* One key=value; the key is a fixed word, the value is escaped. */
struct log_field {
	const char *key;
	const char *str; /* NULL: the number counts */
	int64_t num;
};

static inline struct log_field lf_str(const char *key, const char *value)
{
	return (struct log_field){ key, value ? value : "", 0 };
}

static inline struct log_field lf_int(const char *key, int64_t value)
{
	return (struct log_field){ key, NULL, value };
}

/* Process-wide; before log_init() lines are text at level info. */
void log_init(enum log_level level, enum log_format format);

/* "debug", "info", "warn", "error" / "text", "json"; -1: no such word. */
int log_level_read(const char *word);
int log_format_read(const char *word);

#define LOG_ID_MAX 64

/* The request id of what follows; NULL or "" for none.  Copied. */
void log_set_id(const char *id);
const char *log_id(void);

/* Somebody takes the lines instead of stderr: called with each finished line
 * (without line end).  NULL gives them back to stderr. */
void log_set_sink(void (*sink)(enum log_level level, const char *line));

/* Saves errno; never fails; one write() per line, cut at 4 kB. */
void log_write(enum log_level level, const char *event, size_t n_fields,
	       const struct log_field *fields);

/* The leading empty field makes a call without fields possible. */
#define LOG_FIELDS(...) \
	((const struct log_field[]){ { NULL, NULL, 0 }, ##__VA_ARGS__ })
#define LOG_AT(level, event, ...)                                              \
	log_write(level, event,                                                \
		  sizeof(LOG_FIELDS(__VA_ARGS__)) / sizeof(struct log_field) - \
			  1,                                                   \
		  LOG_FIELDS(__VA_ARGS__) + 1)

#define log_error(event, ...) LOG_AT(LOG_ERROR, event, ##__VA_ARGS__)
#define log_warn(event, ...)  LOG_AT(LOG_WARN, event, ##__VA_ARGS__)
#define log_info(event, ...)  LOG_AT(LOG_INFO, event, ##__VA_ARGS__)
#define log_debug(event, ...) LOG_AT(LOG_DEBUG, event, ##__VA_ARGS__)

#endif
