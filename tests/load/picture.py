"""Rate and latency over time, one above the other, as SVG and as PNG."""

import os

from bench.plot import TERMINALS
from testlib import proc

SCRIPT = """set terminal {terminal}
set output '{out}'
set multiplot layout 2,1
set grid
set yrange [0:*]
set lmargin 10
set ylabel "calls a second"
plot '{data}' using 1:2 with lines linewidth 2 notitle
set ylabel "ms to the answer"
set xlabel "seconds"
plot '{data}' using 1:3 with lines linewidth 2 title "50 %", \\
	'{data}' using 1:4 with lines linewidth 2 title "99 %"
unset multiplot
"""


def draw(folder, seconds):
    """seconds: of tally.per_second(). The files it made."""
    data = os.path.join(folder, "load.dat")
    with open(data, "w", encoding="ascii") as file:
        file.writelines(f"{second} {calls} {middle * 1000} {most * 1000}\n"
                        for second, calls, middle, most in seconds)
    made = []
    for kind, terminal in TERMINALS.items():
        made.append(os.path.join(folder, "load." + kind))
        proc.run(["gnuplot"], text=SCRIPT.format(
            terminal=terminal, out=made[-1], data=data))
    return made
