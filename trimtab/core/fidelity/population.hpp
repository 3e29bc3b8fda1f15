#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "trimtab/core/pruning/ranked_losses.hpp"
#include "trimtab/core/schedule.hpp"

namespace trimtab {

// Notation in this file
//   t         fidelity between two decisions ("ready"), the study's min; levels are t, 2 t, ... max
//   N         members
//   segment   a trial: what one member does from one level to the next

/// Members that train side by side; a poor one takes over the checkpoint and the parameters of a
/// good one, changed by `explore`. What the schedules of population based training share.
///
/// A member is a chain of trials. Each runs one interval from its parent's checkpoint, so that
/// every checkpoint that others begin with is finished and stays as it is. A free worker continues
/// the member that is furthest behind; nobody waits for a generation. Lineage is in the log:
/// of_trial is whose checkpoint a trial began with, "population.member" which member it is. Members
/// are compared by their latest result at or below the level of whoever decides.
/// Source: Jaderberg et al. 2017, "Population based training of neural networks", algorithm 1 and
///   section 4.1 (truncation selection, binary tournament).
/// Differs: the t-test of section 4.1 is left out. A member whose segment failed takes over a good
///   one's, or begins anew while nobody has a result. The default configuration runs once, beside
///   the population, with max. When the budget ends before a member has come to max, the best one
///   goes on as it is.
/// Cost: a result O(log N); a birth O(N log N + explore).
class Population : public Schedule {
 public:
  int top() const override { return top_; }
  double fidelity(int level) const override;
  int first_level(std::int64_t) const override { return 0; }
  void tell(const LevelEvent& event) override;
  std::optional<std::int64_t> promotion(bool is_growing) const override;
  Growth growth() const override;
  Birth birth(std::int64_t number, const Space& space, Rng& rng) const override;

 protected:
  struct Segment {
    std::int64_t trial = -1;
    int level = -1;  // reached
    std::vector<double> losses = {};
    Point point = {};
    std::int64_t parent = -1;
  };
  /// The options that every population has: population, exploit, quantile.
  static std::vector<OptionInfo> shared_options();
  Population(const OptionValues& options, const ScheduleSetting& setting);
  /// Parameters for whoever begins with this segment's checkpoint at `level`. Legal.
  virtual Point explore(const Segment& from, int level, const Space& space, Rng& rng) const = 0;

  /// Every segment with a result, in the order of the results.
  const std::vector<Segment>& history() const { return history_; }
  /// Points of the segments that run now.
  const std::map<std::int64_t, Point>& running() const { return points_; }

 private:
  struct Member {
    std::vector<Segment> segments = {};  // with a result
    bool is_running = false;
    bool has_failed = false;  // its last segment
    int next_level = 0;
  };
  void end(std::int64_t trial, const LevelEvent& event);
  void go_on(const LevelEvent& event);
  const Segment* latest(const Member& member, int level) const;
  std::vector<const Segment*> ranked(int level) const;
  const Segment* exploit(const Member& member, Rng& rng) const;

  Fidelity fidelity_;
  int top_ = 0;
  std::size_t num_objectives_;
  std::vector<Member> members_;
  std::vector<Segment> history_;
  std::map<std::int64_t, std::int64_t> member_of_;  // running trial -> member
  std::map<std::int64_t, Point> points_;            // of running trials
  std::map<std::int64_t, std::int64_t> parents_;    // of running trials
  double quantile_;
  bool is_tournament_;
};

}  // namespace trimtab
