"""Curves with gnuplot: the same picture as SVG and as PNG."""

import os

from testlib import proc

TERMINALS = {"svg": "svg size 800,500", "png": "pngcairo size 800,500"}


def curve(folder, name, title, xlabel, ylabel, points):
    """points: [(x, y), ...], x logarithmic. The names of the pictures."""
    data = os.path.join(folder, name + ".dat")
    with open(data, "w", encoding="ascii") as file:
        file.writelines(f"{x} {y}\n" for x, y in points)
    names = []
    for kind, terminal in TERMINALS.items():
        names.append(f"{name}.{kind}")
        text = f"""set terminal {terminal}
set output '{os.path.join(folder, names[-1])}'
set title "{title}"
set xlabel "{xlabel}"
set ylabel "{ylabel}"
set logscale x
set format x "10^{{%L}}"
set yrange [0:*]
set grid
plot '{data}' using 1:2 with linespoints linewidth 2 notitle
"""
        proc.run(["gnuplot"], text=text)
    return names
