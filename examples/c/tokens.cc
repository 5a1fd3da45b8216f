// tokens.cc: the same as tokens.c in C++: smart pointers free keys and scratch.
//   SECRET=$(openssl rand -base64 32) ./tokens-cc
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <signet.h>

namespace {

struct Free {
    void operator()(signet_key *key) const
    {
        signet_key_free(key);
    }
    void operator()(signet_scratch *scratch) const
    {
        signet_scratch_free(scratch);
    }
};
using Key = std::unique_ptr<signet_key, Free>;
using Scratch = std::unique_ptr<signet_scratch, Free>;

void check(signet_status status)
{
    if (status != SIGNET_OK)
        throw std::runtime_error(signet_status_text(status));
}

Key key_of(const std::string &secret)
{
    signet_key *key = nullptr;
    check(signet_key_from_secret(secret.data(), secret.size(), &key, nullptr));
    return Key(key);
}

std::string sign(const Key &key, const Scratch &scratch, const std::string &payload, int64_t now_s)
{
    signet_sign_request request{};
    request.alg = SIGNET_HS256;
    request.payload = {payload.data(), payload.size()};
    request.add_exp = true;
    request.exp_s = now_s + 900;
    signet_text jwt{};
    check(signet_sign(key.get(), scratch.get(), &request, &jwt, nullptr));
    return {jwt.ptr, jwt.len};
}

std::string verify(const Key &key, const Scratch &scratch, const std::string &jwt, int64_t now_s)
{
    signet_verify_options options{};
    options.algorithms = SIGNET_ALG_BIT(SIGNET_HS256);
    options.now_s = static_cast<double>(now_s);
    signet_token token{};
    check(signet_verify(key.get(), scratch.get(), jwt.data(), jwt.size(), &options, &token, nullptr));
    return {token.payload.ptr, token.payload.len};
}

} // namespace

int main()
try {
    const char *secret = std::getenv("SECRET");
    const Key key = key_of(secret ? secret : "");
    const Scratch scratch(signet_scratch_new());
    const int64_t now_s = std::time(nullptr);
    const std::string jwt = sign(key, scratch, R"({"sub":"alice"})", now_s);
    std::cout << verify(key, scratch, jwt, now_s) << '\n';
    return EXIT_SUCCESS;
} catch (const std::exception &error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
}
