/* scratch.c: contexts and buffers that calls reuse. */
#include "core/scratch.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "core/crypto.h"

/* A buffer larger than this is given back at the next call that needs less. */
#define KEPT_HEAP 131072

signet_scratch *signet_scratch_new(void)
{
    signet_scratch *scratch = calloc(1, sizeof *scratch);
    uint8_t seed[8];
    if (!scratch)
        return NULL;
    (void)ERR_set_mark();
    scratch->md = EVP_MD_CTX_new();
    (void)ERR_pop_to_mark();
    if (!scratch->md || !signet_random(seed, sizeof seed)) {
        signet_scratch_free(scratch);
        return NULL;
    }
    uint64_t number;
    memcpy(&number, seed, sizeof number);
    signet_json_names_init(&scratch->names, number);
    return scratch;
}

static void drop_heap(signet_scratch *scratch)
{
    if (scratch->heap)
        OPENSSL_cleanse(scratch->heap, scratch->heap_len);
    free(scratch->heap);
    scratch->heap = NULL;
    scratch->heap_len = 0;
}

void signet_scratch_free(signet_scratch *scratch)
{
    if (!scratch)
        return;
    drop_heap(scratch);
    if (scratch->names.slots)
        signet_json_names_clear(&scratch->names);
    EVP_MD_CTX_free(scratch->md);
    OPENSSL_cleanse(scratch, sizeof *scratch); /* tokens are credentials */
    free(scratch);
}

char *signet_scratch_room(signet_scratch *scratch, size_t len)
{
    if (scratch->heap_len > KEPT_HEAP && len <= KEPT_HEAP)
        drop_heap(scratch);
    if (len <= sizeof scratch->buffer)
        return scratch->buffer;
    if (len > scratch->heap_len) {
        drop_heap(scratch);
        scratch->heap = malloc(len);
        scratch->heap_len = scratch->heap ? len : 0;
    }
    return scratch->heap;
}

signet_json_names *signet_scratch_names(signet_scratch *scratch)
{
    return &scratch->names;
}
