#pragma once

#include <string_view>

namespace trimtab::parallelism {

// Notation in this room
//   L, h, a    layers, width, heads of the model        V, s   vocabulary 51 200, sequence 2 048
//   t, p, d    tensor, pipeline and data parallelism    b      sequences in a micro-batch
//   m          micro-batches of a pipeline in an iteration
//   a device is one GCD, half an MI250X: 191.5 TFLOP/s at half precision, 64 GB, eight of them in a
//   node

struct Model {
  double layers = 0.0;
  double width = 0.0;
  double heads = 0.0;
};

/// "22b", "52b", "175b" or "1t"; 52b lies between the published ones. @throws BugError otherwise.
Model model_of(std::string_view name);

/// How one model is laid out over devices. Every field >= 1.
struct Layout {
  double tensor = 1.0;
  double pipeline = 1.0;
  double data = 1.0;
  double micro_batch = 1.0;
  double micro_batches = 1.0;
  bool has_zero1 = false;     ///< the optimiser's state is divided by the data parallelism
  bool has_recompute = true;  ///< activations are computed again for the backward pass
};

/// What is not known from data sheets. The defaults are what `calibrate` finds.
struct Efficiency {
  double kernels = 0.6169;  ///< share of the peak that large matrix products reach
  double network = 0.4820;  ///< share of the links' bandwidth
};

struct Iteration {
  double seconds = 0.0;
  double bubble_share = 0.0;       ///< of the time, lost to filling and draining the pipeline
  double tflops_per_device = 0.0;  ///< hardware operations, recomputation among them
  double utilisation = 0.0;        ///< of the peak, in [0, 1]
};

/// Time of one training iteration:
///   seconds = (m + p - 1) (compute + tensor all-reduces + pipeline sends) + gradient reduction
///   compute = 96 b s L/p h^2 (1 + s / 6h + V / 16Lh) / t / (peak e),  e = kernels x / (x + 1000),
///   x = b h / t
/// (72 without recomputation). Six all-reduces of 2 b s h bytes a layer (four without), over 200
/// GB/s for t = 2, 75 GB/s within a node, 12.5 GB/s a device beyond; sends at 25 GB/s; gradients
/// twice 2 bytes a parameter at 12.5 GB/s. Source: Narayanan et al. 2021, "Efficient large-scale
/// language model training on GPU clusters",
///   sections 2 and 3 (operations, bubble); Dash et al. 2023, "Optimizing distributed training on
///   Frontier for large language models" (machine).
/// Differs: a saturating curve for the kernels; no overlap of communication with computation and no
///   contention between replicas. O(1).
Iteration simulate(const Model& model, const Layout& layout, const Efficiency& efficiency);

/// Bytes of the fullest device: 4 + 12 bytes a parameter of the optimiser's mixed precision (the 12
/// divided by d with ZeRO-1), checkpoints of min(p, m) micro-batches, one layer's activations, and
/// the logits.
/// Source: Rajbhandari et al. 2020, "ZeRO", section 3; Korthikanti et al. 2022, equation 2.
/// Differs: attention without its s^2 term (flash attention). O(1).
double memory_bytes(const Model& model, const Layout& layout);

/// Both efficiencies from the utilisation that was reported for 22b and 175b, 38.38 % and 36.14 %.
/// The layout of 22b is not in the reports that we have; t = 4, p = 2, b = 4, m = 40, d = 4 is
/// assumed. 175b: t = 4, p = 16, b = 1, a batch of 640. Cost: 0.1 ms.
Efficiency calibrate();

}  // namespace trimtab::parallelism
