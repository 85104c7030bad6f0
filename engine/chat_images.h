// The one rule of pictures in a request, for every door to a model: they are sent whole to a model
// that takes them, or not at all. Threads: any thread.
#pragma once
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/chat_model.h"

namespace moxie::engine {

inline constexpr std::array<std::string_view, 4> kImageTypes = {"image/png", "image/jpeg",
                                                                "image/gif", "image/webp"};
inline constexpr int64_t kImageBytesMax = 5 << 20;  // of base64; the smallest limit of a vendor

inline bool hasImages(const ChatRequest& request) {
    return std::any_of(request.messages.begin(), request.messages.end(),
                       [](const Message& message) { return !message.images.empty(); });
}

inline base::Status checkImage(const Image& image) {
    if (std::find(kImageTypes.begin(), kImageTypes.end(), image.mediaType) == kImageTypes.end())
        return base::fail(base::Errc::invalidInput,
                          fmt::format("a picture is \"{}\", PNG, JPEG, GIF or WebP is expected",
                                      image.mediaType));
    const bool isBase64 =
        !image.base64.empty() && image.base64.find_first_not_of(
                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789+/=") == std::string::npos;
    if (!isBase64)
        return base::fail(base::Errc::invalidInput, "a picture is not written in base64");
    if (int64_t(image.base64.size()) <= kImageBytesMax) return {};
    return base::fail(base::Errc::invalidInput,
                      fmt::format("a picture has {} bytes in base64, at most {} can be sent",
                                  image.base64.size(), kImageBytesMax));
}

// Fails: unsupported (the model takes none), invalidInput (one is no picture that can be sent).
inline base::Status checkImages(const ChatRequest& request, const ModelLimits& limits) {
    if (!hasImages(request)) return {};
    if (!limits.takesImages)
        return base::fail(
            base::Errc::unsupported,
            fmt::format("{} takes no pictures, and the conversation holds some", limits.model));
    for (const Message& message : request.messages)
        for (const Image& image : message.images)
            TRY(checkImage(image));
    return {};
}

}  // namespace moxie::engine
