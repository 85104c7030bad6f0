#include "app/serve/api_error.h"

#include "app/serve/json_node.h"

namespace moxie::serve {

namespace {

int32_t statusOf(base::Errc kind) {
    switch (kind) {
        case base::Errc::invalidInput:
        case base::Errc::unsupported:
            return 400;
        case base::Errc::denied:  // the model's server refused us; the client's own key is 401
            return 403;
        case base::Errc::notFound:
            return 404;
        case base::Errc::busy:
            return 429;
        case base::Errc::io:
        case base::Errc::corrupt:
            return 502;
        case base::Errc::cancelled:
        case base::Errc::outOfMemory:
            return 503;
        case base::Errc::internal:
            return 500;
    }
    return 500;
}

const char* openAiType(int32_t status) {
    if (status == 401) return "authentication_error";
    if (status == 403) return "permission_error";
    if (status == 429) return "rate_limit_error";
    return status < 500 ? "invalid_request_error" : "server_error";
}

const char* anthropicType(int32_t status) {
    switch (status) {
        case 401:
            return "authentication_error";
        case 403:
            return "permission_error";
        case 404:
            return "not_found_error";
        case 413:
            return "request_too_large";
        case 429:
            return "rate_limit_error";
        case 503:
            return "overloaded_error";
        default:
            return status < 500 ? "invalid_request_error" : "api_error";
    }
}

// "messages[3].role" of "messages[3].role: is a number"; null if it begins otherwise.
Json paramOf(const std::string& message) {
    const std::string place = message.substr(0, message.find(": "));
    const bool isPlace = place.size() < message.size() && place != "body" &&
                         place.find_first_of(" '\"") == std::string::npos;
    return isPlace ? Json(place) : Json();
}

}  // namespace

ApiError apiError(const base::Error& error) {
    std::string code;
    if (error.kind() == base::Errc::notFound) code = "model_not_found";
    if (error.kind() == base::Errc::unsupported) code = "unsupported_value";
    if (error.kind() == base::Errc::busy) code = "rate_limit_exceeded";
    return {statusOf(error.kind()), error.message(), code};
}

ApiError contextFullError(const std::string& detail) {
    return {400,
            "prompt is too long: the conversation does not fit the model's context length" +
                (detail.empty() ? std::string() : " (" + detail + ")"),
            "context_length_exceeded"};
}

std::string openAiErrorJson(const ApiError& error) {
    Json body = {{"message", error.message}, {"type", openAiType(error.status)}};
    body["param"] = error.status == 400 ? paramOf(error.message) : Json();
    body["code"] = error.code.empty() ? Json() : Json(error.code);
    if (error.status == 401) body["code"] = "invalid_api_key";
    return dumped(Json::object({{"error", body}}));
}

std::string anthropicErrorJson(const ApiError& error) {
    const Json body = {{"type", anthropicType(error.status)}, {"message", error.message}};
    return dumped(Json::object({{"type", "error"}, {"error", body}}));
}

}  // namespace moxie::serve
