// token_tasks.cc: signing and verifying on the pool's threads. Never HMAC, which takes less time than the hand-over.
#include <memory>
#include <new>
#include <string>

#include "node/addon.h"
#include "node/port.h"
#include "node/token_requests.h"

namespace signet_node {

namespace {

class TokenTask : public CpuTask, public Answer {
  public:
    TokenTask(std::shared_ptr<Outbox> outbox, uint32_t call_number, const KeyReference &key)
        : CpuTask(std::move(outbox)), Answer(call_number), key_(key)
    {
    }

    napi_status complete(napi_env env, napi_value *value, uint32_t *) override
    {
        *value = status_ == SIGNET_OK ? result(env) : value_from_error(env, error_);
        return *value ? napi_ok : napi_generic_failure;
    }

    void run(signet_scratch *scratch) noexcept override
    {
        try {
            status_ = work(scratch);
        } catch (const std::bad_alloc &) {
            error_ = {};
            status_ = error_.status = SIGNET_ERR_MEMORY;
        }
    }

  protected:
    // Must copy its results from the scratch. Throws std::bad_alloc.
    virtual signet_status work(signet_scratch *scratch) = 0;
    virtual napi_value result(napi_env env) = 0;

    const KeyReference key_;
    signet_status status_ = SIGNET_OK;
    signet_error error_ = {};
};

signet_text text_of(const std::string &string)
{
    return {string.data(), string.size()};
}

std::string string_of(signet_text text)
{
    return std::string(text.ptr, text.len);
}

class SignTask : public TokenTask {
  public:
    SignTask(std::shared_ptr<Outbox> outbox, uint32_t call_number, const SignArguments &asked)
        : TokenTask(std::move(outbox), call_number, asked.key), request_(asked.request),
          header_(string_of(asked.request.header)), payload_(string_of(asked.request.payload))
    {
        request_.header = text_of(header_);
        request_.payload = text_of(payload_);
    }

  protected:
    signet_status work(signet_scratch *scratch) override
    {
        signet_text token = {nullptr, 0};
        const signet_status status = signet_sign(key_.get(), scratch, &request_, &token, &error_);
        if (status == SIGNET_OK)
            token_ = string_of(token);
        return status;
    }

    napi_value result(napi_env env) override
    {
        return string_from_ascii(env, text_of(token_));
    }

  private:
    signet_sign_request request_;
    const std::string header_, payload_;
    std::string token_;
};

class VerifyTask : public TokenTask {
  public:
    VerifyTask(std::shared_ptr<Outbox> outbox, uint32_t call_number, std::unique_ptr<VerifyArguments> asked)
        : TokenTask(std::move(outbox), call_number, asked->key), asked_(std::move(asked))
    {
    }

  protected:
    signet_status work(signet_scratch *scratch) override
    {
        const signet_status status = signet_verify(key_.get(), scratch, asked_->jwt.data(), asked_->jwt.size(),
                                                   &asked_->options, &token_, &error_);
        if (status == SIGNET_OK) {
            keep(&token_.payload, &payload_);
            keep(&token_.header, &header_);
            keep(&token_.signature, &signature_);
        }
        return status;
    }

    napi_value result(napi_env env) override
    {
        return value_from_token(env, token_, asked_->wants_parts);
    }

  private:
    // The token points into the thread's scratch, so its texts are copied.
    static void keep(signet_text *text, std::string *room)
    {
        *room = string_of(*text);
        *text = text_of(*room);
    }

    const std::unique_ptr<VerifyArguments> asked_;
    signet_token token_ = {};
    std::string payload_, header_, signature_;
};

bool is_key_pair(const signet_key *key)
{
    signet_key_info about = {};
    if (key)
        signet_key_describe(key, &about);
    return key && about.type != SIGNET_KEY_SECRET;
}

// True if the port will answer.
bool hand_to_pool(napi_env env, Port &port, std::unique_ptr<CpuTask> task)
{
    if (!port.begin(env))
        return false;
    if (cpu_submit(task))
        return true;
    port.end(env);
    return false;
}

} // namespace

// signPartsLater(port, number, …as signParts) → undefined if the port will deliver the result under `number`; or the
// result, if it was computed at once (no key pair, or no thread available). The port delivers a failure as an object
// like lastError()'s.
napi_value sign_parts_later(napi_env env, napi_callback_info info)
{
    const Arguments<2 + SignArguments::COUNT> arguments(env, info);
    Environment *environment = arguments.environment;
    const std::shared_ptr<Port> port = Port::from(env, arguments.at[0]);
    SignArguments asked;
    if (!port || !asked.read(env, arguments.at + 2, environment))
        return number_from_status(env, SIGNET_ERR_OPTION);
    if (is_key_pair(asked.key.get()) &&
        hand_to_pool(env, *port, std::make_unique<SignTask>(port, bits_from(env, arguments.at[1]), asked)))
        return nullptr;
    signet_text token = {nullptr, 0};
    const signet_status status =
        signet_sign(asked.key.get(), environment->scratch, &asked.request, &token, &environment->error);
    return status == SIGNET_OK ? string_from_ascii(env, token) : number_from_status(env, status);
}

// verifyClaimsLater(port, number, …as verifyClaims): the same.
napi_value verify_claims_later(napi_env env, napi_callback_info info)
{
    const Arguments<2 + VerifyArguments::COUNT> arguments(env, info);
    Environment *environment = arguments.environment;
    const std::shared_ptr<Port> port = Port::from(env, arguments.at[0]);
    auto asked = std::make_unique<VerifyArguments>();
    if (!port || !asked->read(env, arguments.at + 2, environment))
        return number_from_status(env, SIGNET_ERR_OPTION);
    signet_token token = {};
    if (!is_key_pair(asked->key.get())) {
        const signet_status status = signet_verify(asked->key.get(), environment->scratch, asked->jwt.data(),
                                                   asked->jwt.size(), &asked->options, &token, &environment->error);
        return status == SIGNET_OK ? value_from_token(env, token, asked->wants_parts) : number_from_status(env, status);
    }
    if (hand_to_pool(env, *port, std::make_unique<VerifyTask>(port, bits_from(env, arguments.at[1]), std::move(asked))))
        return nullptr;
    return number_from_status(env, SIGNET_ERR_BUSY);
}

} // namespace signet_node
