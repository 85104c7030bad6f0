"""The tiny model of each family: config.json as its maker publishes it, and what it is to exercise."""

COMMON = {"hidden_act": "silu", "attention_dropout": 0.0, "initializer_range": 0.02, "use_cache": True,
          "torch_dtype": "float32", "vocab_size": 256}

DEEPSEEK = {**COMMON, "attention_bias": False, "bos_token_id": 0, "eos_token_id": 1, "ep_size": 1, "moe_layer_freq": 1,
            "max_position_embeddings": 163840, "rope_theta": 10000, "tie_word_embeddings": False, "seq_aux": True,
            "aux_loss_alpha": 0.001, "pretraining_tp": 1}


def yarn(factor, mscale, mscale_all_dim, beta_fast=32):
    return {"beta_fast": beta_fast, "beta_slow": 1, "factor": factor, "mscale": mscale, "mscale_all_dim": mscale_all_dim,
            "original_max_position_embeddings": 4096, "type": "yarn"}


LLAMA_TIED = {**COMMON, "architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": False,
              "bos_token_id": 0, "eos_token_id": 0, "hidden_size": 96, "intermediate_size": 160,
              "max_position_embeddings": 8192, "mlp_bias": False, "num_attention_heads": 6, "num_hidden_layers": 3,
              "num_key_value_heads": 2, "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_interleaved": False,
              "rope_scaling": None, "rope_theta": 100000, "tie_word_embeddings": True}

LLAMA3 = {**COMMON, "architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": False,
          "bos_token_id": 0, "eos_token_id": [1, 2], "head_dim": 48, "hidden_size": 128, "intermediate_size": 96,
          "max_position_embeddings": 131072, "mlp_bias": False, "num_attention_heads": 4, "num_hidden_layers": 3,
          "num_key_value_heads": 2, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
          "rope_scaling": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                           "original_max_position_embeddings": 128, "rope_type": "llama3"},
          "rope_theta": 500000.0, "tie_word_embeddings": False}

QWEN2 = {**COMMON, "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "bos_token_id": 0, "eos_token_id": 1,
         "hidden_size": 96, "intermediate_size": 128, "max_position_embeddings": 32768, "max_window_layers": 3,
         "num_attention_heads": 6, "num_hidden_layers": 3, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
         "rope_theta": 1000000.0, "sliding_window": 64, "use_sliding_window": False, "tie_word_embeddings": True}

QWEN3 = {**COMMON, "architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "attention_bias": False,
         "bos_token_id": 0, "eos_token_id": 1, "head_dim": 32, "hidden_size": 64, "intermediate_size": 160,
         "max_position_embeddings": 40960, "max_window_layers": 4, "num_attention_heads": 4, "num_hidden_layers": 4,
         "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_scaling": None, "rope_theta": 1000000,
         "sliding_window": None, "use_sliding_window": False, "tie_word_embeddings": False}

QWEN3_MOE = {**COMMON, "architectures": ["Qwen3MoeForCausalLM"], "model_type": "qwen3_moe", "attention_bias": False,
             "bos_token_id": 0, "eos_token_id": 1, "decoder_sparse_step": 1, "head_dim": 32, "hidden_size": 64,
             "intermediate_size": 160, "max_position_embeddings": 40960, "max_window_layers": 3, "mlp_only_layers": [],
             "moe_intermediate_size": 48, "norm_topk_prob": True, "num_attention_heads": 4, "num_experts": 8,
             "num_experts_per_tok": 3, "num_hidden_layers": 3, "num_key_value_heads": 2, "output_router_logits": False,
             "rms_norm_eps": 1e-06, "rope_scaling": None, "rope_theta": 1000000.0, "router_aux_loss_coef": 0.001,
             "sliding_window": None, "use_sliding_window": False, "tie_word_embeddings": False}

QWEN3_MOE_MIXED = {**QWEN3_MOE, "num_hidden_layers": 5, "decoder_sparse_step": 2, "mlp_only_layers": [3],
                   "norm_topk_prob": False}

GLM4_MOE = {**COMMON, "architectures": ["Glm4MoeForCausalLM"], "model_type": "glm4_moe", "attention_bias": True,
            "pad_token_id": 0, "eos_token_id": [0, 1, 2], "head_dim": 32, "hidden_size": 96, "partial_rotary_factor": 0.5,
            "intermediate_size": 160, "max_position_embeddings": 131072, "moe_intermediate_size": 48, "n_group": 1,
            "topk_group": 1, "n_routed_experts": 8, "n_shared_experts": 1, "norm_topk_prob": True,
            "num_attention_heads": 6, "num_experts_per_tok": 3, "num_hidden_layers": 4, "first_k_dense_replace": 2,
            "num_key_value_heads": 2, "num_nextn_predict_layers": 1, "rms_norm_eps": 1e-05, "rope_scaling": None,
            "rope_theta": 1000000, "routed_scaling_factor": 2.5, "tie_word_embeddings": False, "use_qk_norm": True}

