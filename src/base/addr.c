/*
 * addr.c - addresses as numbers: are they of the public Internet?
 */
#include "config.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include "base/addr.h"
#include "base/attr.h"
#include "base/text.h"

/* Of a number, a zone behind it included. */
#define HOST_MAX 64

struct range4 {
	uint32_t net;
	int bits;
};

/* IANA's special-purpose registry, with multicast and the rest above it. */
static const struct range4 closed4[] = {
	/* clang-format off */
	{ 0x00000000, 8 },  /* 0.0.0.0         this network */
	{ 0x0a000000, 8 },  /* 10.0.0.0        private */
	{ 0x64400000, 10 }, /* 100.64.0.0      carrier-grade NAT */
	{ 0x7f000000, 8 },  /* 127.0.0.0       loopback */
	{ 0xa9fe0000, 16 }, /* 169.254.0.0     link-local, cloud metadata */
	{ 0xac100000, 12 }, /* 172.16.0.0      private */
	{ 0xc0000000, 24 }, /* 192.0.0.0       protocol assignments */
	{ 0xc0000200, 24 }, /* 192.0.2.0       documentation */
	{ 0xc0586300, 24 }, /* 192.88.99.0     6to4 relays */
	{ 0xc0a80000, 16 }, /* 192.168.0.0     private */
	{ 0xc6120000, 15 }, /* 198.18.0.0      benchmarks */
	{ 0xc6336400, 24 }, /* 198.51.100.0    documentation */
	{ 0xcb007100, 24 }, /* 203.0.113.0     documentation */
	{ 0xe0000000, 4 },  /* 224.0.0.0       multicast */
	{ 0xf0000000, 4 },  /* 240.0.0.0       reserved, broadcast */
	/* clang-format on */
};

struct range6 {
	uint8_t net[16];
	int bits;
};

/* Inside 2000::/3, the only part of IPv6 that is in use for the public. */
static const struct range6 closed6[] = {
	/* clang-format off */
	{ { 0x20, 0x01, 0x00 }, 23 },             /* 2001::   Teredo and others */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 },       /* 2001:db8:: documentation */
	{ { 0x20, 0x02 }, 16 },                   /* 2002::   6to4 */
	{ { 0x3f, 0xff, 0x00 }, 20 },             /* 3fff::   documentation */
	/* clang-format on */
};

static const struct range6 global6 = { { 0x20 }, 3 };

/* An IPv4 address stands in the last four bytes. */
static const struct range6 mapped6 = {
	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, 96
};
static const struct range6 nat64 = { { 0x00, 0x64, 0xff, 0x9b }, 96 };

static bool is_public4(uint32_t ip)
{
	for (size_t i = 0; i < ARRAY_LEN(closed4); i++)
		if ((ip ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
			return false;
	return true;
}

static bool is_in(const uint8_t ip[16], const struct range6 *r)
{
	int bytes = r->bits / 8, rest = r->bits % 8;

	if (memcmp(ip, r->net, (size_t)bytes) != 0)
		return false;
	return rest == 0 || (ip[bytes] ^ r->net[bytes]) >> (8 - rest) == 0;
}

static bool is_public6(const uint8_t ip[16])
{
	uint32_t ip4;

	if (is_in(ip, &mapped6) || is_in(ip, &nat64)) {
		memcpy(&ip4, ip + 12, sizeof(ip4));
		return is_public4(ntohl(ip4));
	}
	if (!is_in(ip, &global6))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(closed6); i++)
		if (is_in(ip, &closed6[i]))
			return false;
	return true;
}

bool addr_is_public(const struct sockaddr *addr)
{
	/* Copied: the caller's storage may be aligned for less. */
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	switch (addr->sa_family) {
	case AF_INET:
		memcpy(&in4, addr, sizeof(in4));
		return is_public4(ntohl(in4.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&in6, addr, sizeof(in6));
		return is_public6(in6.sin6_addr.s6_addr);
	default:
		return false;
	}
}

bool addr_text_is_public(const char *text)
{
	struct in_addr ip4;
	struct in6_addr ip6;

	if (inet_pton(AF_INET, text, &ip4) == 1)
		return is_public4(ntohl(ip4.s_addr));
	return inet_pton(AF_INET6, text, &ip6) == 1 && is_public6(ip6.s6_addr);
}

bool addr_is_any(const struct sockaddr *addr)
{
	struct sockaddr_in in4;
	struct sockaddr_in6 in6;

	switch (addr->sa_family) {
	case AF_INET:
		memcpy(&in4, addr, sizeof(in4));
		return in4.sin_addr.s_addr == htonl(INADDR_ANY);
	case AF_INET6:
		memcpy(&in6, addr, sizeof(in6));
		return IN6_IS_ADDR_UNSPECIFIED(&in6.sin6_addr);
	default:
		return false;
	}
}

bool addr_is_network(const char *text)
{
	struct in6_addr ip; /* large enough for either */
	size_t len = strcspn(text, "/");
	char host[HOST_MAX];
	long long bits;
	bool is6;

	if (len >= sizeof(host))
		return false;
	snprintf(host, sizeof(host), "%.*s", (int)len, text);
	is6 = strchr(host, ':') != NULL;
	if (inet_pton(is6 ? AF_INET6 : AF_INET, host, &ip) != 1)
		return false;
	return !text[len] ||
	       text_read_i64(text + len + 1, 1, is6 ? 128 : 32, &bits);
}

bool addr_read(const char *host_port, struct sockaddr_storage *addr,
	       socklen_t *len)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	const char *colon = strrchr(host_port, ':'), *host = host_port;
	size_t host_len = colon ? (size_t)(colon - host) : 0;
	struct addrinfo *found;
	char text[HOST_MAX];

	if (host_len > 1 && host[0] == '[' && host[host_len - 1] == ']') {
		host++;
		host_len -= 2;
	} else if (memchr(host, ':', host_len)) {
		return false; /* which of its colons is the port's? */
	}
	if (host_len == 0 || host_len >= sizeof(text) || !colon[1])
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)host_len, host);
	if (getaddrinfo(text, colon + 1, &hints, &found) != 0)
		return false;
	memcpy(addr, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}
