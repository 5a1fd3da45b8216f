/* scratch.h: what a signet_scratch holds. Private to src/core; src/session may use signet_scratch_names. */
#ifndef SIGNET_SCRATCH_H
#define SIGNET_SCRATCH_H

#include <openssl/evp.h>

#include "core/json.h"
#include "core/json_flat.h"
#include "core/json_names.h"
#include "core/jws_header.h"
#include "signet.h"

/* Room for the decoded or spliced parts and the token of any token under 4 KiB. */
#define SIGNET_SCRATCH_INLINE 10240

struct signet_scratch {
    EVP_MD_CTX *md;
    char *heap; /* if a token needs more than `buffer` */
    size_t heap_len;
    signet_header_cache headers;
    signet_json_names names;
    signet_flat flat; /* of the payload read last */
    char buffer[SIGNET_SCRATCH_INLINE];
};

/* At least `len` bytes, whose contents are lost at the next call. NULL: out of memory. */
char *signet_scratch_room(signet_scratch *scratch, size_t len);

signet_json_names *signet_scratch_names(signet_scratch *scratch);

#endif
