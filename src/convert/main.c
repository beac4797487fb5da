/*
 * main.c - tuberry-convert: a WebP image on standard input, its PNG on
 * standard output, both of them pipes.
 *
 * Run by tuberryd for each sticker that goes where no stickers are taken; see
 * cell.h for why it is a process of its own.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "convert/cell.h"
#include "convert/sticker.h"

static bool read_all(struct buf *b)
{
	char bytes[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			buf_add(b, bytes, (size_t)n);
	}
	return !b->overflow;
}

static bool write_all(int fd, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, s, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* stdio would need more than the cell allows. */
static int refuse(struct arena *a, const struct err *err, int status)
{
	const char *line = arena_printf(a, "tuberry-convert: %s\n", err->text);

	write_all(STDERR_FILENO, line, strlen(line));
	return status;
}

static int convert(void)
{
	struct buf webp, png;
	struct arena a = { 0 };
	struct err err = { 0 };

	buf_init(&webp, &a, STICKER_BYTES_MAX);
	if (!cell_close(&err))
		return refuse(&a, &err, EX_OSERR);
	if (!read_all(&webp))
		return EX_NOINPUT;
	if (!sticker_png(&a, webp.s, webp.len, &png, &err))
		return refuse(&a, &err, EX_DATAERR);
	return write_all(STDOUT_FILENO, png.s, png.len) ? EX_OK : EX_IOERR;
}

int main(void)
{
	/* Nothing that exit() would do is worth a system call. */
	_exit(convert());
}
