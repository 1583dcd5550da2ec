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


def bars(folder, name, title, ylabel, rows):
    """rows: [(label, measure.Spread), ...], the quarters as whiskers. The
    names of the pictures."""
    data = os.path.join(folder, name + ".dat")
    with open(data, "w", encoding="ascii") as file:
        file.writelines(
            f'{i} "{label}" {value.middle} {value.low} {value.high}\n'
            for i, (label, value) in enumerate(rows))
    names = []
    for kind, terminal in TERMINALS.items():
        names.append(f"{name}.{kind}")
        text = f"""set terminal {terminal}
set output '{os.path.join(folder, names[-1])}'
set title "{title}"
set ylabel "{ylabel}"
set style fill solid 0.5
set boxwidth 0.6
set xrange [-0.6:{len(rows) - 0.4}]
set yrange [0:*]
set grid y
plot '{data}' using 1:3:xticlabels(2) with boxes notitle, \\
    '{data}' using 1:3:4:5 with yerrorbars linecolor black notitle
"""
        proc.run(["gnuplot"], text=text)
    return names