GLM4_MOE_AIR = {**GLM4_MOE, "use_qk_norm": False, "routed_scaling_factor": 1.0, "first_k_dense_replace": 1,
                "num_hidden_layers": 3}

MINIMAX_M2 = {**COMMON, "architectures": ["MiniMaxM2ForCausalLM"], "model_type": "minimax_m2",
              "attn_type_list": [1, 1, 1], "head_dim": 32, "hidden_size": 96, "intermediate_size": 48,
              "max_position_embeddings": 196608, "mtp_transformer_layers": 1, "num_attention_heads": 6,
              "num_experts_per_tok": 3, "num_hidden_layers": 3, "num_key_value_heads": 2, "num_local_experts": 8,
              "num_mtp_modules": 3, "qk_norm_type": "per_layer", "rms_norm_eps": 1e-06, "rope_theta": 5000000,
              "rotary_dim": 16, "scoring_func": "sigmoid", "shared_intermediate_size": 0, "tie_word_embeddings": False,
              "use_mtp": True, "use_qk_norm": True, "use_routing_bias": True, "bos_token_id": 0, "eos_token_id": 1}

GPT_OSS = {**COMMON, "architectures": ["GptOssForCausalLM"], "model_type": "gpt_oss", "attention_bias": True,
           "torch_dtype": "bfloat16", "eos_token_id": 1, "pad_token_id": 2, "experts_per_token": 3, "head_dim": 32,
           "hidden_size": 96, "initial_context_length": 4096, "intermediate_size": 64,
           "layer_types": ["sliding_attention", "full_attention"] * 2, "max_position_embeddings": 131072,
           "num_attention_heads": 6, "num_experts_per_tok": 3, "num_hidden_layers": 4, "num_key_value_heads": 2,
           "num_local_experts": 8, "output_router_logits": False, "rms_norm_eps": 1e-05,
           "rope_scaling": {"beta_fast": 32.0, "beta_slow": 1.0, "factor": 32.0,
                            "original_max_position_embeddings": 4096, "rope_type": "yarn", "truncate": False},
           "rope_theta": 150000, "router_aux_loss_coef": 0.9, "sliding_window": 32, "swiglu_limit": 1.25,
           "tie_word_embeddings": False}

DEEPSEEK_V2_LITE = {**DEEPSEEK, "architectures": ["DeepseekV2ForCausalLM"], "model_type": "deepseek_v2",
                    "first_k_dense_replace": 1, "hidden_size": 96, "intermediate_size": 160, "kv_lora_rank": 64,
                    "moe_intermediate_size": 48, "n_group": 1, "n_routed_experts": 8, "n_shared_experts": 2,
                    "norm_topk_prob": False, "num_attention_heads": 3, "num_experts_per_tok": 3, "num_hidden_layers": 3,
                    "num_key_value_heads": 3, "q_lora_rank": None, "qk_nope_head_dim": 32, "qk_rope_head_dim": 32,
                    "rms_norm_eps": 1e-06, "rope_scaling": yarn(40, 0.707, 0.707), "routed_scaling_factor": 1.0,
                    "scoring_func": "softmax", "topk_group": 1, "topk_method": "greedy", "v_head_dim": 48}

DEEPSEEK_V2 = {**DEEPSEEK_V2_LITE, "q_lora_rank": 64, "topk_method": "group_limited_greedy", "n_group": 4,
               "topk_group": 2, "routed_scaling_factor": 3.0, "num_hidden_layers": 4}

DEEPSEEK_V3 = {**DEEPSEEK, "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3",
               "first_k_dense_replace": 1, "hidden_size": 128, "intermediate_size": 192, "kv_lora_rank": 64,
               "moe_intermediate_size": 64, "n_group": 4, "n_routed_experts": 8, "n_shared_experts": 1,
               "norm_topk_prob": True, "num_attention_heads": 4, "num_experts_per_tok": 3, "num_hidden_layers": 3,
               "num_key_value_heads": 4, "num_nextn_predict_layers": 1, "q_lora_rank": 96, "qk_nope_head_dim": 48,
               "qk_rope_head_dim": 32, "rms_norm_eps": 1e-06, "rope_scaling": yarn(40, 1.0, 1.0),
               "routed_scaling_factor": 2.5, "scoring_func": "sigmoid", "topk_group": 2, "topk_method": "noaux_tc",
               "v_head_dim": 48}

KIMI_K2 = {**DEEPSEEK_V3, "model_type": "kimi_k2", "n_group": 1, "topk_group": 1, "num_nextn_predict_layers": 0,
           "rms_norm_eps": 1e-3, "rope_scaling": yarn(32, 1.0, 1.0, beta_fast=1), "rope_theta": 50000.0,
           "routed_scaling_factor": 2.827, "num_attention_heads": 2, "num_key_value_heads": 2,
           "moe_intermediate_size": 48}

