/* Key material of any kind, in every form that is accepted. Keys are described and freed; OpenSSL's error queue stays
 * empty. */
#include <openssl/err.h>
#include <stdlib.h>

#include "signet.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void look_at(signet_status status, signet_key *key)
{
    signet_key_info info;
    if ((status == SIGNET_OK) != (key != NULL) || ERR_peek_error() != 0)
        abort();
    if (key)
        signet_key_describe(key, &info);
    signet_key_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const signet_text passphrase = {"pw", 2};
    signet_key *keys[4] = {NULL};
    signet_status status = signet_key_from_pem(bytes, len, &passphrase, &keys[0], NULL);
    look_at(status, keys[0]);
    status = signet_key_from_der(bytes, len, NULL, &keys[1], NULL);
    look_at(status, keys[1]);
    status = signet_key_from_secret(bytes, len, &keys[2], NULL);
    look_at(status, keys[2]);
    status = signet_key_from_material(bytes, len, NULL, &keys[3], NULL);
    look_at(status, keys[3]);
    return 0;
}
