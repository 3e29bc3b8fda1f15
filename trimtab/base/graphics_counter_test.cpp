#include "trimtab/base/graphics_counter.hpp"

#include <gtest/gtest.h>

#include "trimtab/base/testing/fake_cards.hpp"

namespace trimtab {
namespace {

TEST(GraphicsCounter, SumsTheCardsExactlySinceItWasMade) {
  const FakeCards cards;
  cards.set("1000 5");
  GraphicsCounter counter(FakeCards::library());
  ASSERT_TRUE(counter.is_there()) << counter.problem();
  EXPECT_EQ(counter.num_cards(), 2u);
  EXPECT_EQ(counter.joules(), 0.0);
  cards.set("3001 1005");
  EXPECT_DOUBLE_EQ(counter.joules(), 3.001);
  EXPECT_DOUBLE_EQ(counter.joules(), 3.001);
  GraphicsCounter moved = std::move(counter);
  cards.set("3002 1005");
  EXPECT_DOUBLE_EQ(moved.joules(), 3.002);
}

TEST(GraphicsCounter, CountsOnlyTheCardsThatAreVisible) {
  const FakeCards cards;
  cards.set("0 0 0");
  const auto joules_of = [&](const char* visible) {
    cards.set("0 0 0");
    GraphicsCounter counter(FakeCards::library(), visible);
    cards.set("1000 20000 300000");
    return counter.joules();
  };
  EXPECT_DOUBLE_EQ(joules_of(nullptr), 321.0);
  EXPECT_DOUBLE_EQ(joules_of("1"), 20.0);
  EXPECT_DOUBLE_EQ(joules_of("2, 0"), 301.0);
  EXPECT_DOUBLE_EQ(joules_of("GPU-1a,GPU-1"), 20.0);
  EXPECT_DOUBLE_EQ(joules_of("0,-1,2"), 1.0);
  EXPECT_DOUBLE_EQ(joules_of("0,7,2"), 1.0);
  EXPECT_EQ(GraphicsCounter(FakeCards::library(), "").problem(), "no graphics card to be seen");
  EXPECT_FALSE(GraphicsCounter(FakeCards::library(), "-1").is_there());
}

TEST(GraphicsCounter, SaysWhyThereIsNothingToRead) {
  EXPECT_EQ(GraphicsCounter("libno-such-library.so.1").problem(),
            "no library libno-such-library.so.1");
  EXPECT_EQ(GraphicsCounter("").problem(), "cards are not looked for");
  EXPECT_EQ(GraphicsCounter(FakeCards::library()).problem(),
            FakeCards::library() + " does not work here");  // no driver
  EXPECT_EQ(GraphicsCounter("libm.so.6").problem(), "libm.so.6 does not work here");
  const FakeCards cards;
  cards.set("100 -");
  GraphicsCounter counter(FakeCards::library());
  EXPECT_FALSE(counter.is_there());  // a part would pass for the whole
  EXPECT_EQ(counter.problem(), "card 1 has no energy counter");
  EXPECT_EQ(counter.joules(), 0.0);
}

TEST(GraphicsCounter, CountsOnWhenACardIsSilentForOnceOrCountsFromZero) {
  const FakeCards cards;
  cards.set("1000");
  GraphicsCounter counter(FakeCards::library());
  cards.set("-");
  EXPECT_EQ(counter.joules(), 0.0);
  cards.set("4000");
  EXPECT_DOUBLE_EQ(counter.joules(), 3.0);
  cards.set("500");  // the driver was loaded again
  EXPECT_DOUBLE_EQ(counter.joules(), 3.5);
}

}  // namespace
}  // namespace trimtab
