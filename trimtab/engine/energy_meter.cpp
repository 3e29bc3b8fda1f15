#include "trimtab/engine/energy_meter.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"
#include "trimtab/core/card_energy.hpp"
#include "trimtab/core/data_table.hpp"

namespace trimtab {
namespace {

constexpr double kWattsPerCore = 4.0;  // where no design power is given

PowerModel make_model(const EnergyAccount& account, double processors) {
  if (account.profile.empty()) {
    return PowerModel::from_tdp(account.tdp_watts.value_or(kWattsPerCore * processors));
  }
  const DataTable table = parse_csv(read_file(account.profile), account.profile);
  return PowerModel::from_profile(table.numbers("load"), table.numbers("watts"));
}

}  // namespace

EnergyMeter::EnergyMeter(const EnergyAccount& account, std::int64_t parallel,
                         const std::string& powercap, const std::string& graphics)
    : account_(account),
      is_model_wanted_(account.meter == EnergyAccount::Meter::Model),
      parallel_(static_cast<double>(std::max<std::int64_t>(1, parallel))),
      processors_(num_machine_processors()),
      counter_(powercap),
      cards_(is_model_wanted_ ? "" : graphics, std::getenv("CUDA_VISIBLE_DEVICES")),
      model_(make_model(account, processors_)) {
  if (account.meter != EnergyAccount::Meter::Rapl || counter_.is_there()) return;
  throw UserError({.code = "energy.meter",
                   .what = "the energy cannot be measured here",
                   .where = "energy/meter",
                   .got = counter_.problem(),
                   .expected = "readable energy counters",
                   .hint = "meter = \"model\" estimates it from processor time"});
}

std::string EnergyMeter::describe() const {
  const std::string cards =
      has_cards() ? fmt::format(
                        "; and {} graphics card{} measured by the driver (NVML, off by "
                        "about 5 %), shared evenly by the runs at a time",
                        cards_.num_cards(), cards_.num_cards() == 1 ? "" : "s")
                  : "";
  if (is_measured()) {
    return "measured by the processors' counters (RAPL), shared out by processor time" + cards;
  }
  std::string text = "modelled from processor time, ";
  if (!account_.profile.empty()) {
    text += "profile " + account_.profile + " (levels left out: off by 5 to 11 %)";
  } else if (account_.tdp_watts) {
    text += "design power " + format_short(*account_.tdp_watts) + " W (off by a factor of up to 2)";
  } else {
    text += "design power unknown, " + format_short(kWattsPerCore) +
            " W a core assumed (good for comparing trials only)";
  }
  return is_model_wanted_ ? text : text + "; not measured: " + counter_.problem() + cards;
}

EnergyMeter::Reading EnergyMeter::read() {
  return {.joules = counter_.joules(), .busy_seconds = machine_busy_seconds()};
}

// What the cards took since the last time, to the runs that were on their way meanwhile.
void EnergyMeter::share_cards() {
  if (!has_cards()) return;
  const double now = cards_.joules();
  const double share =
      (now - shared_joules_) / static_cast<double>(std::max<std::size_t>(1, started_.size()));
  for (auto& [run, reading] : started_) reading.card_joules += share;
  shared_joules_ = now;
}

void EnergyMeter::start(std::int64_t trial, std::int64_t run) {
  share_cards();
  if (is_measured() || has_cards()) started_[{trial, run}] = read();
}

double EnergyMeter::measured(const Reading& before, const Resources& used) {
  const Reading now = read();
  const double busy = now.busy_seconds - before.busy_seconds;
  const double share = busy > 0.0 ? std::min(1.0, used.cpu_seconds / busy) : 1.0 / parallel_;
  return (now.joules - before.joules) * share;
}

double EnergyMeter::modelled(const Resources& used) const {
  if (!(used.wall_seconds > 0.0)) return 0.0;
  const double load = used.cpu_seconds / (used.wall_seconds * processors_);
  const double idle = model_.watts(0.0);
  return used.wall_seconds * (model_.watts(load) - idle + idle / parallel_);
}

void EnergyMeter::finish(std::int64_t trial, std::int64_t run, const Resources& used,
                         std::map<std::string, double>& metrics) {
  share_cards();
  const auto found = started_.find({trial, run});
  if (found == started_.end() && is_measured()) return;
  const Reading before = found == started_.end() ? Reading() : found->second;
  if (found != started_.end()) started_.erase(found);
  const double joules =
      before.card_joules + (is_measured() ? measured(before, used) : modelled(used));
  if (has_cards()) metrics[kCardMetric] = before.card_joules;
  metrics[energy_metric(is_measured())] = joules;
  if (account_.grid_grams) {
    metrics[carbon_metric(is_measured())] = joules / kJoulesPerKwh * *account_.grid_grams;
  }
}

}  // namespace trimtab
