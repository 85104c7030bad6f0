// Why the agent's policy asks, in the user's language. The log keeps the English sentences of
// agent/policy.cpp; they are translated where they are shown. Threads: GUI thread only.
#pragma once
#include <QString>
#include <string_view>

namespace moxie::desktop {

// A sentence that is not known (of an older or newer version, or of a tool) stays as it is.
QString policyReason(std::string_view english);

}  // namespace moxie::desktop