DEEPSEEK_V32 = {**DEEPSEEK_V3, "architectures": ["DeepseekV32ForCausalLM"], "model_type": "deepseek_v32",
                "index_head_dim": 64, "index_n_heads": 16, "index_topk": 48}

DEEPSEEK_V4 = {**COMMON, "architectures": ["DeepseekV4ForCausalLM"], "model_type": "deepseek_v4",
               "attention_bias": False, "bos_token_id": 0, "eos_token_id": 1, "hc_eps": 1e-06, "hc_mult": 4,
               "hc_sinkhorn_iters": 20, "head_dim": 128, "hidden_size": 96, "index_head_dim": 128, "index_n_heads": 16,
               "index_topk": 16, "max_position_embeddings": 1048576, "moe_intermediate_size": 64,
               "n_routed_experts": 8, "n_shared_experts": 1, "norm_topk_prob": True, "num_attention_heads": 4,
               "num_experts_per_tok": 2, "num_hash_layers": 3, "num_hidden_layers": 5, "num_key_value_heads": 1,
               "num_nextn_predict_layers": 1, "o_groups": 2, "o_lora_rank": 32, "q_lora_rank": 64,
               "qk_rope_head_dim": 64, "rms_norm_eps": 1e-06,
               "rope_scaling": {"beta_fast": 32, "beta_slow": 1, "factor": 16,
                                "original_max_position_embeddings": 65536, "type": "yarn"},
               "rope_theta": 10000, "routed_scaling_factor": 1.5, "scoring_func": "sqrtsoftplus", "sliding_window": 128,
               "swiglu_limit": 1.0, "tie_word_embeddings": False, "topk_method": "noaux_tc",
               "compress_rope_theta": 160000, "compress_ratios": [0, 0, 4, 128, 4, 0]}

DEEPSEEK_V4_PRO = {**DEEPSEEK_V4, "hidden_size": 64, "num_attention_heads": 8, "o_groups": 4, "index_topk": 24,
                   "routed_scaling_factor": 2.5, "compress_ratios": [128, 128, 4, 128, 4, 0]}

# name: (config, what it exercises, transformers class)
FAMILIES = {
    "llama_tied": (LLAMA_TIED, "tied embeddings, grouped heads, no bias (SmolLM2's shape)", "Llama"),
    "llama3": (LLAMA3, "llama3 rope scaling with all three ranges, head_dim 48 unlike hidden / heads", "Llama"),
    "qwen2": (QWEN2, "biases on q, k, v; tied; a sliding window that is configured but not used", "Qwen2"),
    "qwen3": (QWEN3, "per-head RMS on q and k; head_dim unlike hidden / heads", "Qwen3"),
    "qwen3_moe": (QWEN3_MOE, "softmax router, renormalised, no shared expert", "Qwen3Moe"),
    "qwen3_moe_mixed": (QWEN3_MOE_MIXED, "sparse step 2 and mlp_only_layers: only layer 1 is sparse; not renormalised",
                        "Qwen3Moe"),
    "glm4_moe": (GLM4_MOE, "GLM-4.5: q/k/v biases, QK norm, half the head rotated, 2 dense layers, MTP", "Glm4Moe"),
    "glm4_moe_air": (GLM4_MOE_AIR, "GLM-4.5-Air: no QK norm, scale 1, 1 dense layer, MTP", "Glm4Moe"),
    "minimax_m2": (MINIMAX_M2, "RMS over the whole q and k rows, rotary_dim 16 of 32, sigmoid router", "MiniMaxM2"),
    "gpt_oss": (GPT_OSS, "BF16 [E, in, out] experts with biases, clamp at 1.25, sinks, window 32, YaRN not truncated", "GptOss"),
    "deepseek_v2_lite": (DEEPSEEK_V2_LITE, "MLA without q_lora, softmax not renormalised, YaRN mscale 0.707", "DeepseekV2"),
    "deepseek_v2": (DEEPSEEK_V2, "MLA, group_limited_greedy (group maximum, masked groups 0), scale 3", "DeepseekV2"),
    "deepseek_v3": (DEEPSEEK_V3, "MLA, groups by the two best, selection bias, YaRN mscale 1, MTP", "DeepseekV3"),
    "kimi_k2": (KIMI_K2, "one group, beta_fast = beta_slow = 1, eps 1e-3 for all but the two latent norms", "DeepseekV3"),
    "deepseek_v32": (DEEPSEEK_V32, "sparse attention: 48 of up to 256 tokens; half-split indexer rope; MTP", "DeepseekV32"),
    "deepseek_v4": (DEEPSEEK_V4, "Flash-like: 2 window layers, CSA, HCA, CSA; hash layers; MTP", "DeepseekV4"),
    "deepseek_v4_pro": (DEEPSEEK_V4_PRO, "Pro-like: 2 HCA layers first, 4 output groups; MTP", "DeepseekV4"),
}
