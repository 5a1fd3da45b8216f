/* resolv.h: macOS's resolver, as far as mongo-c-driver uses it (mongodb+srv://). Zig has no header for it. */
#ifndef SIGNET_RESOLV_H
#define SIGNET_RESOLV_H

#include <arpa/nameser.h>

/* Apple's has 552 bytes. Only the library reads and writes it. */
struct __res_state {
    _Alignas(16) unsigned char room[2048];
};

#define res_ninit res_9_ninit
#define res_nsearch res_9_nsearch
#define res_ndestroy res_9_ndestroy
#define dn_expand res_9_dn_expand

int res_ninit(struct __res_state *state);
int res_nsearch(struct __res_state *state, const char *name, int class, int type, unsigned char *answer, int size);
void res_ndestroy(struct __res_state *state);
int dn_expand(const unsigned char *message, const unsigned char *end, const unsigned char *name, char *expanded,
              int size);

#endif
