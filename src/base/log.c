/*
 * log.c - one line per event on stderr.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

#define LINE_MAX_BYTES 4096

static enum log_level max_level = LOG_INFO;
static enum log_format line_format = LOG_TEXT;
static char current_id[LOG_ID_MAX];
static void (*line_sink)(enum log_level level, const char *line);

static const char *const level_names[] = { "error", "warn", "info", "debug" };

/* A line under construction.  What does not fit is dropped; two bytes stay
 * free for the closing brace and the line end. */
struct line {
	char bytes[LINE_MAX_BYTES];
	size_t len;
};

static void line_char(struct line *l, char c)
{
	if (l->len < sizeof(l->bytes) - 3)
		l->bytes[l->len++] = c;
}

static void line_str(struct line *l, const char *s)
{
	while (*s)
		line_char(l, *s++);
}

/* One escape for both formats: what a JSON string needs. */
static void line_escaped(struct line *l, const char *s)
{
	char hex[8];

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\') {
			line_char(l, '\\');
			line_char(l, (char)c);
		} else if (c == '\n') {
			line_str(l, "\\n");
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(hex, sizeof(hex), "\\u%04x", c);
			line_str(l, hex);
		} else {
			line_char(l, (char)c);
		}
	}
}

static void line_quoted(struct line *l, const char *s)
{
	line_char(l, '"');
	line_escaped(l, s);
	line_char(l, '"');
}

static bool is_plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= 0x20 || c == '"' || c == '\\' || c == '=' || c == 0x7f)
			return false;
	}
	return true;
}

static void text_field(struct line *l, const struct log_field *f)
{
	char num[32];

	line_char(l, ' ');
	line_str(l, f->key);
	line_char(l, '=');
	if (!f->str) {
		snprintf(num, sizeof(num), "%" PRId64, f->num);
		line_str(l, num);
	} else if (is_plain(f->str)) {
		line_str(l, f->str);
	} else {
		line_quoted(l, f->str);
	}
}

static void json_field(struct line *l, const struct log_field *f)
{
	char num[32];

	line_char(l, ',');
	line_quoted(l, f->key);
	line_char(l, ':');
	if (f->str) {
		line_quoted(l, f->str);
	} else {
		snprintf(num, sizeof(num), "%" PRId64, f->num);
		line_str(l, num);
	}
}

static void text_line(struct line *l, enum log_level level, const char *event,
		      size_t n, const struct log_field *fields)
{
	line_str(l, level_names[level]);
	line_str(l, " id=");
	line_str(l, current_id[0] ? current_id : "-");
	line_char(l, ' ');
	line_str(l, event);
	for (size_t i = 0; i < n; i++)
		text_field(l, &fields[i]);
}

static void json_line(struct line *l, enum log_level level, const char *event,
		      size_t n, const struct log_field *fields)
{
	char at[CLOCK_TEXT_MAX];

	clock_write(clock_now_us(), at);
	line_str(l, "{\"at\":\"");
	line_str(l, at);
	line_str(l, "\",\"level\":\"");
	line_str(l, level_names[level]);
	line_str(l, "\",\"id\":");
	line_quoted(l, current_id);
	line_str(l, ",\"event\":");
	line_quoted(l, event);
	for (size_t i = 0; i < n; i++)
		json_field(l, &fields[i]);
	l->bytes[l->len++] = '}';
}

void log_write(enum log_level level, const char *event, size_t n_fields,
	       const struct log_field *fields)
{
	int saved = errno;
	struct line l;

	if (level > max_level)
		return;
	l.len = 0;
	if (line_format == LOG_JSON)
		json_line(&l, level, event, n_fields, fields);
	else
		text_line(&l, level, event, n_fields, fields);
	if (line_sink) {
		l.bytes[l.len] = '\0';
		line_sink(level, l.bytes);
	} else {
		l.bytes[l.len++] = '\n';
		/* Nobody to tell when stderr itself is gone. */
		if (write(STDERR_FILENO, l.bytes, l.len) < 0)
			errno = saved;
	}
	errno = saved;
}

void log_init(enum log_level level, enum log_format format)
{
	max_level = level;
	line_format = format;
}

int log_level_read(const char *word)
{
	for (int i = 0; i < (int)ARRAY_LEN(level_names); i++)
		if (strcmp(word, level_names[i]) == 0)
			return i;
	return -1;
}

int log_format_read(const char *word)
{
	if (strcmp(word, "text") == 0)
		return LOG_TEXT;
	return strcmp(word, "json") == 0 ? LOG_JSON : -1;
}

void log_set_id(const char *id)
{
	snprintf(current_id, sizeof(current_id), "%s", id ? id : "");
}

const char *log_id(void)
{
	return current_id;
}

void log_set_sink(void (*sink)(enum log_level level, const char *line))
{
	line_sink = sink;
}
