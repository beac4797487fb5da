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
#include "base/text.h"

#define LINE_MAX_BYTES 4096

/* Around a field's key: separators, quotes and the longest number. */
#define FIELD_BYTES 32

static enum log_level max_level = LOG_INFO;
static enum log_format line_format = LOG_TEXT;
static char current_id[LOG_ID_MAX];
static void (*line_sink)(enum log_level level, const char *line);

static const char *const level_names[] = { "error", "warn", "info", "debug" };

/* A line under construction.  What does not fit is dropped: a value is cut at
 * a whole character and closed, and no field follows it.  Two bytes stay free
 * for the closing brace and the line end. */
struct line {
	char bytes[LINE_MAX_BYTES];
	size_t len;
	bool full;
};

static size_t line_room(const struct line *l)
{
	return sizeof(l->bytes) - 3 - l->len;
}

static void line_add(struct line *l, const char *s, size_t len)
{
	if (len > line_room(l)) {
		l->full = true;
		return;
	}
	memcpy(l->bytes + l->len, s, len);
	l->len += len;
}

static void line_char(struct line *l, char c)
{
	line_add(l, &c, 1);
}

static void line_str(struct line *l, const char *s)
{
	line_add(l, s, strlen(s));
}

/* Bytes of the character at s; 0 when it is not UTF-8. */
static size_t char_len(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return strnlen(s, len) == len && text_is_utf8(s, len) ? len : 0;
}

/* One escape for both formats: what a JSON string needs.  `close` bytes stay
 * free behind it. */
static void line_escaped(struct line *l, const char *s, size_t close)
{
	char unit[8];
	size_t taken, len;

	for (; *s; s += taken) {
		unsigned char c = (unsigned char)*s;

		taken = len = char_len(s);
		if (taken == 0) {
			taken = len = 1;
			unit[0] = '?';
		} else if (c == '"' || c == '\\') {
			len = 2;
			unit[0] = '\\';
			unit[1] = (char)c;
		} else if (c == '\n') {
			len = 2;
			memcpy(unit, "\\n", 2);
		} else if (c < 0x20 || c == 0x7f) {
			len = 6;
			snprintf(unit, sizeof(unit), "\\u%04x", c);
		} else {
			memcpy(unit, s, len);
		}
		if (len + close > line_room(l)) {
			l->full = true;
			return;
		}
		line_add(l, unit, len);
	}
}

static void line_quoted(struct line *l, const char *s)
{
	line_char(l, '"');
	line_escaped(l, s, 1);
	line_char(l, '"');
}

static bool is_plain(const char *s)
{
	if (!*s || !text_is_utf8(s, strlen(s)))
		return false;
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c <= 0x20 || c == '"' || c == '\\' || c == '=' || c == 0x7f)
			return false;
	}
	return true;
}

/* Room for the key, a number or an empty text, and what stands around them;
 * else the line ends before it. */
static bool line_fits(struct line *l, const struct log_field *f)
{
	if (strlen(f->key) + FIELD_BYTES > line_room(l))
		l->full = true;
	return !l->full;
}

static void text_field(struct line *l, const struct log_field *f)
{
	char num[32];

	if (!line_fits(l, f))
		return;
	line_char(l, ' ');
	line_str(l, f->key);
	line_char(l, '=');
	if (!f->str) {
		snprintf(num, sizeof(num), "%" PRId64, f->num);
		line_str(l, num);
	} else if (is_plain(f->str)) {
		line_escaped(l, f->str, 0);
	} else {
		line_quoted(l, f->str);
	}
}

static void json_field(struct line *l, const struct log_field *f)
{
	char num[32];

	if (!line_fits(l, f))
		return;
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
	l.full = false;
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
