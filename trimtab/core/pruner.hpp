#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "trimtab/core/info.hpp"
#include "trimtab/core/study.hpp"
#include "trimtab/core/trial.hpp"

namespace trimtab {

/// One thing that happened to a trial of the search. Losses are minimised, in the objectives'
/// order; they live during the call only.
struct Progress {
  enum class Kind : std::uint8_t {
    Report,  ///< the trial said how it stands at a step
    End,     ///< the trial has ended
  };
  Kind kind = Kind::Report;
  std::int64_t trial = 0;
  /// Report: finite. Steps of a trial may come in any order, with gaps, and again after a restart.
  double step = 0.0;
  /// Report: one per objective; NaN = not a number or not said. End: one per objective when
  /// complete, else empty.
  std::span<const double> losses = {};
  TrialState state = TrialState::Running;  ///< End: Complete, Pruned or Failed
};

/// What a pruner can handle and what the contract suite may ask of it.
struct PrunerCapabilities {
  bool multi_objective = true;  ///< judges several objectives by dominance
  /// Judges trials by each other: never stops the best of all, nor anybody when all are equal, and
  /// stops some of those that are much worse than many others.
  bool compares = true;
};

class AnyPruner;

/// Facts about the study that a pruner may need.
struct PrunerSetting {
  std::vector<Objective> objectives = {Objective{}};
  std::uint64_t seed = 0;  ///< for what must be fixed for a whole study, e.g. brackets
  double min_step = 0.0;   ///< of the study's fidelity; 0 = not known
  double max_step = 0.0;   ///< the same; a trial that is not stopped runs until here
  /// Another pruner with its default options. @throws UserError with the nearest name.
  std::function<AnyPruner(const std::string& name)> make_other = {};
};

/// A pruner says which running trials are not worth their further cost. Rules that the contract
/// suite (core/contract/pruner_contract.hpp) checks:
/// - `should_prune` is const and depends on what was told alone: same log = same decisions.
/// - What happened may be told in any chunks: tell(a); tell(b) equals tell(a + b).
/// - A repeated step of a trial replaces what the trial said there (a restart).
/// - NaN counts as the worst of all losses. Equal losses are never worse than each other.
/// - A trial or a step that was not told is never stopped.
template <typename T>
concept PrunerModel =
    requires(T pruner, const T& constant, std::span<const Progress> progress, std::int64_t trial) {
      pruner.tell(progress);
      { constant.should_prune(trial, 0.0) } -> std::same_as<bool>;
      { constant.explain(trial, 0.0) } -> std::same_as<std::string>;
      { T::info() } -> std::same_as<Info>;
      { T::capabilities() } -> std::same_as<PrunerCapabilities>;
      requires std::constructible_from<T, const OptionValues&, const PrunerSetting&>;
    };

/// Any pruner, by value.
class AnyPruner {
 public:
  AnyPruner() = default;
  template <PrunerModel T>
  explicit AnyPruner(std::unique_ptr<T> model)
      : model_(std::make_unique<Holder<T>>(std::move(model))) {}

  /// @param progress  what happened since the last tell, in the order of the log; each once.
  void tell(std::span<const Progress> progress) { model_->tell(progress); }
  /// Whether a trial that has just reported `step` should end.
  bool should_prune(std::int64_t trial, double step) const {
    return model_->should_prune(trial, step);
  }
  /// Why `should_prune` is true, in a few words: "worse than the median 0.31 of 12 trials".
  std::string explain(std::int64_t trial, double step) const {
    return model_->explain(trial, step);
  }
  explicit operator bool() const { return model_ != nullptr; }

 private:
  struct Model {
    virtual ~Model() = default;
    virtual void tell(std::span<const Progress> progress) = 0;
    virtual bool should_prune(std::int64_t trial, double step) const = 0;
    virtual std::string explain(std::int64_t trial, double step) const = 0;
  };
  template <typename T>
  struct Holder final : Model {
    explicit Holder(std::unique_ptr<T> model) : model_(std::move(model)) {}
    void tell(std::span<const Progress> progress) override { model_->tell(progress); }
    bool should_prune(std::int64_t trial, double step) const override {
      return model_->should_prune(trial, step);
    }
    std::string explain(std::int64_t trial, double step) const override {
      return model_->explain(trial, step);
    }
    std::unique_ptr<T> model_;
  };
  std::unique_ptr<Model> model_;
};

struct PrunerEntry {
  Info info;
  PrunerCapabilities capabilities;
  std::function<AnyPruner(const OptionValues&, const PrunerSetting&)> make;
};

}  // namespace trimtab
