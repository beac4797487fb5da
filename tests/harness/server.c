/*
 * server.c - an HTTP server on loopback that betrays its clients.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "harness/server.h"

#define REQUEST_MAX (8 * 1024 * 1024)
#define DRIP_MS     20

/* Shared with the processes of the connections. */
struct counts {
	int requests;
	int connections;
};

struct server {
	int port;
	pid_t pid;
	struct counts *counts;
};

struct peer {
	int fd;
	int served; /* requests before this one */
	struct counts *counts;
	char *request; /* NUL-terminated */
	size_t len, head_len;
};

struct script {
	const char *path;
	void (*play)(struct peer *p);
	const char *text; /* of the answer, for play_text */
};

/* The end of a connection's process. */
static void leave(struct peer *p, bool reset) NORETURN;

static void leave(struct peer *p, bool reset)
{
	const struct linger at_once = { 1, 0 };

	if (reset)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &at_once,
			   sizeof(at_once));
	_exit(0);
}

static void say(struct peer *p, const char *s, size_t len)
{
	while (len > 0) {
		ssize_t n = send(p->fd, s, len, MSG_NOSIGNAL);

		if (n <= 0)
			leave(p, false);
		s += n;
		len -= (size_t)n;
	}
}

static void answer(struct peer *p, const char *head, const char *body,
		   size_t len)
{
	char text[1024];
	int n = snprintf(text, sizeof(text), "%sContent-Length: %zu\r\n\r\n",
			 head, len);

	say(p, text, (size_t)n);
	say(p, body, len);
}

#define HEAD_OK "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

static void play_ok(struct peer *p)
{
	answer(p, HEAD_OK, "{\"ok\":true}", strlen("{\"ok\":true}"));
}

static void play_echo(struct peer *p)
{
	answer(p, "HTTP/1.1 200 OK\r\nContent-Type: Text/Plain; a=b\r\n",
	       p->request, p->len);
}

static void play_reset(struct peer *p)
{
	leave(p, true);
}

static void play_close(struct peer *p)
{
	leave(p, false);
}

static void play_close_kept(struct peer *p)
{
	if (p->served)
		leave(p, false);
	play_ok(p);
}

/* Until the client goes away. */
static void play_silent(struct peer *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };

	poll(&fd, 1, -1);
	leave(p, false);
}

static void play_drip(struct peer *p)
{
	struct pollfd fd = { .fd = p->fd, .events = POLLIN };

	say(p, HEAD_OK "\r\n", strlen(HEAD_OK "\r\n"));
	do
		say(p, " ", 1);
	while (poll(&fd, 1, DRIP_MS) == 0);
	leave(p, false);
}

static const char cut_head[] = HEAD_OK "Content-Length: 100\r\n\r\n";

static void play_cut_head(struct peer *p)
{
	say(p, cut_head, strlen(cut_head));
	leave(p, false);
}

static void play_cut_body(struct peer *p)
{
	say(p, cut_head, strlen(cut_head));
	say(p, "{\"half\":true, ", strlen("{\"half\":true, "));
	leave(p, false);
}

static void play_long(struct peer *p)
{
	static char bytes[SERVER_LONG];

	memset(bytes, 'x', sizeof(bytes));
	answer(p, HEAD_OK, bytes, sizeof(bytes));
}

static void play_long_chunked(struct peer *p)
{
	static char bytes[SERVER_LONG];
	char size[32];
	int n = snprintf(size, sizeof(size), "%zx\r\n", sizeof(bytes));

	memset(bytes, 'x', sizeof(bytes));
	say(p, HEAD_OK "Transfer-Encoding: chunked\r\n\r\n",
	    strlen(HEAD_OK "Transfer-Encoding: chunked\r\n\r\n"));
	say(p, size, (size_t)n);
	say(p, bytes, sizeof(bytes));
	say(p, "\r\n0\r\n\r\n", strlen("\r\n0\r\n\r\n"));
}

/* "POST /to-307?http://elsewhere/ HTTP/1.1" */
static void play_redirect(struct peer *p)
{
	const char *status = strstr(p->request, "/to-") + strlen("/to-");
	const char *to = strchr(status, '?') + 1;
	char head[1024];

	snprintf(head, sizeof(head),
		 "HTTP/1.1 %.3s Elsewhere\r\nLocation: %.*s\r\n", status,
		 (int)strcspn(to, " "), to);
	answer(p, head, "", 0);
}

#define HEAD_LIMIT "HTTP/1.1 429 Too Many Requests\r\n"
#define NO_BODY    "Content-Length: 0\r\n\r\n"

