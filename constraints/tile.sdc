# Timing of a tile, for OpenSTA and for the tools after it. `make verilog` puts the names of a tile's
# ports in front of the rules and writes both beside its Verilog. `make synth` reads this file as it
# is: then the tool is asked for the names.

proc names_of {ports} {
    set names {}
    foreach port $ports { lappend names [regsub {\[\d+\]$} [get_property $port full_name] {[*]}] }
    return [lsort -unique $names]
}
set inputs [lsearch -all -inline -not -regexp [names_of [all_inputs]] {^(clk$|oscillators__)}]
set outputs [names_of [all_outputs]]
set oscillators [lsearch -all -inline [names_of [all_inputs]] oscillators__*]
set counter_bits 1
if {[llength $oscillators] > 0} {
    foreach pin [all_registers -clock_pins] {
        if {[regexp {bit_(\d+)_reg/(\w+)$} [get_property $pin full_name] -> bit clock_pin]} {
            set counter_bits [expr {max($counter_bits, $bit + 1)}]
        }
    }
}

# ---- Rules

# A library in another unit of time is told.
set_units -time ns

# The period can be set before this is read. Alone it is the 1 GHz of the published pulse-width
# modulation (Khaddam-Aljameh et al., JSSC 57, 1027, 2022: 1 ns per step).
if {![info exists period]} { set period 1.0 }

# One clock for rows, readout, NMPU and buses. It is ideal: nothing here stands for the delay or
# the skew of a clock tree.
create_clock -name clk -period $period [get_ports clk]

# The world outside takes a quarter of the period on either side, `rst` included: the reset is
# synchronous, so its release is timed like data.
set_input_delay [expr {$period / 4}] -clock clk [get_ports $inputs]
set_output_delay [expr {$period / 4}] -clock clk [get_ports $outputs]

# No exceptions among these, for these reasons:
# - row, converter and programming pins are sampled by the macro: ordinary outputs;
# - the analog macro holds the counts from `valid` to `ready`, so they are an ordinary input, and no
#   multicycle path: a count may arrive in the very clock that captures it;
# - settings and coefficients may change while other reads are inside (two banks, settings taken
#   with the first read), so none of them is constant;
# - `trigger` is sampled without a synchroniser, so whoever drives it has to be in step.

if {[llength $oscillators] > 0} {
    # The published oscillator peaks at about 3.3 GHz, 300 ps per count (same paper). One clock
    # stands for all of them, since nothing goes from one to another.
    if {![info exists oscillator_period]} { set oscillator_period 0.3 }
    create_clock -name oscillators -period $oscillator_period [get_ports $oscillators]

    # Bit 0 of a counter is clocked by its oscillator, any other by the bit before it, so half as
    # often at most. Their clock starts where it arrives and not where it leaves: a mapper takes Q
    # or QN of the bit before, whichever suits it. All bits together stop bit 0 at full scale, so
    # they have one period to reach it (docs/oscillator.md, "In time for the next edge").
    if {![info exists clock_pin]} { set clock_pin CK }
    set later {}
    for {set bit 1} {$bit < $counter_bits} {incr bit} { lappend later *bit_${bit}_reg/$clock_pin }
    create_clock -name ripple -period [expr {2 * $oscillator_period}] \
        [get_pins -hierarchical $later]

    # Gate and clear move at any time of the oscillators, and counts stand still for as long as the
    # clock may take them. So there is no edge to meet, and a delay is bounded instead: a quarter
    # of the period on either side. What is left of `settle_clocks` is for the carry and for a bit
    # that cannot decide (docs/oscillator.md, "The least settle time").
    set counters [get_clocks {oscillators ripple}]
    set_max_delay [expr {$period / 4}] -from [get_clocks clk] -to $counters
    set_max_delay [expr {$period / 4}] -from $counters -to [get_clocks clk]
    # Gate and clear may meet any edge, and no count changes in the clock that takes it: there is
    # nothing to hold.
    set_false_path -hold -from [get_clocks clk] -to $counters
    set_false_path -hold -from $counters -to [get_clocks clk]
}
