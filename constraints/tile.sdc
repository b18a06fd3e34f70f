# Timing of the tile, for OpenSTA and for the tools after it. The period is set before reading
# (`make synth` sets it); alone it is the 1 GHz of the published pulse-width modulation
# (Khaddam-Aljameh et al., JSSC 57, 1027, 2022: 1 ns per step). Units: ns.

if {![info exists period]} { set period 1.0 }

# One clock for rows, readout, NMPU and buses. It is ideal: nothing here stands for the delay or
# the skew of a clock tree.
create_clock -name clk -period $period [get_ports clk]

# The world outside takes a quarter of the period on either side, `rst` included: the reset is
# synchronous, so its release is timed like data.
set_input_delay [expr {$period / 4}] -clock clk [get_ports {rst
    control__awvalid control__awaddr* control__awprot*
    control__wvalid control__wdata* control__wstrb* control__bready
    control__arvalid control__araddr* control__arprot* control__rready
    x__tvalid x__tdata* x__tlast y__tready counts__valid counts__payload*}]
set_output_delay [expr {$period / 4}] -clock clk [all_outputs]

# No exceptions, for these reasons:
# - row pins come from flip-flops and are sampled by the array: an ordinary output;
# - the analog macro holds the counts from `valid` to `ready`, so they are an ordinary input, and no
#   multicycle path: a count may arrive in the very clock that captures it;
# - settings and coefficients may change while other reads are inside (two banks, settings taken
#   with the first read), so none of them is constant.
