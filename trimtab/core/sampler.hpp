#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "trimtab/base/rng.hpp"
#include "trimtab/core/info.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/space/space.hpp"

namespace trimtab {

/// What a sampler sees of a trial. The point is owned by the history and stays valid during the
/// call only.
struct Observation {
  std::int64_t number = 0;  ///< < 0: of an earlier study, told before all others
  PointView point = {};
  TrialState state = TrialState::Complete;
  double loss = 0.0;  ///< first objective, minimised; NaN when failed or running; may be infinite
  std::span<const double> losses =
      {};                      ///< every objective, minimised; empty when failed or running
  bool is_infeasible = false;  ///< failed because the program said so
  /// How far beyond each observed constraint a complete trial is: > 0 violates, <= 0 keeps it
  /// (MetricConstraint::violation). Empty without constraints and for every other state.
  std::span<const double> violations = {};
};

/// The sum of what violates, 0 for a trial that keeps every constraint. A value that is not a
/// number violates without measure (infinity).
inline double total_violation(std::span<const double> violations) {
  double total = 0.0;
  for (const double violation : violations) {
    if (violation > 0.0) total += violation;
    if (violation != violation) total = std::numeric_limits<double>::infinity();
  }
  return total;
}

/// What a sampler can handle; refused before the first trial otherwise.
struct Capabilities {
  bool conditional = true;
  bool parallel = true;  ///< asks sensibly while trials are running
  bool multi_objective = false;
  bool needs_finite_space = false;
  bool uses_priors = false;
};

/// Facts about the study that a sampler may need.
struct SamplerSetting {
  std::size_t num_objectives = 1;
  std::int64_t budget_trials = 0;   ///< 0 = unknown
  std::uint64_t seed = 0;           ///< for what must be fixed for a whole study, e.g. a scramble
  std::size_t num_constraints = 0;  ///< observed ones, the length of Observation::violations
};

/// A sampler proposes points from what it has seen. Rules that the contract suite checks:
/// - `ask` is const and uses no randomness but `rng`: same history + same generator = same points.
/// - The history may be told in any chunks: tell(a); tell(b) equals tell(a + b).
/// - Every point it returns satisfies `space.contains`.
/// - It may return fewer points than asked for only when it will never have another one (a grid).
/// - `tell` costs O(finished), not O(history).
template <typename T>
concept SamplerModel = requires(T sampler, const T& constant, std::size_t count, Rng& rng,
                                std::span<const Observation> observations) {
  { constant.ask(count, rng) } -> std::same_as<std::vector<Point>>;
  sampler.tell(observations, observations);
  { T::info() } -> std::same_as<Info>;
  { T::capabilities() } -> std::same_as<Capabilities>;
  requires std::constructible_from<T, const Space&, const OptionValues&, const SamplerSetting&>;
};

/// Any sampler, by value.
class AnySampler {
 public:
  AnySampler() = default;
  template <SamplerModel T>
  explicit AnySampler(std::unique_ptr<T> model)
      : model_(std::make_unique<Holder<T>>(std::move(model))) {}

  /// @param count  how many points, all to run at the same time. Fewer come back only when there
  /// will never be more.
  std::vector<Point> ask(std::size_t count, Rng& rng) const { return model_->ask(count, rng); }
  /// @param finished  trials that ended since the last tell, in the order of the log; each exactly
  /// once.
  /// @param active    every trial that is running now.
  void tell(std::span<const Observation> finished, std::span<const Observation> active) {
    model_->tell(finished, active);
  }
  explicit operator bool() const { return model_ != nullptr; }

 private:
  struct Model {
    virtual ~Model() = default;
    virtual std::vector<Point> ask(std::size_t count, Rng& rng) const = 0;
    virtual void tell(std::span<const Observation> finished,
                      std::span<const Observation> active) = 0;
  };
  template <typename T>
  struct Holder final : Model {
    explicit Holder(std::unique_ptr<T> model) : model_(std::move(model)) {}
    std::vector<Point> ask(std::size_t count, Rng& rng) const override {
      return model_->ask(count, rng);
    }
    void tell(std::span<const Observation> finished, std::span<const Observation> active) override {
      model_->tell(finished, active);
    }
    std::unique_ptr<T> model_;
  };
  std::unique_ptr<Model> model_;
};

struct SamplerEntry {
  Info info;
  Capabilities capabilities;
  std::function<AnySampler(const Space&, const OptionValues&, const SamplerSetting&)> make;
};

}  // namespace trimtab
