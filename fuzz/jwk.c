/* JWKs and JWK Sets. */
#include <openssl/err.h>
#include <stdlib.h>

#include "signet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void look_at(signet_status status, signet_key *key)
{
    if ((status == SIGNET_OK) != (key != NULL) || ERR_peek_error() != 0)
        abort();
    signet_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const signet_text kid = {"1", 1};
    signet_key *key = NULL;
    signet_status status = signet_key_from_jwk((const char *)bytes, len, &key, NULL);
    look_at(status, key);
    key = NULL;
    status = signet_key_from_jwks((const char *)bytes, len, &kid, &key, NULL);
    look_at(status, key);
    key = NULL;
    status = signet_key_from_jwks((const char *)bytes, len, NULL, &key, NULL);
    look_at(status, key);
    return 0;
}
