#include "engine/remote/http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "base/text.h"

namespace moxie::engine {

namespace {

struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

struct FreeMulti {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct FreeUrl {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

using Easy = std::unique_ptr<CURL, FreeEasy>;
using Multi = std::unique_ptr<CURLM, FreeMulti>;
using Headers = std::unique_ptr<curl_slist, FreeList>;
using Url = std::unique_ptr<CURLU, FreeUrl>;

// libcurl wants one set-up per process, before its first use.
void startCurl() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    BASE_CHECK(started == CURLE_OK);
}

// What the callbacks of one transfer share.
struct Transfer {
    HttpReceiver& receiver;
    base::Clock& clock;
    const std::stop_token& stop;
    HttpHead head = {};
    int64_t lastByteMs = 0;
    bool wantsNothing = false;
};

void takeHeader(HttpHead& head, std::string_view line) {
    if (line.starts_with("HTTP/")) {  // of an interim reply first, perhaps
        head = {};
        const size_t space = line.find(' ');
        if (space != std::string_view::npos)
            std::from_chars(line.data() + space + 1, line.data() + line.size(), head.status);
        return;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    const std::string value(base::trim(line.substr(colon + 1)));
    if (name == "content-type") head.contentType = value;
    if (name == "location") head.location = value;
    if (name == "retry-after") head.retryAfter = value;
    if (name == "retry-after-ms") head.retryAfterMs = value;
}

size_t onHeader(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    transfer.lastByteMs = transfer.clock.steadyMs();
    takeHeader(transfer.head, {data, size});
    return size;
}

size_t onBytes(char* data, size_t, size_t size, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    // A server that never pauses must not hold up a stop until curl comes back from it.
    if (transfer.stop.stop_requested()) return CURL_WRITEFUNC_ERROR;
    const auto wants = transfer.receiver.take(transfer.head, {data, size});
    // After take(): waiting for our own reader is not the server's silence.
    transfer.lastByteMs = transfer.clock.steadyMs();
    if (wants == HttpReceiver::Wants::more) return size;
    transfer.wantsNothing = true;
    return CURL_WRITEFUNC_ERROR;
}

void setUp(CURL* easy, const HttpRequest& request, curl_slist* headers, Transfer& transfer) {
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // never wait for a name lookup at the end
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 15'000L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &onHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &onBytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    if (request.isLoopback) curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

HttpEnd endOf(CURLcode code, const Transfer& transfer) {
    if (transfer.wantsNothing) return HttpEnd::enough;
    if (transfer.stop.stop_requested()) return HttpEnd::cancelled;
    switch (code) {
        case CURLE_OK:
            return HttpEnd::complete;
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
        case CURLE_SSL_CONNECT_ERROR:
            return HttpEnd::connectFailed;
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return HttpEnd::untrusted;
        case CURLE_OPERATION_TIMEDOUT:  // only connecting has a time limit of curl's
            return transfer.head.status == 0 ? HttpEnd::connectFailed : HttpEnd::broken;
        default:
            return HttpEnd::broken;
    }
}

std::string urlPart(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK || text == nullptr) return {};
    std::string result(text);
    curl_free(text);
    return result;
}

}  // namespace

struct HttpClient::Pool {
    Multi multi;
};

HttpClient::HttpClient(base::Clock& clock) : clock_(clock) {
    startCurl();
}

HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Pool> HttpClient::takePool() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Pool>(Pool{Multi(curl_multi_init())});
    auto pool = std::move(idle_.back());
    idle_.pop_back();
    return pool;
}

HttpOutcome HttpClient::post(const HttpRequest& request, HttpReceiver& receiver,
                             const std::stop_token& stop) {
    auto pool = takePool();
    const Easy easy(curl_easy_init());
    curl_slist* list = nullptr;
    for (const std::string& header : request.headers)
        list = curl_slist_append(list, header.c_str());
    const Headers headers(list);
    Transfer transfer{.receiver = receiver, .clock = clock_, .stop = stop};
    transfer.lastByteMs = clock_.steadyMs();
    setUp(easy.get(), request, headers.get(), transfer);
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, detail);

    CURLM* multi = pool->multi.get();
    curl_multi_add_handle(multi, easy.get());
    HttpOutcome outcome;
    {
        const std::stop_callback wake(stop, [multi] { curl_multi_wakeup(multi); });
        for (;;) {
            if (stop.stop_requested()) {
                outcome.end = HttpEnd::cancelled;
                break;
            }
            int nRunning = 0;
            curl_multi_perform(multi, &nRunning);
            int nMessages = 0;
            if (const CURLMsg* message = curl_multi_info_read(multi, &nMessages)) {
                const CURLcode code = message->data.result;
                outcome.end = endOf(code, transfer);
                outcome.detail = detail[0] != '\0' ? detail : curl_easy_strerror(code);
                break;
            }
            const int64_t leftMs =
                receiver.silenceMsMax() - (clock_.steadyMs() - transfer.lastByteMs);
            if (leftMs <= 0) {
                outcome.end = HttpEnd::silent;
                break;
            }
            constexpr int64_t kPollMs = 50;  // bounds how late silence is noticed
            curl_multi_poll(multi, nullptr, 0, int(std::min(leftMs, kPollMs)), nullptr);
        }
    }
    curl_multi_remove_handle(multi, easy.get());
    outcome.head = transfer.head;
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(pool));
    return outcome;
}

base::Result<HttpAddress> parseHttpAddress(const std::string& text) {
    const auto refuse = [&](std::string_view why) {
        return base::fail(base::Errc::invalidInput,
                          fmt::format("the base URL {}; expected one like https://host/v1", why));
    };
    const Url url(curl_url());
    const std::string trimmed(base::trim(text));
    if (curl_url_set(url.get(), CURLUPART_URL, trimmed.c_str(), 0) != CURLUE_OK)
        return refuse("is not an address");
    if (!urlPart(url.get(), CURLUPART_USER).empty() ||
        !urlPart(url.get(), CURLUPART_PASSWORD).empty())
        return refuse("holds a user name or password, which would end in logs");
    const std::string scheme = urlPart(url.get(), CURLUPART_SCHEME);
    if (scheme != "http" && scheme != "https") return refuse("is neither http nor https");

    HttpAddress address;
    address.host = urlPart(url.get(), CURLUPART_HOST);
    const std::string port = urlPart(url.get(), CURLUPART_PORT);
    address.origin =
        fmt::format("{}://{}{}{}", scheme, address.host, port.empty() ? "" : ":", port);
    address.path = urlPart(url.get(), CURLUPART_PATH);
    while (address.path.ends_with('/'))
        address.path.pop_back();
    const std::string query = urlPart(url.get(), CURLUPART_QUERY);
    if (!query.empty()) address.query = "?" + query;
    address.isLoopback =
        address.host == "localhost" || address.host == "[::1]" || address.host.starts_with("127.");
    return address;
}

}  // namespace moxie::engine
