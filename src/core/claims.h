/* claims.h: the registered claims of a payload and what a caller insists on (RFC 7519 section 4.1). Private to
 * src/core. */
#ifndef SIGNET_CLAIMS_H
#define SIGNET_CLAIMS_H

#include "core/json.h"
#include "core/json_flat.h"

/* The claims of SIGNET_EXPECT_TABLE, in its order, and the others. */
enum { SIGNET_CLAIM_NBF = SIGNET_EXPECT_COUNT, SIGNET_CLAIM_EXP, SIGNET_CLAIM_COUNT };

typedef struct signet_claims {
    bool is_object;
    bool is_flat; /* then `numbers` has those that are numbers */
    double numbers[SIGNET_CLAIM_COUNT];
    signet_json_field fields[SIGNET_CLAIM_COUNT];
} signet_claims;

/* Takes the claims out of a payload that was read as a flat object. */
void signet_claims_from_flat(signet_flat *flat, signet_claims *claims);

/*
 * Reads a payload. One that begins like an object must be one, wholly valid (SIGNET_ERR_TOKEN_INVALID); any other has
 * no claims. `names` NULL: it has been read before.
 */
SIGNET_MUST_CHECK signet_status signet_claims_read(signet_text payload, signet_json_names *names, signet_claims *claims,
                                                   signet_error *err);

/* nbf, then exp. */
SIGNET_MUST_CHECK signet_status signet_claims_check_time(const signet_claims *claims,
                                                         const signet_verify_options *options, signet_error *err);

/* The checks of SIGNET_EXPECT_TABLE, from `first` on. */
SIGNET_MUST_CHECK signet_status signet_claims_check_expected(const signet_claims *claims, unsigned first,
                                                             const signet_verify_options *options, signet_error *err);

#endif
