#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "trimtab/base/energy_counter.hpp"
#include "trimtab/base/graphics_counter.hpp"
#include "trimtab/core/energy.hpp"
#include "trimtab/core/trial.hpp"
#include "trimtab/numerics/power_model.hpp"

namespace trimtab {

/// The energy that runs on this machine take.
///
/// Measured: of what the machine took while the run lasted, the share that its processor time is of
/// all the machine's. Modelled: what its load adds to the idle machine, and the idle power shared
/// by the study's parallel runs,
///   E = w (P(L) - P(0)) + w P(0) / parallel,   L = cpu seconds / (w * processors).
/// Graphics cards are measured where they count their energy, unless the model is asked for: what
/// they take between two starts or ends of runs is shared evenly by the runs that are on their way.
/// One thread. Cost: a few small files read at the start and at the end of a run.
class EnergyMeter {
 public:
  /// @param parallel  runs at a time, >= 1.
  /// @param powercap  folder of the counters.
  /// @param graphics  library of the cards' driver; "" = none.
  /// @throws UserError "energy.meter" when counters are demanded and there are none, or for a bad
  /// profile.
  EnergyMeter(const EnergyAccount& account, std::int64_t parallel,
              const std::string& powercap = "/sys/class/powercap",
              const std::string& graphics = kGraphicsLibrary);

  /// Whether the processors are; a sum with a modelled part is modelled.
  bool is_measured() const { return counter_.is_there() && !is_model_wanted_; }
  bool has_cards() const { return cards_.is_there(); }
  /// The method and what is known of its error, one line.
  std::string describe() const;

  void start(std::int64_t trial, std::int64_t run);
  /// Adds the energy, that of the graphics cards in it, and with a grid the carbon, of a run that
  /// has ended to its metrics. A metric of that name that the program reported is replaced.
  void finish(std::int64_t trial, std::int64_t run, const Resources& used,
              std::map<std::string, double>& metrics);

 private:
  struct Reading {
    double joules = 0.0;
    double busy_seconds = 0.0;
    double card_joules = 0.0;  // its share so far
  };
  Reading read();
  double measured(const Reading& before, const Resources& used);
  double modelled(const Resources& used) const;
  void share_cards();

  EnergyAccount account_;
  bool is_model_wanted_ = false;
  double parallel_ = 1.0;
  double processors_ = 1.0;
  EnergyCounter counter_;
  GraphicsCounter cards_;
  double shared_joules_ = 0.0;  // of the cards, given to runs or to nobody
  PowerModel model_;
  std::map<std::pair<std::int64_t, std::int64_t>, Reading> started_;
};

}  // namespace trimtab
