// Anthropic messages, streamed or whole.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/remote/answer.h"

namespace moxie::engine {

namespace {

constexpr size_t kOpenBlocksMax = 256;

class AnthropicDecoder final : public AnswerDecoder {
public:
    using AnswerDecoder::AnswerDecoder;

private:
    struct Block {
        std::string type;
        Json raw;         // of thinking blocks: what goes back, growing
        size_t call = 0;  // of tool_use: its place in calls_
    };

    void decode(const Json& event, std::vector<StreamEvent>& out) override {
        const std::string type = stringMember(event, "type");
        if (type == "error" || !member(event, "error").is_null())
            return fail(failureOfErrorObject(event, context_.model, context_.where));
        if (type == "message_start") {
            const Json& message = member(event, "message");
            answeredModel_ = stringMember(message, "model");
            takeUsage(member(message, "usage"), out);
        } else if (type == "content_block_start") {
            startBlock(indexOf(event), member(event, "content_block"), out);
        } else if (type == "content_block_delta") {
            continueBlock(indexOf(event), member(event, "delta"), out);
        } else if (type == "content_block_stop") {
            stopBlock(indexOf(event));
        } else if (type == "message_delta") {
            takeUsage(member(event, "usage"), out);
            takeFinish(stringMember(member(event, "delta"), "stop_reason"));
        } else if (type == "message_stop") {
            // Some servers leave the reason out; the mark itself is proof enough if nothing is
            // open.
            if (open_.empty()) takeFinish("end_turn");
            isOver_ = isFinished();
        }
    }

    void decodeWhole(const Json& answer, std::vector<StreamEvent>& out) override {
        answeredModel_ = stringMember(answer, "model");
        const Json& content = member(answer, "content");
        int64_t index = 0;
        if (content.is_array())
            for (const Json& block : content) {
                startBlock(index, block, out);
                stopBlock(index++);
            }
        takeUsage(member(answer, "usage"), out);
        takeFinish(stringMember(answer, "stop_reason"));
    }

    static int64_t indexOf(const Json& event) { return countMember(event, "index").value_or(0); }

    Block* openBlock(int64_t index, std::string type) {
        if (open_.size() >= kOpenBlocksMax) {
            failAgain("an answer with too many open blocks");
            return nullptr;
        }
        Block& block = open_[index];
        block = {};
        block.type = std::move(type);
        return &block;
    }

    void startBlock(int64_t index, const Json& start, std::vector<StreamEvent>& out) {
        stopBlock(index);  // a server that forgets to close
        Block* block = openBlock(index, stringMember(start, "type"));
        if (block == nullptr) return;
        if (block->type == "text") return addText(stringMember(start, "text"), out);
        if (block->type == "thinking" || block->type == "redacted_thinking") {
            block->raw = start;
            if (!grow(dumpJson(start).size())) return;
            return addReasoning(stringMember(start, "thinking"), out);
        }
        if (block->type != "tool_use") return;
        OpenCall* call = addCall();
        if (call == nullptr) return;
        block->call = calls_.size() - 1;
        call->call.id = stringMember(start, "id");
        call->call.name = stringMember(start, "name");
        const Json& input = member(start, "input");
        if (input.is_object() && !input.empty()) call->call.arguments = dumpJson(input);
        grow(call->call.id.size() + call->call.name.size() + call->call.arguments.size());
    }

    void continueBlock(int64_t index, const Json& delta, std::vector<StreamEvent>& out) {
        const std::string type = stringMember(delta, "type");
        const auto found = open_.find(index);
        Block* block = found == open_.end() ? nullptr : &found->second;
        if (type == "text_delta") return addText(stringMember(delta, "text"), out);
        if (type == "thinking_delta" || type == "signature_delta") {
            if (block == nullptr) block = openBlock(index, "thinking");
            if (block == nullptr) return;
            if (!block->raw.is_object()) block->raw = Json{{"type", "thinking"}, {"thinking", ""}};
            const char* key = type == "thinking_delta" ? "thinking" : "signature";
            std::string text = stringMember(delta, key);
            Json& kept = block->raw[key];
            if (!kept.is_string()) kept = std::string();
            kept.get_ref<std::string&>() += text;
            if (type == "thinking_delta") return addReasoning(std::move(text), out);
            grow(text.size());
            return;
        }
        if (type != "input_json_delta") return;
        if (block == nullptr || block->type != "tool_use")
            return failAgain("arguments that belong to no call");
        const std::string piece = stringMember(delta, "partial_json");
        if (grow(piece.size())) calls_[block->call].call.arguments += piece;
    }

    void stopBlock(int64_t index) {
        const auto found = open_.find(index);
        if (found == open_.end()) return;
        const Block& block = found->second;
        if (block.type == "tool_use") calls_[block.call].isClosed = true;
        if (block.raw.is_object()) keepReasoningBlock(block.raw);
        open_.erase(found);
    }

    // See AnthropicMessages::addAssistant in anthropic_body.cpp for "moxie_place".
    void keepReasoningBlock(const Json& raw) {
        const auto calls = int64_t(calls_.size());
        if (textBytes_ != placeTextBytes_ || calls != placeCalls_)
            blocks_.push_back(
                {{"type", "moxie_place"}, {"textBytes", textBytes_}, {"calls", calls}});
        placeTextBytes_ = textBytes_;
        placeCalls_ = calls;
        blocks_.push_back(raw);
    }

    std::string takeReasoningBlocks() override {
        return blocks_.empty() ? std::string() : dumpJson(blocks_);
    }

    void takeUsage(const Json& usage, std::vector<StreamEvent>& out) {
        if (!usage.is_object()) return;
        // Members that a later report leaves out keep their last value.
        fresh_ = countMember(usage, "input_tokens").value_or(fresh_);
        written_ = countMember(usage, "cache_creation_input_tokens").value_or(written_);
        read_ = countMember(usage, "cache_read_input_tokens").value_or(read_);
        output_ = countMember(usage, "output_tokens").value_or(output_);
        out.emplace_back(Usage{fresh_ + written_ + read_, read_, output_, 0});
    }

    void takeFinish(const std::string& reason) {
        if (reason.empty()) return;
        FinishReason result = FinishReason::stop;
        if (reason == "max_tokens") result = FinishReason::length;
        if (reason == "tool_use") result = FinishReason::toolCalls;
        if (reason == "refusal") result = FinishReason::refusal;
        if (reason == "model_context_window_exceeded") result = FinishReason::contextFull;
        finish(result, reason);
    }

    std::map<int64_t, Block> open_;
    Json blocks_ = Json::array();
    int64_t placeTextBytes_ = 0;
    int64_t placeCalls_ = 0;
    int64_t fresh_ = 0;
    int64_t written_ = 0;
    int64_t read_ = 0;
    int64_t output_ = 0;
};

}  // namespace

std::unique_ptr<AnswerDecoder> makeAnthropicDecoder(AnswerContext context) {
    return std::make_unique<AnthropicDecoder>(std::move(context));
}

}  // namespace moxie::engine
