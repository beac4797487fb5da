/*
 * clock.c - what time it is, the one place that asks.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#ifdef TEST_HOOKS
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "base/clock.h"

static int64_t frozen_at;

#ifdef TEST_HOOKS
/* The shared offset: mapped once, read at every call, written by a test. */
static int64_t shift_us(void)
{
	static const volatile int64_t none;
	static const volatile int64_t *shift;
	const char *path;
	void *map;
	int fd;

	if (shift)
		return *shift;
	shift = &none;
	path = getenv("TUBERRY_CLOCK_FILE");
	if (!path)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		shift = map;
	return *shift;
}
#else
static int64_t shift_us(void)
{
	return 0;
}
#endif

int64_t clock_now_us(void)
{
	struct timespec ts;

	if (frozen_at)
		return frozen_at;
	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND_US + ts.tv_nsec / 1000 +
	       shift_us();
}

int64_t clock_mono_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void clock_set(int64_t at)
{
	frozen_at = at;
}

void clock_write(int64_t at, char out[CLOCK_TEXT_MAX])
{
	int64_t fraction = at % CLOCK_SECOND_US;
	time_t second = (time_t)(at / CLOCK_SECOND_US);
	struct tm tm;

	if (fraction < 0) {
		fraction += CLOCK_SECOND_US;
		second--;
	}
	if (!gmtime_r(&second, &tm) || tm.tm_year < -1900 ||
	    tm.tm_year > 8099) {
		memcpy(out, "1970-01-01T00:00:00.000000Z", CLOCK_TEXT_MAX);
		return;
	}
	snprintf(out, CLOCK_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
		 (unsigned)(tm.tm_year + 1900) % 10000u,
		 (unsigned)(tm.tm_mon + 1) % 100u, (unsigned)tm.tm_mday % 100u,
		 (unsigned)tm.tm_hour % 100u, (unsigned)tm.tm_min % 100u,
		 (unsigned)tm.tm_sec % 100u, (unsigned)fraction % 1000000u);
}

const char *clock_text(struct arena *a, int64_t at)
{
	char *out = arena_alloc(a, CLOCK_TEXT_MAX);

	clock_write(at, out);
	return out;
}

/* n digits, or -1. */
static int digits(const char **s, int n)
{
	int value = 0;

	for (int i = 0; i < n; i++) {
		if ((*s)[i] < '0' || (*s)[i] > '9')
			return -1;
		value = value * 10 + ((*s)[i] - '0');
	}
	*s += n;
	return value;
}

static bool literal(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* -1: a point without digits. */
static int64_t read_fraction_us(const char **s)
{
	int64_t us = 0, unit = 100000;

	if (!literal(s, '.'))
		return 0;
	if (**s < '0' || **s > '9')
		return -1;
	for (; **s >= '0' && **s <= '9'; (*s)++) {
		us += (**s - '0') * unit;
		unit /= 10;
	}
	return us;
}

/* Z, +HH, +HHMM, +HH:MM or +HH:MM:SS, in seconds. */
static bool read_offset(const char **s, int *offset_s)
{
	int sign, part;

	*offset_s = 0;
	if (literal(s, 'Z') || literal(s, 'z'))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (**s != '-' && **s != '+')
		return false;
	(*s)++;
	for (int unit = 3600; unit > 0; unit /= 60) {
		if (unit < 3600 && **s == ':')
			(*s)++;
		else if (unit < 3600 && **s == '\0')
			break;
		part = digits(s, 2);
		if (part < 0 || part > (unit == 3600 ? 23 : 59))
			return false;
		*offset_s += sign * part * unit;
	}
	return true;
}

/* timegm() would take 30 February for a day in March. */
static bool is_day(const struct tm *tm)
{
	struct tm day = { .tm_year = tm->tm_year,
			  .tm_mon = tm->tm_mon,
			  .tm_mday = tm->tm_mday };

	timegm(&day);
	return day.tm_mday == tm->tm_mday;
}

bool clock_read(const char *s, int64_t *at)
{
	struct tm tm = { 0 };
	int64_t fraction;
	int offset_s;

	tm.tm_year = digits(&s, 4) - 1900;
	if (tm.tm_year < -1900 || !literal(&s, '-'))
		return false;
	tm.tm_mon = digits(&s, 2) - 1;
	if (tm.tm_mon < 0 || tm.tm_mon > 11 || !literal(&s, '-'))
		return false;
	tm.tm_mday = digits(&s, 2);
	if (tm.tm_mday < 1 || tm.tm_mday > 31 || !is_day(&tm))
		return false;
	if (!literal(&s, 'T') && !literal(&s, ' ') && !literal(&s, 't'))
		return false;
	tm.tm_hour = digits(&s, 2);
	if (tm.tm_hour < 0 || tm.tm_hour > 23 || !literal(&s, ':'))
		return false;
	tm.tm_min = digits(&s, 2);
	if (tm.tm_min < 0 || tm.tm_min > 59 || !literal(&s, ':'))
		return false;
	tm.tm_sec = digits(&s, 2);
	if (tm.tm_sec < 0 || tm.tm_sec > 60)
		return false;
	fraction = read_fraction_us(&s);
	if (fraction < 0 || !read_offset(&s, &offset_s) || *s)
		return false;
	*at = ((int64_t)timegm(&tm) - offset_s) * CLOCK_SECOND_US + fraction;
	return true;
}
