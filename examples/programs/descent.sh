#!/bin/sh
# Gradient descent with momentum on x^2 + 10 y^2, one report per four steps.
# usage: descent.sh RATE MOMENTUM
x=3 y=2 u=0 v=0
for step in 4 8 12 16 20 24 28 32; do
  line=$(awk -v x="$x" -v y="$y" -v u="$u" -v v="$v" -v rate="$1" -v momentum="$2" 'BEGIN {
    for (i = 0; i < 4; ++i) {
      u = momentum * u - rate * 0.2 * x; v = momentum * v - rate * 2 * y
      x += u; y += v
    }
    printf "%.17g %.17g %.17g %.17g %.17g", x, y, u, v, x * x + 10 * y * y
  }')
  read -r x y u v loss <<END
$line
END
  trimtab log step="$step" loss="$loss" || exit 0
done
trimtab log loss="$loss"