static const struct script scripts[] = {
	{ "/ok", play_ok, NULL },
	{ "/echo", play_echo, NULL },
	{ "/empty", NULL, "HTTP/1.1 200 OK\r\n" NO_BODY },
	{ "/500", NULL, "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops" },
	{ "/not-json", NULL, HEAD_OK "Content-Length: 7\r\n\r\n{\"half\"" },
	{ "/limit", NULL, HEAD_LIMIT NO_BODY },
	{ "/limit-30", NULL, HEAD_LIMIT "Retry-After: 30\r\n" NO_BODY },
	{ "/limit-date", NULL,
	  HEAD_LIMIT "Retry-After: Sat, 31 Jan 2026 12:01:00 GMT\r\n" NO_BODY },
	{ "/reset-last", play_reset, NULL },
	{ "/close", play_close, NULL },
	{ "/close-kept", play_close_kept, NULL },
	{ "/silent", play_silent, NULL },
	{ "/drip", play_drip, NULL },
	{ "/cut-head", play_cut_head, NULL },
	{ "/cut-body", play_cut_body, NULL },
	{ "/long", play_long, NULL },
	{ "/long-chunked", play_long_chunked, NULL },
	{ "/to-301", play_redirect, NULL },
	{ "/to-302", play_redirect, NULL },
	{ "/to-307", play_redirect, NULL },
};

static void reset_unread(struct peer *p)
{
	char start[64] = "";
	ssize_t n = recv(p->fd, start, sizeof(start) - 1, MSG_PEEK);

	if (n <= 0)
		leave(p, false);
	if (strstr(start, " /reset-first"))
		leave(p, true);
}

static void read_request(struct peer *p)
{
	size_t want = 0;
	const char *end, *length;

	p->len = 0;
	p->head_len = 0;
	while (!p->head_len || p->len < want) {
		ssize_t n = recv(p->fd, p->request + p->len,
				 REQUEST_MAX - p->len, 0);

		if (n <= 0)
			leave(p, false);
		p->len += (size_t)n;
		p->request[p->len] = '\0';
		end = strstr(p->request, "\r\n\r\n");
		if (p->head_len || !end)
			continue;
		p->head_len = (size_t)(end - p->request) + 4;
		length = strstr(p->request, "Content-Length: ");
		want = p->head_len;
		if (length && length < end)
			want += strtoul(length + strlen("Content-Length: "),
					NULL, 10);
	}
	__atomic_add_fetch(&p->counts->requests, 1, __ATOMIC_SEQ_CST);
}

static const struct script *script_of(const struct peer *p)
{
	const char *path = strchr(p->request, ' ');
	size_t len = path ? strcspn(path + 1, " ?") : 0;

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strlen(scripts[i].path) == len &&
		    memcmp(scripts[i].path, path + 1, len) == 0)
			return &scripts[i];
	return NULL;
}

static void serve(int fd, struct counts *counts) NORETURN;

static void serve(int fd, struct counts *counts)
{
	struct peer p = { .fd = fd, .counts = counts };
	const struct script *s;

	p.request = mem_new(REQUEST_MAX + 1);
	for (;; p.served++) {
		reset_unread(&p);
		read_request(&p);
		s = script_of(&p);
		if (!s)
			answer(&p, "HTTP/1.1 404 Not Found\r\n", "", 0);
		else if (s->play)
			s->play(&p);
		else
			say(&p, s->text, strlen(s->text));
	}
}

static void accept_all(int listener, struct counts *counts) NORETURN;

static void accept_all(int listener, struct counts *counts)
{
	signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			_exit(1);
		__atomic_add_fetch(&counts->connections, 1, __ATOMIC_SEQ_CST);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			close(listener);
			serve(fd, counts);
		}
		close(fd);
	}
}

struct server *server_start(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	struct server *s = mem_new(sizeof(*s));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->counts = mmap(NULL, sizeof(*s->counts), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->counts == MAP_FAILED || fd < 0 ||
	    bind(fd, (struct sockaddr *)&addr, len) != 0 ||
	    listen(fd, 64) != 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
		die("server: %s", strerror(errno));
	s->port = ntohs(addr.sin_port);
	s->pid = fork();
	if (s->pid < 0)
		die("server: %s", strerror(errno));
	if (s->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		accept_all(fd, s->counts);
	}
	close(fd);
	return s;
}

void server_stop(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	munmap(s->counts, sizeof(*s->counts));
	free(s);
}

int server_port(const struct server *s)
{
	return s->port;
}

int server_requests(const struct server *s)
{
	return __atomic_load_n(&s->counts->requests, __ATOMIC_SEQ_CST);
}

int server_connections(const struct server *s)
{
	return __atomic_load_n(&s->counts->connections, __ATOMIC_SEQ_CST);
}

void server_forget(struct server *s)
{
	__atomic_store_n(&s->counts->requests, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->counts->connections, 0, __ATOMIC_SEQ_CST);
}
