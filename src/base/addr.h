/*
 * addr.h - addresses as numbers: are they of the public Internet?
 *
 * Asked about the address that a connection really goes to, so that a name
 * that resolves to something else the second time gains nothing.
 */
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>

#include <sys/socket.h>

/* False for loopback, private, link-local, carrier-grade NAT, unique local,
 * documentation, multicast and reserved ranges, for IPv6 forms that carry
 * such an IPv4 address, and for everything that is no IP address. */
bool addr_is_public(const struct sockaddr *addr);

/* The same for "192.0.2.1" or "2001:db8::1"; other texts are not public. */
bool addr_text_is_public(const char *text);

/* 0.0.0.0 or ::, which stand for every address of the machine. */
bool addr_is_any(const struct sockaddr *addr);

/* "192.0.2.1", "10.0.0.0/8", "fd00::/8": numbers, and not the whole world. */
bool addr_is_network(const char *text);

/* "127.0.0.1:9464" or "[::1]:9464", numbers only: nobody is asked for a name.
 * False: it is something else. */
bool addr_read(const char *host_port, struct sockaddr_storage *addr,
	       socklen_t *len);

#endif
