// What the files of a model say about how to chat with it. Threads: any thread.
#pragma once
#include <filesystem>
#include <string>

#include "engine/chat/deepseek_v4.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

struct ChatSource {
    std::string jinja = {};  // the chat template; empty: none
    // Of a V4 model without a template: its configuration has the block drafter that came with
    // 0731, or it has not; a GGUF file is named after a later snapshot, or it is not.
    DeepseekV4Ladder ladder = DeepseekV4Ladder::from0731;
};

// `path`: the GGUF file, or the folder the model was published as, or a file in it. There
// chat_template.jinja counts before the template in tokenizer_config.json, and of several named
// ones the one named default. A file that cannot be read or is no JSON says nothing. Cost: touches
// disk.
ChatSource readChatSource(const TensorSource& source, const std::filesystem::path& path);

}  // namespace moxie::engine
